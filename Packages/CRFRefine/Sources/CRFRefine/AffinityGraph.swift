public import Tensor

/// How strongly each pixel of a map is linked to those around it.
///
/// A graph over pixels, kept as one number a pair: the random walk runs over it.
public struct AffinityGraph: Sendable {
  /// The pairs that are linked.
  public let pairs: PixelPairs
  /// The affinities, 0...1: `[H, pairs.offsets.count, W]`, of row y, each offset, and the column of
  /// the pair's first pixel; 0 where there is no link.
  public let affinities: Tensor

  /// The map's height in pixels.
  public var height: Int { affinities.shape[0] }
  /// The map's width in pixels.
  public var width: Int { affinities.shape[2] }

  /// Takes affinities as they are.
  ///
  /// - Parameters:
  ///   - affinities: 0...1, `[H, pairs.offsets.count, W]`.
  ///   - pairs: The pairs they are of.
  /// - Throws: `CRFRefineError` where the shape is another or the map has no pixel. Numbers are
  ///   checked by the walk.
  public init(affinities: Tensor, pairs: PixelPairs) throws(CRFRefineError) {
    guard affinities.rank == 3, affinities.shape[1] == pairs.offsets.count, affinities.count > 0
    else {
      throw CRFRefineError(
        "affinities: \(affinities.shape), expected [H, \(pairs.offsets.count), W] of 1 x 1 or more")
    }
    self.affinities = affinities
    self.pairs = pairs
  }

  /// Links pixels where no boundary lies between them: 1 - the largest on the path, as IRN does.
  ///
  /// - Parameters:
  ///   - boundary: The probability of a boundary, `[H, W]`, 0...1.
  ///   - radius: Pixels nearer than this are linked.
  /// - Throws: `CRFRefineError` where the shape is another, or a probability is out of range.
  ///
  /// Ahn, Cho and Kwak, CVPR 2019 (https://arxiv.org/abs/1904.05044), equation 3. IRN's code pads
  /// the map with boundaries, which links nothing across its border; so does this.
  public init(boundary: Tensor, radius: Int = 5) throws(CRFRefineError) {
    guard boundary.rank == 2, boundary.count > 0 else {
      throw CRFRefineError("boundary map: \(boundary.shape), expected [H, W] of 1 x 1 or more")
    }
    try Self.checkRadius(radius)
    try boundary.expectRange("boundary map", 0, 1)
    pairs = PixelPairs(radius: radius)
    affinities = pairs.affinities(boundary: boundary)
  }

  /// Links pixels by their features, `exp(-mean |f_i - f_j|)`, as PSA does.
  ///
  /// - Parameters:
  ///   - features: What AffinityNet returns, `[H, W, C]`.
  ///   - radius: Pixels nearer than this are linked.
  ///   - sources: PSA's code links pairs seen from `.inner` pixels only, so that those in the map's
  ///     corners have fewer links, or none in a map smaller than the radius; `.all` links them too.
  /// - Throws: `CRFRefineError` where the shape is another, or a feature is not finite.
  ///
  /// Ahn and Kwak, CVPR 2018 (https://arxiv.org/abs/1803.10464), equation 1.
  public init(
    features: Tensor, radius: Int = 5, sources: PixelPairs.Sources = .all
  ) throws(CRFRefineError) {
    guard features.rank == 3, features.count > 0 else {
      throw CRFRefineError("features: \(features.shape), expected [H, W, C], none of them 0")
    }
    try Self.checkRadius(radius)
    try features.expectRange(
      "features", -.greatestFiniteMagnitude, .greatestFiniteMagnitude)
    pairs = PixelPairs(radius: radius)
    affinities = pairs.affinities(features: features, sources: sources)
  }

  private static func checkRadius(_ radius: Int) throws(CRFRefineError) {
    guard (2...64).contains(radius) else {
      throw CRFRefineError("affinities: radius \(radius), expected 2...64")
    }
  }
}

extension Tensor {
  /// Checks that every element is finite and in a range.
  ///
  /// - Throws: `CRFRefineError` that names the first one that is not.
  func expectRange(_ what: String, _ low: Float, _ high: Float) throws(CRFRefineError) {
    let wrong: Int? = withScalars { scalars in
      for index in 0..<count where !(scalars[index] >= low && scalars[index] <= high) {
        return index
      }
      return nil
    }
    guard let wrong else { return }
    var (place, rest) = ([Int](), wrong)
    for size in shape.reversed() {
      place.insert(rest % size, at: 0)
      rest /= size
    }
    let expected =
      high == .greatestFiniteMagnitude
      ? (low == 0 ? "0 or more, finite" : "finite") : "\(low)...\(high)"
    throw CRFRefineError("\(what): \(scalars[wrong]) at \(place), expected \(expected)")
  }
}
