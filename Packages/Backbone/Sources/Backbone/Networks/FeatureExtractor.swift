public import Autograd
internal import Tensor

/// A network that turns an image into features at several resolutions: what heads attach to.
public protocol FeatureExtractor: Layer {
  /// What an image must look like.
  var inputPreset: InputPreset { get }
  /// Channels of each stage's output, first to last.
  var stageChannels: [Int] { get }
  /// Image pixels a pixel of each stage's output, along one axis.
  var stageStrides: [Int] { get }
  /// How the names of a classifier's parameters start in published files: left out where the
  /// network has none.
  var classifierPrefixes: [String] { get }
  /// The modules of each stage, those before the first stage counted to it.
  var stageModules: [[any Module]] { get }
  /// The places of the three stages PSA's affinity network looks at, shallow to deep; PCM takes the
  /// first two. The last three by default, from stride 8 on.
  var affinityStages: [Int] { get }

  /// The outputs of all stages, first to last.
  ///
  /// - Parameter image: `[N, H, W, 3]`, as `inputPreset` makes it.
  /// - Returns: `[N, H', W', C']` for each stage.
  func stages(_ image: Variable) -> [Variable]
}

/// A feature extractor that ends, where it was made with one, in ImageNet's kind of classifier.
public protocol ClassifierNetwork: FeatureExtractor {
  /// The scores of the classes before softmax, `[N, classes]`.
  ///
  /// - Precondition: The network was made with a number of classes.
  func logits(_ image: Variable) -> Variable
}

extension FeatureExtractor {
  /// Channels of the last stage's output.
  public var channels: Int { stageChannels.last ?? 0 }
  /// Image pixels a pixel of the last stage's output.
  public var outputStride: Int { stageStrides.last ?? 1 }
  /// The last three stages.
  public var affinityStages: [Int] { Array(stageStrides.indices.suffix(3)) }

  /// The last stage's output.
  public func callAsFunction(_ image: Variable) -> Variable {
    let outputs = stages(image)
    return outputs[outputs.count - 1]
  }

  /// Makes the first stages constants, batch norms included: they record no graph and keep no
  /// activations.
  ///
  /// - Parameter count: 0 and up to the number of stages.
  public func freezeStages(_ count: Int) {
    check(
      (0...stageModules.count).contains(count),
      "freezeStages: \(count) of \(stageModules.count) stages")
    for module in stageModules.prefix(count).flatMap(\.self) {
      module.setBatchNorm(.frozen)
      module.freeze()
    }
  }

  func checkImage(_ image: Variable) {
    check(
      image.shape.rank == 4 && image.shape[3] == 3,
      "\(type(of: self)): image of shape \(image.shape), expected [N, H, W, 3]")
  }
}
