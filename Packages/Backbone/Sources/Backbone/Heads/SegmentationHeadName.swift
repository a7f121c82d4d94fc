public import Autograd
public import Tensor

/// Every segmentation head by name, and the factory for them.
public enum SegmentationHeadName: String, CaseIterable, Sendable {
  /// `DeepLabLargeFOV`.
  case deepLabLargeFOV = "deeplab-largefov"
  /// `DeepLabV2`.
  case deepLabV2 = "deeplab-v2"
  /// `DeepLabV3Plus`.
  case deepLabV3Plus = "deeplab-v3plus"
  /// `DeepLabV3Plus` of separable convolutions.
  case separableDeepLabV3Plus = "deeplab-v3plus-separable"

  /// The head of that name, as a configuration has it.
  ///
  /// - Throws: `NetworkError` with all names where there is none.
  public init(named name: String) throws(NetworkError) {
    guard let found = Self(rawValue: name) else {
      let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw NetworkError(description: "no segmentation head '\(name)'; there are \(names)")
    }
    self = found
  }

  /// Creates a head with random weights for a backbone's stages.
  ///
  /// - Parameters:
  ///   - backbone: The features.
  ///   - classCount: Classes, background included.
  ///   - random: Drawn from by dropout.
  ///   - generator: Draws the weights.
  /// - Returns: The head.
  public func makeHead(
    for backbone: any FeatureExtractor, classCount: Int, random: RandomSource,
    using generator: inout PhiloxGenerator
  ) -> any SegmentationHead {
    switch self {
    case .deepLabLargeFOV:
      DeepLabLargeFOV(
        inChannels: backbone.channels, classCount: classCount, random: random, using: &generator)
    case .deepLabV2:
      DeepLabV2(inChannels: backbone.channels, classCount: classCount, using: &generator)
    case .deepLabV3Plus, .separableDeepLabV3Plus:
      DeepLabV3Plus(
        channels: backbone.stageChannels, strides: backbone.stageStrides, classCount: classCount,
        isSeparable: self == .separableDeepLabV3Plus, random: random, using: &generator)
    }
  }
}
