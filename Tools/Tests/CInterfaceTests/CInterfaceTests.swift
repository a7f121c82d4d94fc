import Autograd
import CFBR
import CInterface
import Contrast
import NROI
import Tensor
import Testing

/// The functions as C declares them, against the Swift packages they stand for.
@Suite("C interface")
struct CInterfaceTests {
  @Test("the losses and gradients have the bits of FBRLoss")
  func loss() throws {
    let step = try Step()
    var configuration = fbr_configuration()
    unsafe fbr_default_configuration(0, &configuration)
    var losses = fbr_losses()
    var gradientOfZf = [Float](repeating: 9, count: step.zf.count)
    var gradientOfZb = gradientOfZf
    let status = unsafe step.withBatch { batch in
      unsafe fbr_loss(
        batch, &configuration, 5, 2, &losses, &gradientOfZf, &gradientOfZb, nil, 0)
    }
    #expect(status == 0)
    let (expected, zf, zb) = try step.loss()
    #expect(losses.total == expected.total.value.scalar)
    #expect(losses.foreground_background == expected.foregroundBackground.value.scalar)
    #expect(losses.intra_foreground == expected.intraForeground.value.scalar)
    #expect(losses.queries == Int64(expected.queries.count))
    #expect(gradientOfZf == zf.gradient?.scalars)
    #expect(gradientOfZb == zb.gradient?.scalars)
  }

  @Test("K-means and the regions of a batch are NROI's")
  func clustering() throws {
    let step = try Step()
    var options = fbr_clustering()
    unsafe fbr_default_clustering(&options)
    options.clusters = 4
    let rows = step.zb.reshaped(72, 5)
    var centroids = [Float](repeating: 0, count: 20)
    var assignments = [Int32](repeating: -9, count: 72)
    var (found, inertia, iterations) = (Int64(0), 0.0, Int64(0))
    #expect(
      unsafe fbr_k_means(
        rows.scalars, 72, 5, &options, 3, &centroids, &assignments, &found, &inertia, &iterations,
        nil, 0) == 0)
    var generator = PhiloxGenerator(seed: 3)
    let expected = try KMeans(clusters: 4).cluster(rows, using: &generator)
    #expect(centroids == expected.centroids.scalars && found == 4)
    #expect(assignments == expected.assignments.indices)
    #expect(inertia == expected.inertia && iterations == Int64(expected.iterations))

    let labels = step.seeds.labels
    var regions = [Float](repeating: 0, count: 2 * 4 * 5)
    #expect(
      unsafe fbr_negative_regions(
        step.zb.scalars, labels.labels, 2, 6, 6, 5, &options, 1, 4, &regions, &found, nil, 0) == 0)
    let wanted = try NegativeRegions(
      embeddings: step.zb, labels: labels, clustering: KMeans(clusters: 4), seed: 1, step: 4)
    #expect(Array(regions.prefix(Int(found) * 5)) == wanted.centroids.scalars)
  }

  @Test("what is wrong is written to the buffer, cut to its size, and nothing traps")
  func errors() throws {
    let step = try Step()
    var text = [CChar](repeating: 1, count: 80)
    func message(_ status: Int32) -> String {
      #expect(status == 1)
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    var configuration = fbr_configuration()
    unsafe fbr_default_configuration(1, &configuration)
    configuration.temperature = 0
    var losses = fbr_losses()
    var status = unsafe step.withBatch {
      unsafe fbr_loss($0, &configuration, 0, 0, &losses, nil, nil, &text, 80)
    }
    #expect(message(status) == "temperature 0.0, expected above 0")
    status = unsafe step.withBatch {
      unsafe fbr_loss($0, &configuration, 0, 0, &losses, nil, nil, &text, 12)
    }
    #expect(message(status) == "temperature")
    status = unsafe fbr_loss(nil, &configuration, 0, 0, &losses, nil, nil, &text, 80)
    #expect(message(status) == "batch is NULL")
    var options = fbr_clustering()
    unsafe fbr_default_clustering(&options)
    let missing: UnsafePointer<Float>? = nil
    status = unsafe fbr_k_means(
      missing, 3, 2, &options, 0, nil, nil, nil, nil, nil, &text, 80)
    #expect(message(status) == "rows is NULL")
    status = unsafe fbr_k_means(
      [1, 2], -1, 2, &options, 0, nil, nil, nil, nil, nil, &text, 80)
    #expect(message(status) == "rows: sizes [-1, 2], expected 1 or more each")
    options.clusters = 0
    status = unsafe fbr_k_means([1, 2], 1, 2, &options, 0, nil, nil, nil, nil, nil, &text, 80)
    #expect(message(status) == "clusters 0, expected 1 or more")
  }
}
