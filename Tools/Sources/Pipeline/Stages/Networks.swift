internal import Autograd
internal import Backbone
internal import Datasets
internal import Foundation
internal import Tensor

extension StageContext {
  /// The backbone of this stage.
  var network: NetworkSettings { stage == .segment ? recipe.segment.network : recipe.network }

  /// The backbone of this stage, with what the recipe fixes fixed.
  ///
  /// - Parameters:
  ///   - random: Drawn from by dropout.
  ///   - initial: Where a training takes its weights from; `nil` where a model's weights follow.
  /// - Returns: The backbone.
  /// - Throws: The reader's error, naming the file of weights and what is wrong with it.
  func makeBackbone(
    _ random: RandomSource, _ initial: InitialWeights? = nil
  ) throws -> any FeatureExtractor {
    var generator = generator("backbone")
    let backbone = try NetworkName(named: network.name).makeNetwork(
      outputStride: network.outputStride, random: random, using: &generator)
    if let stage = initial?.stage {
      try load(backbone, from: stage)
    } else if initial == .network, !network.weights.isEmpty {
      let report = try backbone.loadWeights(try WeightFile(reading: network.weights))
      console.say("\(stage.rawValue): \(report)")
    }
    if network.fixedBatchNorm { backbone.setBatchNorm(.fixedStatistics) }
    backbone.freezeStages(network.frozenStages)
    return backbone
  }

  /// Sets a backbone's weights to those that an earlier stage trained.
  private func load(_ backbone: any FeatureExtractor, from stage: StageName) throws {
    let file = try WeightFile(reading: input(stage, Model.file))
    try backbone.load(
      file.tensors.filter { $0.key.hasPrefix("backbone.") }.reduce(into: [:]) {
        $0[String($1.key.dropFirst("backbone.".count))] = $1.value
      }, from: file.path)
  }

  /// Sets a whole model's weights to those that an earlier stage trained.
  func load(_ model: any Module, from stage: StageName) throws {
    try model.loadWeights(try WeightFile(reading: input(stage, Model.file)))
    model.eval()
  }

  /// Writes the stage's model.
  func save(_ model: any Module) throws {
    let classes = try data.classes().names.joined(separator: "\n")
    try model.saveWeights(
      to: output(Model.file),
      metadata: [
        "stage": stage.rawValue, "network": network.name,
        "outputStride": "\(network.outputStride)", "classes": classes,
      ])
  }

  /// How the backbone wants its pixels.
  var normalization: Normalization {
    let preset = NetworkName(rawValue: network.name)?.inputPreset ?? .imageNet
    return Normalization(mean: preset.mean, standardDeviation: preset.standardDeviation)
  }
}

extension NetworkSettings {
  /// The file of weights, by its key, where a training starts from it.
  func files(_ initial: InitialWeights, key: String = "network") -> [String: String] {
    initial == .network && !weights.isEmpty ? ["\(key).weights": weights] : [:]
  }
}

enum Model {
  /// The file of a stage's trained weights.
  static let file = "model.safetensors"
}

/// Which weights a network starts from.
public enum InitialWeights: String, Codable, Sendable, CaseIterable {
  /// The recipe's file of weights, or random ones.
  case network
  /// The classifier's backbone.
  case classify
  /// The backbone that `fbr` trained.
  case fbr

  var stage: StageName? {
    switch self {
    case .network: nil
    case .classify: .classify
    case .fbr: .fbr
    }
  }
}
