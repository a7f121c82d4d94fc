internal import Backbone

/// The backbone that stages start from.
public struct NetworkSettings: Settings {
  /// A name as `NetworkName` has it.
  public var name = "resnet50"
  /// A file of ImageNet weights; empty: random weights.
  public var weights = ""
  /// Image pixels a pixel of the last stage.
  public var outputStride = 16
  /// Stages that never train, from the first.
  public var frozenStages = 0
  /// Whether batch norms keep the statistics of the weights' file (their scale and shift train), or
  /// take those of each batch, as a network without weights needs.
  public var fixedBatchNorm = true

  /// Creates the defaults.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    guard let network = NetworkName(rawValue: name) else {
      rules.require(
        false, "name", "'\(name)'",
        expected: "one of " + NetworkName.allCases.map(\.rawValue).joined(separator: ", "))
      return
    }
    rules.require(
      network.outputStrides.contains(outputStride), "outputStride", outputStride,
      expected: "one of \(network.outputStrides) for \(name)")
    rules.require(
      (0...network.stageChannels.count).contains(frozenStages), "frozenStages", frozenStages,
      expected: "0...\(network.stageChannels.count)")
    // Random weights have no statistics to keep: activations and loss explode.
    rules.require(
      !fixedBatchNorm || !weights.isEmpty, "weights", "empty",
      expected: "a file of ImageNet weights, or fixedBatchNorm: false to start at random")
    rules.require(
      fixedBatchNorm || frozenStages == 0, "frozenStages", frozenStages,
      expected: "0 without fixedBatchNorm")
  }
}
