internal import Autograd
internal import Backbone
internal import Contrast
internal import Datasets
internal import Tensor

/// AMN: learns the classifier's seeds, with labels of the image as a condition (method, section 4).
struct AMNHost: FBRHost {
  private let amn: AMN
  private let classCount: Int
  private let settings: FBRSettings
  let fbr: [FBRLosses]
  var network: FBRNetwork { amn }

  init(_ amn: AMN, classCount: Int, _ settings: FBRSettings, seed: UInt64) {
    (self.amn, self.classCount, self.settings) = (amn, classCount, settings)
    fbr = [FBRLosses(settings, seed: seed)]
  }

  /// `L_PCL`, and the losses of FBR.
  func losses(_ batch: Batch, step: Int) throws -> Losses {
    guard let seeds = batch.masks, let cams = batch.maps else {
      throw PipelineError(.data, "fbr: pictures without seeds or maps")
    }
    let output = amn(Variable(batch.images), labels: Variable(batch.imageLabels))
    let (height, width) = (output.logits.shape[1], output.logits.shape[2])
    let cells = seeds.atCells(height: height, width: width)
    let host = output.logits.balancedCrossEntropy(
      cells, smoothing: Float(settings.smoothing),
      classBalance: Float(settings.classBalance))
    guard settings.contrast else { return Losses(total: host) }
    let map = try SeedMap(
      logits: output.logits.value, imageLabels: batch.imageLabels,
      ignoring: batch.padding.atCells(height: height, width: width))
    // The CAMs are divided by their maxima in the whole picture, not in this crop of it.
    let target = try BackgroundSegmentation.target(
      sums: cams.resized(height: height, width: width),
      threshold: Float(settings.backgroundThreshold), ignoring: map.labels)
    let found = try fbr[0](
      output.embeddings, seeds: agreed(map, with: cells), target: target, step: step)
    return Losses(
      total: host + found.total,
      parts: found.parts.merging(["host": host.value.scalar]) { first, _ in first })
  }

  /// The softmax, over background and the picture's classes, of the mean logits of all views
  /// (method, section 8).
  func maps(_ views: PictureViews, labels: [Int]) -> Tensor {
    let flags = Variable(.imageLabels(labels, classCount: classCount))
    let scores = views.mean(
      CellGrid(stride: amn.backbone.outputStride), channels: [0] + labels
    ) { amn.logits($0, labels: flags) }.softmax()
    return scores.sliced(1..<labels.count + 1, axis: 2)
  }

  func seen(
    _ image: Variable, labels: Tensor, seeds: LabelMap?
  ) throws -> (seeds: SeedMap, FBREmbeddings) {
    let output = amn(image, labels: Variable(labels))
    let map = try SeedMap(logits: output.logits.value, imageLabels: labels)
    let cells = seeds?.atCells(height: map.labels.shape[1], width: map.labels.shape[2])
    return (cells.map { agreed(map, with: $0) } ?? map, output.embeddings)
  }

  /// What the contrasts compare, by the recipe.
  private func agreed(_ map: SeedMap, with cells: LabelMap) -> SeedMap {
    settings.agreement ? SeedMap(map, agreeingWith: cells) : map
  }
}

extension Tensor {
  /// 1 for the classes in one picture, else 0: `[1, C]`.
  static func imageLabels(_ labels: [Int], classCount: Int) -> Tensor {
    var flags = [Float](repeating: 0, count: classCount)
    for label in labels { flags[label - 1] = 1 }
    return Tensor(flags, shape: [1, classCount])
  }
}
