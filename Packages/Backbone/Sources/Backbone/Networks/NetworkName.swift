public import Autograd
public import Tensor

/// Every backbone by name, with what it needs, and the factory for them.
public enum NetworkName: String, CaseIterable, Sendable {
  /// ResNet-18.
  case resnet18
  /// ResNet-34.
  case resnet34
  /// ResNet-50.
  case resnet50
  /// ResNet-101.
  case resnet101
  /// A ten-layer ResNet of half the width, for the sample set.
  case resnetSample = "resnet-sample"
  /// The wide ResNet-38 of PSA, SEAM and PPC.
  case resnet38
  /// EfficientNet-Lite0.
  case efficientNetLite0 = "efficientnet-lite0"
  /// EfficientNet-Lite1.
  case efficientNetLite1 = "efficientnet-lite1"
  /// EfficientNet-Lite2.
  case efficientNetLite2 = "efficientnet-lite2"

  /// The network of that name, as a configuration has it.
  ///
  /// - Throws: `NetworkError` with all names where there is none.
  public init(named name: String) throws(NetworkError) {
    guard let found = NetworkName(rawValue: name) else {
      let names = NetworkName.allCases.map(\.rawValue).joined(separator: ", ")
      throw NetworkError(description: "no network '\(name)'; there are \(names)")
    }
    self = found
  }

  /// What images must look like.
  public var inputPreset: InputPreset {
    switch self {
    case .efficientNetLite0, .efficientNetLite1, .efficientNetLite2: .efficientNetLite
    default: .imageNet
    }
  }

  /// The output strides it can be made with.
  public var outputStrides: [Int] {
    switch self {
    case .resnet38: [8]
    default: [8, 16, 32]
    }
  }

  /// Channels of each stage's output, first to last.
  public var stageChannels: [Int] {
    switch self {
    case .resnet18, .resnet34: [64, 128, 256, 512]
    case .resnet50, .resnet101: [256, 512, 1024, 2048]
    case .resnetSample: [32, 64, 128, 256]
    case .resnet38: [128, 256, 512, 1024, 2048, 4096]
    case .efficientNetLite0, .efficientNetLite1: [16, 24, 40, 112, 1280]
    case .efficientNetLite2: [16, 24, 48, 120, 1280]
    }
  }

  /// Creates the network with random weights and without a classifier.
  ///
  /// - Parameters:
  ///   - outputStride: Image pixels a pixel of the last stage.
  ///   - random: Drawn from by dropout, where the network has any.
  ///   - generator: Draws the weights.
  /// - Returns: The network.
  /// - Throws: `NetworkError` where the network cannot have that output stride.
  public func makeNetwork(
    outputStride: Int, random: RandomSource, using generator: inout PhiloxGenerator
  ) throws(NetworkError) -> any FeatureExtractor {
    try checkOutputStride(outputStride)
    if self == .resnet38 { return ResNet38(random: random, using: &generator) }
    return try makeClassifier(classCount: nil, outputStride: outputStride, using: &generator)
  }

  /// Creates the network with random weights and a classifier behind it.
  ///
  /// - Parameters:
  ///   - classCount: Classes of the classifier; `nil` for none.
  ///   - outputStride: Image pixels a pixel of the last stage.
  ///   - generator: Draws the weights.
  /// - Returns: The network.
  /// - Throws: `NetworkError` where the network has no classifier or cannot have that output stride.
  public func makeClassifier(
    classCount: Int?, outputStride: Int, using generator: inout PhiloxGenerator
  ) throws(NetworkError) -> any ClassifierNetwork {
    try checkOutputStride(outputStride)
    func resnet(_ architecture: ResNet.Architecture) -> any ClassifierNetwork {
      ResNet(
        architecture, outputStride: outputStride, classCount: classCount, using: &generator)
    }
    func lite(_ architecture: EfficientNetLite.Architecture) -> any ClassifierNetwork {
      EfficientNetLite(
        architecture, outputStride: outputStride, classCount: classCount, using: &generator)
    }
    switch self {
    case .resnet18: return resnet(.resnet18)
    case .resnet34: return resnet(.resnet34)
    case .resnet50: return resnet(.resnet50)
    case .resnet101: return resnet(.resnet101)
    case .resnetSample: return resnet(.sample)
    case .efficientNetLite0: return lite(.lite0)
    case .efficientNetLite1: return lite(.lite1)
    case .efficientNetLite2: return lite(.lite2)
    case .resnet38: throw NetworkError(description: "'\(rawValue)' has no classifier of its own")
    }
  }

  private func checkOutputStride(_ outputStride: Int) throws(NetworkError) {
    guard outputStrides.contains(outputStride) else {
      throw NetworkError(
        description: "'\(rawValue)' has output stride \(outputStrides), not \(outputStride)")
    }
  }
}

/// A network that does not exist or cannot be made as asked.
public struct NetworkError: Error, CustomStringConvertible {
  /// What was asked for and what there is.
  public let description: String
}
