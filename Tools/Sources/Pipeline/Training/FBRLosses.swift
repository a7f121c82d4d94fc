internal import Autograd
internal import Backbone
internal import Contrast
internal import Datasets
internal import Foundation
internal import NROI
internal import Tensor
internal import TensorIO

/// The losses of the `fbr` stage with the memory bank they fill and draw from.
final class FBRLosses {
  private let settings: FBRSettings
  private let model: AMN
  private let seed: UInt64
  private var bank: MemoryBank

  init(_ settings: FBRSettings, model: AMN, seed: UInt64) {
    (self.settings, self.model, self.seed) = (settings, model, seed)
    bank = MemoryBank(capacity: settings.bank, dimension: settings.embedding)
  }

  /// `L_PCL + 0.1 L_sim + lambda_IF L_IF + lambda_FB L_FB + 0.1 L_seg` of a batch.
  ///
  /// - Parameters:
  ///   - batch: With seeds as masks and the sum of the CAMs as its one map.
  ///   - step: Gives every draw its stream.
  /// - Returns: The sum, and its parts for the log.
  /// - Throws: `ContrastError` or `ClusteringError` where a score or an embedding is not finite.
  func callAsFunction(_ batch: Batch, step: Int) throws -> Losses {
    guard let seeds = batch.masks, let cams = batch.maps else {
      throw PipelineError(.data, "fbr: pictures without seeds or maps")
    }
    let output = model(Variable(batch.images), labels: Variable(batch.imageLabels))
    let (height, width) = (output.logits.shape[1], output.logits.shape[2])
    let host = output.logits.balancedCrossEntropy(
      seeds.resized(height: height, width: width), smoothing: Float(settings.smoothing),
      classBalance: Float(settings.classBalance))
    guard settings.contrast else { return Losses(total: host) }

    let padding = batch.padding.resized(height: height, width: width)
    let map = try SeedMap(
      logits: output.logits.value, imageLabels: batch.imageLabels, ignoring: padding)
    let background = settings.heads == .dual ? output.background : output.foreground
    if settings.loss.background == .regions {
      let regions = try NegativeRegions(
        embeddings: background.value, labels: map.labels,
        clustering: settings.clustering.make(settings.clusters), seed: seed, step: step)
      bank.push(regions.centroids)
    }
    var loss = settings.loss
    // One projection cannot be kept apart from itself.
    if settings.heads == .single { loss.separationWeight = 0 }
    var generator = PhiloxGenerator(seed: seed, stream: .max - UInt64(step))
    let fbr = try FBRLoss(
      foreground: output.foreground, background: background, seeds: map, bank: bank.rows,
      bankCount: bank.count, configuration: loss, using: &generator)
    let target = try BackgroundSegmentation.target(
      sums: cams.resized(height: height, width: width),
      threshold: Float(settings.backgroundThreshold), ignoring: padding)
    let segmentation = BackgroundSegmentation.loss(
      output.backgroundLogits, target: target, ignoring: padding)

    let found = fbr.statistics
    return Losses(
      total: host + fbr.total + segmentation * loss.segmentationWeight,
      parts: [
        "host": host.value.scalar, "foregroundBackground": found.foregroundBackground,
        "intraForeground": found.intraForeground, "separation": found.separation,
        "segmentation": segmentation.value.scalar, "queries": Float(found.queries),
        "classes": Float(found.classes), "bankFill": Float(found.bankFill),
      ])
  }

  /// What a checkpoint keeps of the bank.
  var state: [String: NumericArray] { bank.state.arrays }

  func restore(_ arrays: [String: NumericArray]) throws {
    bank = try MemoryBank(MemoryBank.State(arrays, from: "the checkpoint's memory bank"))
  }

  /// Writes the bank, for the report and for others.
  func save(to path: String) throws { try bank.write(to: path) }
}

/// How background embeddings are summed up: the method's K-means and its alternatives.
public enum ClusteringKind: String, Codable, Sendable, CaseIterable {
  /// K-means with k-means++ seeds.
  case kmeans
  /// Ward's agglomerative clustering.
  case ward
  /// Average linkage.
  case average
  /// Random pixels.
  case random
  /// The mean of all.
  case mean

  func make(_ clusters: Int) -> any Clustering {
    switch self {
    case .kmeans: KMeans(clusters: clusters)
    case .ward: Agglomerative(clusters: clusters, linkage: .ward)
    case .average: Agglomerative(clusters: clusters, linkage: .average)
    case .random: RandomRows(count: clusters)
    case .mean: SingleMean()
    }
  }
}

extension Batch {
  /// 255 outside of the pictures, 0 inside: `[B, H, W]`.
  var padding: LabelMap {
    let (height, width) = (images.shape[1], images.shape[2])
    var map = LabelMap(repeating: LabelMap.ignoreIndex, shape: [contents.count, height, width])
    for (index, content) in contents.enumerated() {
      for row in max(content.top, 0)..<min(content.top + content.height, height) {
        let start = (index * height + row) * width
        for column in max(content.left, 0)..<min(content.left + content.width, width) {
          map.labels[start + column] = 0
        }
      }
    }
    return map
  }
}
