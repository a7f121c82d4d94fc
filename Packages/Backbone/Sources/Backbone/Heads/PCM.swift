public import Autograd
public import Tensor

/// The pixel correlation module of SEAM: class maps spread to pixels that look alike.
///
/// Wang et al., CVPR 2020 (https://arxiv.org/abs/2004.04581), section 3.3, with the names of its
/// code. The two inputs are the first two `affinityStages` of a backbone, on ResNet-38 the authors'.
public final class PCM: Module {
  // swift-format-ignore: AlwaysUseLowerCamelCase (the names of the published files)
  private let f8_3: Convolution2d
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private let f8_4: Convolution2d
  private let f9: Convolution2d

  /// Creates a module with random weights.
  ///
  /// - Parameters:
  ///   - shallowChannels: Channels of the shallower features.
  ///   - deepChannels: Channels of the deeper features.
  ///   - generator: Draws the weights.
  public init(
    shallowChannels: Int, deepChannels: Int, using generator: inout PhiloxGenerator
  ) {
    f8_3 = Convolution2d(
      inChannels: shallowChannels, outChannels: 64, kernelSize: 1, using: &generator)
    f8_4 = Convolution2d(
      inChannels: deepChannels, outChannels: 128, kernelSize: 1, using: &generator)
    f9 = Convolution2d(inChannels: 195, outChannels: 192, kernelSize: 1, using: &generator)
    f9.weight.assign(.xavierUniform(f9.weight.shape, gain: 4, using: &generator))
  }

  /// Creates a module for the first two of a backbone's `affinityStages`.
  public convenience init(
    backbone: any FeatureExtractor, using generator: inout PhiloxGenerator
  ) {
    let channels = backbone.affinityStages.map { backbone.stageChannels[$0] }
    self.init(shallowChannels: channels[0], deepChannels: channels[1], using: &generator)
  }

  /// The maps spread by the pixels' likeness.
  ///
  /// - Parameters:
  ///   - maps: Class maps, `[N, H, W, K]`, usually `normalized`.
  ///   - image: The network's input, `[N, H'', W'', 3]`.
  ///   - shallow: `[N, h', w', C]`; no gradient flows back into it.
  ///   - deep: `[N, h, w, C']`; no gradient flows back into it.
  /// - Returns: `[N, h, w, K]`.
  public func callAsFunction(
    _ maps: Variable, image: Variable, shallow: Variable, deep: Variable
  ) -> Variable {
    func sized(_ input: Variable) -> Variable { input.scaled(like: deep, .bilinearAlignedCorners) }
    let parts = [
      sized(image), sized(f8_3(shallow.cut(), norm: nil, activation: .relu)),
      f8_4(deep.cut(), norm: nil, activation: .relu),
    ]
    let (sizedMaps, features) = (sized(maps), f9(.joining(parts)))
    let output = Self.spread(sizedMaps, by: features)
    Trace.record(.spread, [sizedMaps, features], output)
    return output
  }

  /// Maps averaged over all pixels with the positive cosines of the features as weights.
  ///
  /// - Parameters:
  ///   - maps: `[N, H, W, K]`.
  ///   - features: `[N, H, W, D]`.
  /// - Returns: `[N, H, W, K]`. Memory: the square of the number of pixels, an image.
  public static func spread(_ maps: Variable, by features: Variable) -> Variable {
    let (batch, pixels) = (features.shape[0], features.shape[1] * features.shape[2])
    let rows = features.reshaped(batch, pixels, -1)
    let lengths = rows.norm([-1], keepingAxes: true)
    let unit = rows / (lengths + 1e-5)
    let affinity = unit.matmul(unit, transposeOther: true).relu()
    let shares = affinity / (affinity.sum([1], keepingAxes: true) + 1e-5)
    return shares.matmul(maps.reshaped(batch, pixels, -1), transposeSelf: true)
      .reshaped(maps.shape.dimensions)
  }

  /// Class maps as SEAM spreads them: each divided by its maximum, then only the largest class of a
  /// pixel kept, with background as one minus that.
  ///
  /// - Parameter maps: `[N, H, W, classes + 1]`; what it has for background, the first, is not
  ///   looked at.
  /// - Returns: A tensor of the same shape, 0...1.
  public static func normalized(_ maps: Tensor) -> Tensor {
    check(
      maps.rank == 4 && maps.shape[3] > 1,
      "PCM: maps of shape \(maps.shape), expected [N, H, W, classes + 1]")
    let largest = maps.max([1, 2], keepingAxes: true) + 1e-5
    let scaled = (maps - 1e-5).relu() / largest
    let foreground = scaled.sliced(1..<maps.shape[3], axis: 3)
    let best = foreground.max([3], keepingAxes: true)
    let kept = foreground * foreground.greaterOrEqual(to: best)
    return Tensor(concatenating: [1 - best, kept], axis: 3)
  }
}
