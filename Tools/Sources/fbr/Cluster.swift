import ArgumentParser
import Foundation
import NROI
import Pipeline
import Tensor
import TensorIO

struct Cluster: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Group feature vectors: K-means and its alternatives, on anybody's features.",
    discussion: """
      FEATURES.npy holds one vector a row: [N, D], or [H, W, D] and the like, whose last axis is the \
      vector. F.npy receives the centroids, [K, D].

      EXAMPLES
        fbr cluster features.npy -k 8 --out centroids.npy
        fbr cluster map.npy -k 4 --metric cosine --restarts 10 --out c.npy --assignments a.npy
        fbr cluster features.npy --method dbscan --radius 0.5 --out c.npy --json
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable {
    case kmeans, ward, average, dbscan, random, mean
  }

  enum Metric: String, ExpressibleByArgument, CaseIterable {
    case euclidean, cosine
  }

  @Argument(help: "The vectors, a .npy file of numbers.", completion: .file(extensions: ["npy"]))
  var features: String

  @Option(name: .shortAndLong, help: "The number of clusters; with 'random' that of rows.")
  var k = 8

  @Option(help: "The .npy file to write the centroids to.", completion: .file())
  var out: String

  @Option(
    help: "A .npy file for each vector's cluster, of the features' shape without the last axis.",
    completion: .file())
  var assignments: String?

  @Option(help: "kmeans, ward, average (agglomerative), dbscan, random (rows as they are) or mean.")
  var method = Method.kmeans

  @Option(help: "euclidean, or cosine: by direction only.")
  var metric = Metric.euclidean

  @Option(help: "What every random choice comes from.")
  var seed: UInt64 = 1

  @Option(help: "Independent runs of kmeans; the one of least inertia wins.")
  var restarts = 1

  @Option(help: "Rows a step of mini-batch kmeans. (default: all rows each round)")
  var miniBatch: Int?

  @Option(help: "dbscan: vectors at most this far apart are neighbours.")
  var radius: Float?

  @Option(help: "dbscan: neighbours, itself included, that make a core.")
  var neighbors = 5

  @Flag(help: "Print JSON instead of lines.")
  var json = false

  func validate() throws {
    for (name, value) in [
      ("-k", k), ("--restarts", restarts), ("--mini-batch", miniBatch ?? 1),
      ("--neighbors", neighbors),
    ] where value < 1 {
      throw ValidationError("\(name) is \(value), expected 1 or more")
    }
    switch (method, radius) {
    case (.dbscan, nil): throw ValidationError("--method dbscan needs --radius")
    case (.dbscan, .some(let radius)) where !(radius > 0):
      throw ValidationError("--radius is \(radius), expected above 0")
    case (.dbscan, _), (_, nil): break
    default: throw ValidationError("--radius goes with --method dbscan")
    }
    if metric == .cosine && (method == .random || method == .mean) {
      throw ValidationError("--metric goes with kmeans, ward, average and dbscan")
    }
    try expectApart(outputs: [out] + (assignments.map { [$0] } ?? []), inputs: [features])
  }

  func run() throws {
    let (rows, shape) = try read()
    var generator = PhiloxGenerator(seed: seed)
    let clusters: Clusters
    do {
      clusters = try algorithm.cluster(rows, using: &generator)
    } catch {
      try stop("\(features): \(error)", 65)
    }
    do {
      try NPYFile.write(NumericArray(clusters.centroids), to: out)
      if let assignments {
        let numbers = clusters.assignments.indices.map(Int.init)
        try NPYFile.write(
          NumericArray(integers: numbers, shape: shape, as: .int32), to: assignments)
      }
    } catch {
      try stop("\(error)", 74)
    }
    if (method == .kmeans || method == .random) && rows.shape[0] < k {
      printProgress("warning: \(features) holds \(rows.shape[0]) vectors, so no \(k) clusters")
    }
    try report(clusters, rows)
  }

  private var algorithm: any Clustering {
    let distance: Distance = metric == .cosine ? .cosine : .euclidean
    return switch method {
    case .kmeans:
      KMeans(clusters: k, distance: distance, restarts: restarts, miniBatch: miniBatch)
    case .ward: Agglomerative(clusters: k, linkage: .ward, distance: distance)
    case .average: Agglomerative(clusters: k, linkage: .average, distance: distance)
    case .dbscan: DBSCAN(radius: radius ?? 1, minimumNeighbors: neighbors, distance: distance)
    case .random: RandomRows(count: k)
    case .mean: SingleMean()
    }
  }

  /// The rows, and the shape of what is one number a row.
  private func read() throws -> (Tensor, [Int]) {
    let array: NumericArray
    do {
      array = try NPYFile.read(features)
    } catch {
      try stop("\(error)", FileManager.default.isReadableFile(atPath: features) ? 65 : 74)
    }
    guard let depth = array.shape.last, array.shape.count >= 2, array.count > 0 else {
      try stop("\(features): shape \(array.shape), expected [N, D] or [..., D], not empty", 65)
    }
    return (
      array.tensor.reshaped(array.count / depth, depth), Array(array.shape.dropLast())
    )
  }

  private func report(_ clusters: Clusters, _ rows: Tensor) throws {
    let sizes = clusters.sizes
    let unassigned = rows.shape[0] - sizes.reduce(0, +)
    if json {
      try printJSON(
        Report(
          rows: rows.shape[0], dimension: rows.shape[1], clusters: sizes.count, sizes: sizes,
          unassigned: unassigned, inertia: clusters.inertia, iterations: clusters.iterations))
      return
    }
    print(
      alignedTable(
        [["cluster", "rows"]] + sizes.enumerated().map { ["\($0)", "\($1)"] }
          + (unassigned > 0 ? [["none", "\(unassigned)"]] : [])))
    print(
      "\(rows.shape[0]) rows of \(rows.shape[1]), inertia \(clusters.inertia), "
        + "\(clusters.iterations) iterations")
    print("centroids written to \(out)")
  }

  private func stop(_ message: String, _ code: Int32) throws -> Never {
    printError(message)
    throw ExitCode(code)
  }

  private struct Report: Encodable {
    let rows, dimension, clusters: Int
    let sizes: [Int]
    let unassigned: Int
    let inertia: Double
    let iterations: Int
  }
}
