public import Tensor

/// Resizes to a size drawn anew: the longer side uniformly among whole numbers of pixels.
///
/// IRN's `random_resize_long`; the shorter side is rounded as Python rounds.
public struct RandomLongSide: Transform {
  /// The longer side's range, in pixels.
  public let range: ClosedRange<Int>
  /// How the picture is resized.
  public let resampling: Resampling

  /// Creates the transform.
  ///
  /// - Precondition: Sides are 1 or more.
  public init(_ range: ClosedRange<Int>, resampling: Resampling = .antialiasedBilinear) {
    check(range.lowerBound >= 1, "RandomLongSide: \(range) pixels, expected 1 or more")
    self.range = range
    self.resampling = resampling
  }

  /// The sample at a random size.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    let long = max(sample.image.height, sample.image.width)
    return sample.scaled(
      by: Double(.random(in: range, using: &generator)) / Double(long), resampling)
  }
}

/// Resizes by a factor drawn uniformly anew.
public struct RandomScale: Transform {
  /// The factor's range.
  public let range: ClosedRange<Double>
  /// How the picture is resized.
  public let resampling: Resampling

  /// Creates the transform.
  ///
  /// - Precondition: Factors are above 0 and finite.
  public init(_ range: ClosedRange<Double>, resampling: Resampling = .antialiasedBilinear) {
    check(
      range.lowerBound > 0 && range.upperBound.isFinite,
      "RandomScale: factors \(range), expected above 0")
    self.range = range
    self.resampling = resampling
  }

  /// The sample at a random scale.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    sample.scaled(by: .random(in: range, using: &generator), resampling)
  }
}

/// Resizes to one size, whatever the picture's sides are to each other.
public struct Resize: Transform {
  /// Rows of the result.
  public let height: Int
  /// Columns of the result.
  public let width: Int
  /// How the picture is resized.
  public let resampling: Resampling

  /// Creates the transform.
  ///
  /// - Precondition: Both sizes are 1 or more.
  public init(height: Int, width: Int, resampling: Resampling = .antialiasedBilinear) {
    check(height >= 1 && width >= 1, "Resize: to \(width) x \(height) pixels")
    self.height = height
    self.width = width
    self.resampling = resampling
  }

  /// The sample at the size.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    sample.resized(height: height, width: width, resampling)
  }
}

extension Sample {
  func scaled(by factor: Double, _ resampling: Resampling) -> Sample {
    resized(
      height: scaledSize(image.height, by: factor), width: scaledSize(image.width, by: factor),
      resampling)
  }
}

/// A number of pixels times a factor, rounded half to even as Python rounds, 1 or more.
func scaledSize(_ size: Int, by factor: Double) -> Int {
  max(Int((Double(size) * factor).rounded(.toNearestOrEven)), 1)
}
