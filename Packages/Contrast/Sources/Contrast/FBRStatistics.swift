internal import Autograd
internal import Tensor

/// What the losses of one step worked on, for logs.
public struct FBRStatistics: Sendable, Hashable, Codable {
  /// Pixel-to-NROI contrast `L_FB`, before its weight.
  public let foregroundBackground: Float
  /// Contrast between foreground classes `L_IF`, before its weight.
  public let intraForeground: Float
  /// Cosine separation `L_sim`, before its weight, -1...1.
  public let separation: Float
  /// The weighted sum of the three.
  public let total: Float
  /// Uncertain foreground pixels.
  public let queries: Int
  /// `queries` as a share of the foreground pixels, 0...1.
  public let queryShare: Double
  /// Foreground classes that have a prototype.
  public let classes: Int
  /// Pixels labelled with a foreground class.
  public let foregroundPixels: Int
  /// Pixels labelled background.
  public let backgroundPixels: Int
  /// Pixels that count nowhere.
  public let ignoredPixels: Int
  /// Filled rows of the bank as a share of all, 0...1.
  public let bankFill: Double
}

extension FBRLoss {
  /// Numbers of this step for logs.
  public var statistics: FBRStatistics {
    let ignored = labels.labels.count { $0 == LabelMap.ignoreIndex }
    let background = labels.labels.count { $0 == 0 }
    let foreground = labels.count - ignored - background
    return FBRStatistics(
      foregroundBackground: foregroundBackground.value.scalar,
      intraForeground: intraForeground.value.scalar, separation: separation.value.scalar,
      total: total.value.scalar, queries: queries.count,
      queryShare: foreground > 0 ? Double(queries.count) / Double(foreground) : 0,
      classes: prototypes.classes.count, foregroundPixels: foreground,
      backgroundPixels: background, ignoredPixels: ignored, bankFill: bankFill)
  }
}
