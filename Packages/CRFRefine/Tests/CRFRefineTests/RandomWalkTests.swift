import CRFRefine
import Tensor
import TensorTestSupport
import Testing

/// The sparse walk against the dense matrix in double.
@Suite("RandomWalk")
struct RandomWalkTests {
  let golden: GoldenFile

  init() throws { golden = try GoldenFile("random_walk", in: .module) }

  func settings(_ golden: GoldenFile.Case) -> RandomWalk {
    RandomWalk(
      beta: Float(golden.number("beta")), steps: 1 << golden.integer("doublings"),
      mapPower: Float(golden.attributes["power"] ?? 1))
  }

  func graph(_ golden: GoldenFile.Case) throws -> AffinityGraph {
    let radius = golden.integer("radius")
    if golden.has("boundary") {
      return try AffinityGraph(boundary: golden["boundary"], radius: radius)
    }
    return try AffinityGraph(
      features: golden["features"], radius: radius,
      sources: golden.integer("inner") == 1 ? .inner : .all)
  }

  @Test("the walk is the dense matrix' within 1e-5")
  func dense() throws {
    #expect(golden.cases.count == 11)
    for golden in golden.cases {
      let walk = settings(golden)
      let isDamped = golden.attributes["damp"] == 1
      let walked = try walk.walk(
        golden["maps"], damping: isDamped ? golden["boundary"] : nil, over: graph(golden))
      #expect(walked.steps == walk.steps)
      #expect(
        difference(from: golden["walked"], walked.maps, relative: 1e-5) == nil, "\(golden.name)")
      if isDamped {
        let same = try walk.propagate(
          golden["maps"], boundary: golden["boundary"], radius: golden.integer("radius"))
        #expect(same == walked.maps, "\(golden.name)")
      }
    }
  }

  @Test("the number of threads changes no bit, nor do the maps beside it")
  func bits() throws {
    var generator = PhiloxGenerator(seed: 3)
    let graph = try AffinityGraph(boundary: generator.uniform(shape: [61, 45]))
    let maps = generator.uniform(shape: [61, 45, 7])
    let walked = try RandomWalk.irn.propagate(maps, over: graph)
    #expect(try Threads.serially { try RandomWalk.irn.propagate(maps, over: graph) } == walked)
    let alone = maps.sliced([.all, .all, AxisRange(5..<6)])
    #expect(
      try RandomWalk.irn.propagate(alone, over: graph)
        == walked.sliced([.all, .all, AxisRange(5..<6)]))
  }

  @Test("a map that is the same everywhere stays so, exactly")
  func constant() throws {
    var generator = PhiloxGenerator(seed: 4)
    let graph = try AffinityGraph(boundary: generator.uniform(shape: [40, 33]), radius: 10)
    let ones = Tensor.ones([40, 33, 1])
    #expect(try RandomWalk.irn.propagate(ones, over: graph) == ones)
  }

  @Test("no steps, no maps and a wall of boundaries change nothing")
  func nothing() throws {
    var generator = PhiloxGenerator(seed: 5)
    let maps = generator.uniform(shape: [9, 8, 2])
    let graph = try AffinityGraph(boundary: generator.uniform(shape: [9, 8]))
    #expect(try RandomWalk(steps: 0).propagate(maps, over: graph) == maps)
    #expect(try RandomWalk.irn.propagate(.zeros([9, 8, 0]), over: graph).shape == [9, 8, 0])
    let wall = try AffinityGraph(boundary: .ones([9, 8]))
    #expect(try RandomWalk.irn.propagate(maps, over: wall) == maps)
  }

  @Test("a walk with a tolerance stops early, near where it would have ended")
  func tolerance() throws {
    var generator = PhiloxGenerator(seed: 6)
    let boundary = generator.uniform(shape: [20, 20]) * 0.1
    let maps = generator.uniform(shape: [20, 20, 2])
    let graph = try AffinityGraph(boundary: boundary)
    let long = try RandomWalk(beta: 2, steps: 4096).propagate(maps, over: graph)
    let short = try RandomWalk(beta: 2, steps: 4096, tolerance: 1e-6).walk(maps, over: graph)
    #expect(short.steps < 1024 && short.steps % 8 == 0)
    #expect(difference(from: long, short.maps, relative: 1e-4) == nil)
    let odd = try RandomWalk(beta: 2, steps: 13, tolerance: 0).walk(maps, over: graph)
    #expect(odd.steps == 13)
    #expect(try odd.maps == RandomWalk(beta: 2, steps: 13).propagate(maps, over: graph))
  }

  @Test("an image of 2048 x 1536 walks at stride 4 and at full size")
  func large() throws {
    var generator = PhiloxGenerator(seed: 7)
    for (height, width, radius, steps) in [(384, 512, 5, 64), (1536, 2048, 2, 3)] {
      let boundary = generator.uniform(shape: [height, width]) * 0.5
      let maps = Tensor.ones([height, width, 1])
      let walked = try RandomWalk(steps: steps).propagate(
        maps, over: AffinityGraph(boundary: boundary, radius: radius))
      #expect(walked == maps)
    }
  }

  @Test("what cannot walk is refused with its reason")
  func refusals() throws {
    func text(_ body: () throws -> Any) -> String {
      do { return "\(try body())" } catch { return "\(error)" }
    }
    let graph = try AffinityGraph(boundary: .zeros([4, 5]))
    let walk = RandomWalk.irn
    #expect(
      text { try walk.propagate(.ones([5, 4, 1]), over: graph) }
        == "random walk: maps [5, 4, 1] over affinities of 4 x 5")
    var maps = Tensor.ones([4, 5, 2])
    maps[1, 2, 1] = .nan
    #expect(
      text { try walk.propagate(maps, over: graph) }
        == "score maps: nan at [1, 2, 1], expected 0 or more, finite")
    maps[1, 2, 1] = -1
    #expect(
      text { try walk.propagate(maps, over: graph) }
        == "score maps: -1.0 at [1, 2, 1], expected 0 or more, finite")
    #expect(
      text { try walk.walk(.ones([4, 5, 1]), damping: .ones([5, 4]), over: graph) }
        == "random walk: boundary [5, 4] for maps of 4 x 5")
    #expect(
      text { try RandomWalk(beta: -1).propagate(.ones([4, 5, 1]), over: graph) }
        == "random walk: beta -1.0, map power 1.0, 256 steps, tolerance 0.0, expected 0 or more, "
        + "above 0, 0 or more, 0 or more")
    var boundary = Tensor.zeros([4, 5])
    boundary[3, 4] = 1.5
    #expect(
      text { try AffinityGraph(boundary: boundary) }
        == "boundary map: 1.5 at [3, 4], expected 0.0...1.0")
    #expect(
      text { try AffinityGraph(boundary: .zeros([0, 5])) }
        == "boundary map: [0, 5], expected [H, W] of 1 x 1 or more")
    #expect(
      text { try AffinityGraph(boundary: .zeros([4, 5]), radius: 1) }
        == "affinities: radius 1, expected 2...64")
    #expect(
      text { try AffinityGraph(affinities: .zeros([4, 3, 5]), pairs: PixelPairs(radius: 5)) }
        == "affinities: [4, 3, 5], expected [H, 34, W] of 1 x 1 or more")
    var features = Tensor.zeros([4, 5, 2])
    features[0, 1, 1] = .infinity
    #expect(
      text { try AffinityGraph(features: features) }
        == "features: inf at [0, 1, 1], expected finite")
    var affinities = Tensor.zeros([4, 34, 5])
    affinities[2, 3, 1] = 1.25
    let wrong = try AffinityGraph(affinities: affinities, pairs: PixelPairs(radius: 5))
    #expect(
      text { try walk.propagate(.ones([4, 5, 1]), over: wrong) }
        == "affinities: 1.25 at [2, 3, 1], expected 0.0...1.0")
  }
}
