internal import Autograd
internal import Backbone
internal import Contrast
internal import Datasets
internal import Foundation
internal import NROI
internal import Tensor
internal import TensorIO

/// The FBR losses of one view of the pictures, with the memory bank they fill and draw from.
final class FBRLosses {
  private let settings: FBRSettings
  private let seed: UInt64
  private var bank: MemoryBank

  init(_ settings: FBRSettings, seed: UInt64) {
    (self.settings, self.seed) = (settings, seed)
    bank = MemoryBank(capacity: settings.bank, dimension: settings.embedding)
  }

  /// `0.1 L_sim + lambda_IF L_IF + lambda_FB L_FB + 0.1 L_seg` of a batch.
  ///
  /// - Parameters:
  ///   - embeddings: Of the host's heads.
  ///   - seeds: Of the host's scores, of the same size; what they ignore counts nowhere.
  ///   - target: 1 where the auxiliary segmentation should see background, `[B, H, W, 1]`.
  ///   - step: Gives every draw its stream.
  /// - Returns: The sum, and its parts for the log.
  /// - Throws: `ContrastError` or `ClusteringError` where an embedding is not finite.
  func callAsFunction(
    _ embeddings: FBREmbeddings, seeds: SeedMap, target: Tensor, step: Int
  ) throws -> Losses {
    let background =
      settings.heads == .dual ? embeddings.background : embeddings.foreground
    if settings.loss.background == .regions {
      let regions = try NegativeRegions(
        embeddings: background.value, labels: seeds.labels,
        clustering: settings.clustering.make(settings.clusters), seed: seed, step: step)
      bank.push(regions.centroids)
    }
    var loss = settings.loss
    // One projection cannot be kept apart from itself.
    if settings.heads == .single { loss.separationWeight = 0 }
    var generator = PhiloxGenerator(seed: seed, stream: .max - UInt64(step))
    let fbr = try FBRLoss(
      foreground: embeddings.foreground, background: background, seeds: seeds, bank: bank.rows,
      bankCount: bank.count, configuration: loss, using: &generator)
    let segmentation = BackgroundSegmentation.loss(
      embeddings.backgroundLogits, target: target, ignoring: seeds.labels)

    let found = fbr.statistics
    return Losses(
      total: fbr.total + segmentation * loss.segmentationWeight,
      parts: [
        "foregroundBackground": found.foregroundBackground,
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
