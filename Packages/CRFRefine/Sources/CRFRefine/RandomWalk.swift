public import Tensor

/// A random walk of score maps over an affinity graph: scores spread within objects and stop at
/// their borders.
///
/// With the affinities to the power `beta` and a link of 1 from each pixel to itself, every step
/// gives a pixel the mean over its links. Equals the dense form, `maps * T^steps` with T the
/// column-normalised matrix of all pixels, but takes memory and time of the links alone.
public struct RandomWalk: Hashable, Sendable {
  /// The power of the affinities: a high one cuts weak links. 0 or more.
  public var beta: Float
  /// The number of steps, 0 or more.
  public var steps: Int
  /// Stop before, once a step changes no score by more than this share of the largest; `nil` never.
  public var tolerance: Float?
  /// The power of the maps before they walk, above 0; 1.3 in the method's AMN route.
  public var mapPower: Float

  /// Creates a walk.
  ///
  /// - Parameters:
  ///   - beta: The power of the affinities.
  ///   - steps: The number of steps; 2^8 in IRN and PSA, 2^6 in the PPC route.
  ///   - tolerance: When to stop before.
  ///   - mapPower: The power of the maps before they walk.
  public init(
    beta: Float = 10, steps: Int = 1 << 8, tolerance: Float? = nil, mapPower: Float = 1
  ) {
    (self.beta, self.steps, self.tolerance, self.mapPower) = (beta, steps, tolerance, mapPower)
  }

  /// IRN's walk: beta 10, 2^8 steps.
  public static let irn = RandomWalk(beta: 10)

  /// PSA's walk: beta 8, 2^8 steps.
  public static let psa = RandomWalk(beta: 8)

  /// The maps after the walk.
  ///
  /// - Parameters:
  ///   - maps: Scores, 0 or more, `[H, W, K]`; K may be 0.
  ///   - graph: The links, of the maps' size.
  /// - Returns: `[H, W, K]`.
  /// - Throws: `CRFRefineError` where sizes differ, a score or an affinity is out of range, or an
  ///   option is.
  /// - Complexity: O(steps K H W links); memory 4 bytes a link and 8 a score beside the maps. The
  ///   same bits for any number of threads.
  public func propagate(
    _ maps: Tensor, over graph: AffinityGraph
  ) throws(CRFRefineError) -> Tensor {
    try walk(maps, over: graph).maps
  }

  /// IRN's propagation: maps times (1 - boundary), walked over the graph of the boundary.
  ///
  /// - Parameters:
  ///   - maps: Scores, 0 or more, `[H, W, K]`; K may be 0.
  ///   - boundary: The probability of a boundary, `[H, W]`, 0...1.
  ///   - radius: Pixels nearer than this are linked.
  /// - Returns: `[H, W, K]`.
  /// - Throws: As `propagate(_:over:)`.
  ///
  /// Ahn, Cho and Kwak, CVPR 2019 (https://arxiv.org/abs/1904.05044), equation 9.
  public func propagate(
    _ maps: Tensor, boundary: Tensor, radius: Int = 5
  ) throws(CRFRefineError) -> Tensor {
    let graph = try AffinityGraph(boundary: boundary, radius: radius)
    return try walk(maps, damping: boundary, over: graph).maps
  }

  /// The maps after the walk, and the number of steps until it ended.
  ///
  /// - Parameters:
  ///   - maps: Scores, 0 or more, `[H, W, K]`; K may be 0.
  ///   - boundary: Where given, maps are multiplied by 1 - this first: `[H, W]`, 0...1.
  ///   - graph: The links, of the maps' size.
  /// - Returns: Maps `[H, W, K]`; the most steps any of them took.
  /// - Throws: As `propagate(_:over:)`.
  public func walk(
    _ maps: Tensor, damping boundary: Tensor? = nil, over graph: AffinityGraph
  ) throws(CRFRefineError) -> (maps: Tensor, steps: Int) {
    guard maps.rank == 3, maps.shape[0] == graph.height, maps.shape[1] == graph.width else {
      throw CRFRefineError(
        "random walk: maps \(maps.shape) over affinities of \(graph.height) x \(graph.width)")
    }
    if let boundary, boundary.shape != [graph.height, graph.width] {
      throw CRFRefineError(
        "random walk: boundary \(boundary.shape) for maps of \(graph.height) x \(graph.width)")
    }
    guard beta >= 0, beta.isFinite, mapPower > 0, mapPower.isFinite, steps >= 0,
      tolerance.map({ $0 >= 0 }) ?? true
    else {
      throw CRFRefineError(
        "random walk: beta \(beta), map power \(mapPower), \(steps) steps, tolerance "
          + "\(tolerance ?? 0), expected 0 or more, above 0, 0 or more, 0 or more")
    }
    try maps.expectRange("score maps", 0, .greatestFiniteMagnitude)
    guard maps.count > 0 else { return (maps, 0) }
    return try WalkLinks(graph, beta: beta).walk(maps, damping: boundary, self)
  }
}
