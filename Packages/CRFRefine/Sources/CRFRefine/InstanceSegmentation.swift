public import Tensor

/// Objects from class maps, a boundary map and a displacement field, as IRN makes them.
///
/// Pixels are grouped by the centre their displacements lead to; each class map is cut into one map
/// a group, which walks; each pixel goes to the map that is largest there, and each connected part
/// of a map's pixels is an object.
///
/// Ahn, Cho and Kwak, CVPR 2019 (https://arxiv.org/abs/1904.05044), section 4.2. As pixels go to one
/// map alone, objects never overlap.
public struct InstanceSegmentation: Hashable, Sendable {
  /// The walk of the maps.
  public var walk = RandomWalk.irn
  /// Pixels of the map nearer than this are linked.
  public var radius = 5
  /// Scores up to this share of the image's largest are background, 0...1.
  public var backgroundThreshold: Float = 0.25
  /// Parts smaller than this share of the image are fragments.
  public var smallestShare = 0.01
  /// Whether fragments are kept, with score 0, as IRN's code does for COCO's metric; else dropped.
  public var keepsFragments = false
  /// How often each pixel's centre is refined.
  public var refinementSteps = 300
  /// Displacements shorter than this, in pixels of the map, are centres.
  public var weakness: Float = 2.5

  /// Creates the method's settings.
  public init() {}

  /// The objects of one image.
  ///
  /// - Parameters:
  ///   - maps: A map of each class in the image, 0 or more, `[h, w, K]`; K may be 0.
  ///   - classes: The maps' classes in 1...254, all different.
  ///   - boundary: The probability of a boundary, `[h, w]`, 0...1.
  ///   - displacement: The way to the object's centre in pixels of the map, vertical first,
  ///     `[h, w, 2]`.
  ///   - height: The image's height; the objects have its size.
  ///   - width: The image's width.
  /// - Returns: The objects; none where all maps are 0.
  /// - Throws: `CRFRefineError` where sizes or classes do not fit, or a number is out of range.
  /// - Complexity: A walk a group in which a class has a score; memory for four of them at a time.
  public func instances(
    maps: Tensor, classes: [Int], boundary: Tensor, displacement: Tensor, height: Int, width: Int
  ) throws(CRFRefineError) -> InstanceMasks {
    try ScoreMaps.check(maps, classes: classes, "instances")
    let size = [maps.shape[0], maps.shape[1]]
    guard boundary.shape.dimensions == size, displacement.shape.dimensions == size + [2] else {
      throw CRFRefineError(
        "instances: boundary \(boundary.shape) and displacements \(displacement.shape) for maps "
          + "\(maps.shape)")
    }
    guard height > 0, width > 0 else {
      throw CRFRefineError("instances: an image of \(height) x \(width), expected 1 x 1 or more")
    }
    guard (0...1).contains(backgroundThreshold), (0...1).contains(smallestShare) else {
      throw CRFRefineError(
        "instances: background threshold \(backgroundThreshold), smallest share \(smallestShare), "
          + "expected 0...1")
    }
    let graph = try AffinityGraph(boundary: boundary, radius: radius)
    let centroids = try CentroidGroups(
      displacement: displacement, steps: refinementSteps, weakness: weakness)
    let members = Members(maps, classes, centroids)
    var winners = Winners(height: height, width: width)
    for start in stride(from: 0, to: members.list.count, by: Members.together) {
      let range = start..<min(start + Members.together, members.list.count)
      let walked = try walk.walk(members.maps(range), damping: boundary, over: graph).maps
      winners.add(ScoreMaps.enlarged(walked, height: height, width: width), first: start)
    }
    return InstanceMasks(
      height: height, width: width, instances: parts(winners, members.list.map(\.label)))
  }

  /// The connected parts of each map's pixels.
  private func parts(_ winners: Winners, _ labels: [Int]) -> [Instance] {
    let (height, width) = (winners.height, winners.width)
    let top = winners.scores.max() ?? 0
    guard top > 0 else { return [] }
    let smallest = smallestShare * Double(height * width)
    let owners = zip(winners.indices, winners.scores).map { index, score in
      score / top > backgroundThreshold ? index : -1
    }
    let parts = ConnectedComponents(owners, width: width)
    var areas = [Int](repeating: 0, count: parts.values.count)
    var scores = [Float](repeating: 0, count: parts.values.count)
    for (pixel, part) in parts.labels.enumerated() where part > 0 {
      areas[Int(part) - 1] += 1
      scores[Int(part) - 1] = max(scores[Int(part) - 1], winners.scores[pixel] / top)
    }
    let isKept = areas.map { keepsFragments || Double($0) >= smallest }
    let order = areas.indices.filter { isKept[$0] }
      .sorted { (parts.values[$0], $0) < (parts.values[$1], $1) }
    return order.map { part in
      let bitmap = parts.labels.map { $0 == Int32(part + 1) ? UInt8(1) : 0 }
      return Instance(
        label: labels[Int(parts.values[part])],
        score: Double(areas[part]) < smallest ? 0 : scores[part],
        mask: RunLengthMask(bitmap: bitmap, height: height, width: width))
    }
  }
}

/// The maps of classes within groups: those that are not 0 everywhere, class by class.
private struct Members {
  /// As many as one pass of the walk takes.
  static let together = 4
  let list: [(map: Int, label: Int, group: Int32)]
  private let source: Tensor
  private let groups: IndexTensor

  init(_ maps: Tensor, _ classes: [Int], _ centroids: CentroidGroups) {
    source = maps
    groups = centroids.groups
    let count = classes.count
    var isUsed = [Bool](repeating: false, count: count * centroids.count)
    maps.withScalars { maps in
      for (pixel, group) in centroids.groups.indices.enumerated() {
        for map in 0..<count where maps[pixel * count + map] > 0 {
          isUsed[map * centroids.count + Int(group)] = true
        }
      }
    }
    list = isUsed.indices.filter { isUsed[$0] }.map {
      ($0 / centroids.count, classes[$0 / centroids.count], Int32($0 % centroids.count))
    }
  }

  func maps(_ range: Range<Int>) -> Tensor {
    let (height, width, classes) = (source.shape[0], source.shape[1], source.shape[2])
    var maps = Tensor.zeros([height, width, range.count])
    let groups = groups.indices
    maps.withMutableScalars { maps in
      source.withScalars { source in
        for pixel in groups.indices {
          for (place, index) in range.enumerated() where list[index].group == groups[pixel] {
            maps[pixel * range.count + place] = source[pixel * classes + list[index].map]
          }
        }
      }
    }
    return maps
  }
}

/// Of each pixel of the image the largest score so far, and the map it is of.
private struct Winners {
  let height, width: Int
  var scores: [Float]
  var indices: [Int32]

  init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    scores = [Float](repeating: 0, count: height * width)
    indices = [Int32](repeating: -1, count: height * width)
  }

  /// Takes more maps, `[H, W, K]`, the first of which has the given number.
  mutating func add(_ maps: Tensor, first: Int) {
    let count = maps.shape[2]
    maps.withScalars { maps in
      for pixel in scores.indices {
        for map in 0..<count where maps[pixel * count + map] > scores[pixel] {
          scores[pixel] = maps[pixel * count + map]
          indices[pixel] = Int32(first + map)
        }
      }
    }
  }
}
