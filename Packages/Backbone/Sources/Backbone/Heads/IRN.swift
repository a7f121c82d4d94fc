public import Autograd
public import Tensor

/// The inter-pixel relation network: class boundaries and, for each pixel, the way to the centre of
/// its object.
///
/// Ahn, Cho, Kwak, CVPR 2019 (https://arxiv.org/abs/1904.05044), with the names of its code. Takes
/// five feature maps of a backbone that does not train; both results have stride 4.
public final class IRN: Module {
  /// What the network makes of features.
  public struct Output {
    /// Scores of class boundaries, before the logistic function: `[N, H, W, 1]`.
    public let boundary: Variable
    /// Displacements in pixels of this resolution, vertical first: `[N, H, W, 2]`.
    public let displacement: Variable

    /// Creates an output from its two parts.
    public init(boundary: Variable, displacement: Variable) {
      (self.boundary, self.displacement) = (boundary, displacement)
    }
  }

  /// What is subtracted from displacements in evaluation.
  public let meanShift = MeanShift(channels: 2)
  private let fcEdge1, fcEdge2, fcEdge3, fcEdge4, fcEdge5: Sequential
  private let fcEdge6: Convolution2d
  private let fcDp1, fcDp2, fcDp3, fcDp4, fcDp5, fcDp6, fcDp7: Sequential
  /// The place in the inputs whose resolution the results have.
  private let fine: Int
  private let strides: [Int]

  /// Creates a network with random weights.
  ///
  /// - Parameters:
  ///   - channels: Channels of the five inputs.
  ///   - strides: Image pixels a pixel of each input; one is 4.
  ///   - generator: Draws the weights.
  public init(channels: [Int], strides: [Int], using generator: inout PhiloxGenerator) {
    check(
      channels.count == 5 && strides.count == 5 && strides.contains(4),
      "IRN: channels \(channels) at strides \(strides), expected five, one of them at stride 4")
    self.strides = strides
    fine = strides.lastIndex(of: 4) ?? 0
    func branch(_ input: Int, _ output: Int, groups: Int, from: Int, to: Int) -> Sequential {
      let start: [any Layer] = [
        Convolution2d(inChannels: input, outChannels: output, kernelSize: 1, using: &generator),
        GroupNorm(groups: groups, channels: output),
      ]
      let upsample: [any Layer] = from > to ? [Upsample(scale: from / to)] : []
      return Sequential(start + upsample + [Activation(.relu)])
    }
    func edge(_ index: Int) -> Sequential {
      branch(channels[index], 32, groups: 4, from: strides[index], to: 4)
    }
    (fcEdge1, fcEdge2, fcEdge3, fcEdge4, fcEdge5) = (edge(0), edge(1), edge(2), edge(3), edge(4))
    fcEdge6 = Convolution2d(
      inChannels: 160, outChannels: 1, kernelSize: 1, bias: true, using: &generator)
    func displacement(_ index: Int, _ output: Int, groups: Int, to: Int) -> Sequential {
      branch(channels[index], output, groups: groups, from: strides[index], to: to)
    }
    fcDp1 = displacement(0, 64, groups: 8, to: 4)
    fcDp2 = displacement(1, 128, groups: 16, to: 4)
    fcDp3 = displacement(2, 256, groups: 16, to: strides[2])
    fcDp4 = displacement(3, 256, groups: 16, to: strides[2])
    fcDp5 = displacement(4, 256, groups: 16, to: strides[2])
    fcDp6 = branch(768, 256, groups: 16, from: strides[2], to: 4)
    fcDp7 = Sequential(
      Convolution2d(inChannels: 448, outChannels: 256, kernelSize: 1, using: &generator),
      GroupNorm(groups: 16, channels: 256), Activation(.relu),
      Convolution2d(inChannels: 256, outChannels: 2, kernelSize: 1, using: &generator), meanShift)
  }

  /// Boundaries and displacements.
  ///
  /// - Parameter features: Five feature maps, as `FeatureExtractor.boundaryFeatures` gives them; no
  ///   gradient flows back into them.
  /// - Returns: Both results at the resolution of the features of stride 4.
  public func callAsFunction(_ features: [Variable]) -> Output {
    check(features.count == 5, "IRN: \(features.count) feature maps, expected 5")
    let inputs = features.map { $0.cut() }
    func sized(_ branch: Sequential, _ index: Int, like target: Int) -> Variable {
      Self.sized(
        branch(inputs[index]), isFiner: strides[index] < strides[target], inputs[target])
    }
    let edges = [fcEdge1, fcEdge2, fcEdge3, fcEdge4, fcEdge5].enumerated().map {
      sized($1, $0, like: fine)
    }
    let far = [fcDp3, fcDp4, fcDp5].enumerated().map { sized($1, $0 + 2, like: 2) }
    let near = [
      sized(fcDp1, 0, like: fine), sized(fcDp2, 1, like: fine),
      Self.sized(fcDp6(.joining(far)), isFiner: strides[2] < 4, inputs[fine]),
    ]
    return Output(
      boundary: fcEdge6(.joining(edges)), displacement: fcDp7(.joining(near)))
  }

  /// A map enlarged by a whole factor is cropped to the size wanted; a finer one is made smaller.
  private static func sized(_ map: Variable, isFiner: Bool, _ target: Variable) -> Variable {
    isFiner ? map.scaled(like: target) : map.cropped(like: target)
  }
}

/// A layer that subtracts the mean of all displacements in evaluation and nothing in training.
public final class MeanShift: Layer, ModeDependent {
  /// The mean over the training set, `[C]`; set after training.
  public let runningMean: Buffer
  /// Whether the model is being trained.
  public var isTraining = true

  /// Creates a layer that subtracts 0.
  public init(channels: Int) { runningMean = Buffer(.zeros([channels])) }

  /// Subtracts the mean from `[N, H, W, C]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    if isTraining { return input }
    let output = input - Variable(runningMean.value)
    Trace.record(.subtract(runningMean), [input], output)
    return output
  }
}

extension FeatureExtractor {
  /// The five feature maps `IRN` takes: the last five stages, or the stem's and four stages.
  ///
  /// - Parameter image: `[N, H, W, 3]`.
  /// - Returns: Feature maps without a graph: the backbone does not train.
  public func boundaryFeatures(_ image: Variable) -> [Variable] {
    withoutGradients {
      if let network = self as? ResNet {
        let (stem, stages) = network.stemAndStages(image)
        return [stem] + stages
      }
      return stages(image).suffix(5)
    }
  }

  /// Channels of `boundaryFeatures`.
  public var boundaryChannels: [Int] {
    (self as? ResNet).map { [$0.stemChannels] + stageChannels } ?? stageChannels.suffix(5)
  }

  /// Strides of `boundaryFeatures`.
  public var boundaryStrides: [Int] {
    self is ResNet ? [4] + stageStrides : stageStrides.suffix(5)
  }
}
