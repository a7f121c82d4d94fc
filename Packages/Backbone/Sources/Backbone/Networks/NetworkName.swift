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
    case .efficientNetLite0, .efficientNetLite1, .efficientNetLite2: [16, 32]
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
    guard outputStrides.contains(outputStride) else {
      throw NetworkError(
        description: "'\(rawValue)' has output stride \(outputStrides), not \(outputStride)")
    }
    func resnet(_ architecture: ResNet.Architecture) -> any FeatureExtractor {
      ResNet(architecture, outputStride: outputStride, using: &generator)
    }
    func lite(_ architecture: EfficientNetLite.Architecture) -> any FeatureExtractor {
      EfficientNetLite(architecture, outputStride: outputStride, using: &generator)
    }
    return switch self {
    case .resnet18: resnet(.resnet18)
    case .resnet34: resnet(.resnet34)
    case .resnet50: resnet(.resnet50)
    case .resnet101: resnet(.resnet101)
    case .resnetSample: resnet(.sample)
    case .resnet38: ResNet38(random: random, using: &generator)
    case .efficientNetLite0: lite(.lite0)
    case .efficientNetLite1: lite(.lite1)
    case .efficientNetLite2: lite(.lite2)
    }
  }
}

/// A network that does not exist or cannot be made as asked.
public struct NetworkError: Error, CustomStringConvertible {
  /// What was asked for and what there is.
  public let description: String
}
