internal import Autograd
internal import Backbone
internal import Contrast
internal import Datasets
internal import Tensor
internal import TensorIO

/// The network that the FBR losses are added to, with losses of its own.
protocol FBRHost {
  /// What the stage trains.
  var network: FBRNetwork { get }
  /// The FBR losses, one for each view of the pictures; the first is the whole crop's.
  var fbr: [FBRLosses] { get }

  /// The losses of a batch of the kind's samples, those of FBR included where the recipe asks for them.
  ///
  /// - Parameters:
  ///   - batch: As `FBRHostKind.reader` makes its samples.
  ///   - step: Gives every draw its stream.
  /// - Returns: The sum, and its parts for the log.
  /// - Throws: `ContrastError` or `ClusteringError` where a score or an embedding is not finite.
  func losses(_ batch: Batch, step: Int) throws -> Losses

  /// Maps of the classes a picture is labelled with, 0...1: `[H, W, K]`.
  func maps(_ views: PictureViews, labels: [Int]) -> Tensor

  /// What the losses would see of one image, for the report.
  ///
  /// - Parameters:
  ///   - image: `[1, H, W, 3]`.
  ///   - labels: 1 where the image shows the class, else 0: `[1, C]`.
  ///   - seeds: Those the host learns, of the image's size, `[1, H, W]`; `nil` where it learns none.
  /// - Returns: Seeds and embeddings of one size.
  /// - Throws: `ContrastError` where a score is not finite.
  func seen(
    _ image: Variable, labels: Tensor, seeds: LabelMap?
  ) throws -> (seeds: SeedMap, FBREmbeddings)
}

extension FBRHost {
  /// What a checkpoint keeps of the memory banks.
  var state: [String: NumericArray] {
    fbr.enumerated().reduce(into: [:]) { state, view in
      for (name, array) in view.element.state { state[Self.prefix(view.offset) + name] = array }
    }
  }

  func restore(_ state: [String: NumericArray]) throws {
    for (index, view) in fbr.enumerated() {
      let prefix = Self.prefix(index)
      try view.restore(
        state.filter { $0.key.hasPrefix(prefix) }.reduce(into: [:]) {
          $0[String($1.key.dropFirst(prefix.count))] = $1.value
        })
    }
  }

  private static func prefix(_ view: Int) -> String { view == 0 ? "" : "view\(view)." }
}

/// Which network the FBR losses are added to.
public enum FBRHostKind: String, Codable, Sendable, CaseIterable {
  /// AMN, which learns from the classifier's maps and seeds.
  case amn
  /// PPC on EPS, which learns from image labels and saliency maps; no classifier is needed.
  case ppc

  /// The stages whose files it learns from.
  var inputs: [StageName] { self == .amn ? [.cam, .seed] : [] }

  /// The settings of `fbr` that are the other host's.
  var unread: [String] {
    switch self {
    case .amn: ["ppc"]
    case .ppc: ["classifier", "smoothing", "classBalance", "conditioned", "agreement"]
    }
  }

  /// What it reads of the data set.
  var data: [DataPart] { self == .amn ? [.train] : [.train, .trainSaliency] }

  /// Reads a picture with what the host learns it from: for AMN the seeds as its mask and the sum of
  /// the CAMs as its one map, for PPC its saliency map.
  func reader(
    _ source: any ImageSource, in folder: RunFolder
  ) -> @Sendable (ImageRecord) throws -> Sample {
    if self == .ppc { return { try Sample($0, from: source, withSaliency: true) } }
    let (seeds, maps) = (folder.folder(of: .seed), folder.folder(of: .cam))
    return { record in
      let file = try MapFile(contentsOf: "\(maps)/\(fileName(record.id, ".npz"))")
      return try Sample(
        id: record.id, image: source.image(of: record), labels: record.labels,
        mask: LabelMap(contentsOf: "\(seeds)/\(fileName(record.id, ".png"))"),
        maps: file.maps.sum([2], keepingAxes: true))
    }
  }

  /// The recipe's host with random heads, on a backbone with the weights that a training starts
  /// from; `nil` where a model's follow.
  func make(
    _ recipe: Recipe, classCount: Int, initial: InitialWeights? = nil, random: RandomSource,
    _ context: StageContext
  ) throws -> any FBRHost {
    let backbone = try context.makeBackbone(random, initial)
    var generator = context.generator("heads")
    switch self {
    case .amn:
      let network = AMN(
        backbone: backbone, classCount: classCount, embeddingSize: recipe.fbr.embedding,
        classifier: recipe.fbr.classifier, conditionsEmbeddings: recipe.fbr.conditioned,
        random: random, using: &generator)
      return AMNHost(
        network, classCount: classCount, recipe.fbr, seed: context.seed("draws"))
    case .ppc:
      let network = PPC(
        backbone: backbone, classCount: classCount, embeddingSize: recipe.fbr.embedding,
        dropout: Float(recipe.fbr.ppc.dropout), random: random, using: &generator)
      return PPCHost(
        network, recipe.fbr,
        seeds: [context.seed("draws"), context.seed("draws of the small view")])
    }
  }
}
