import Autograd
import Backbone
import Tensor
import TensorTestSupport
import Testing

/// The losses of the saliency route; the golden numbers go pixel by pixel.
@Suite("Losses of the saliency route")
struct HostLossTests {
  private let golden: GoldenFile

  init() throws { golden = try GoldenFile("host_losses", in: .module) }

  private func expectEqual(
    _ golden: GoldenFile.Case, _ name: String, _ loss: Variable, _ inputs: [(Variable, String)]
  ) throws {
    #expect(difference(from: golden[name], loss.value, relative: 1e-5) == nil, "\(name)")
    loss.backward()
    for (input, gradient) in inputs {
      let ours = try #require(input.gradient)
      #expect(difference(from: golden[gradient], ours, relative: 1e-4) == nil, "\(gradient)")
    }
  }

  @Test(
    "EPS: maps against saliency, with classes it knows and others", arguments: ["odd", "sharp"])
  func saliency(name: String) throws {
    let golden = golden[name]
    let maps = Variable(golden["maps"], requiresGradient: true)
    try expectEqual(
      golden, "eps",
      maps.saliencyLoss(golden["saliency"], imageLabels: golden["labels"]),
      [(maps, "eps_gradient")])
  }

  @Test("ER and ECR", arguments: ["odd", "sharp"])
  func equivariance(name: String) throws {
    let golden = golden[name]
    let labels = Tensor(concatenating: [.ones([2, 1]), golden["labels"]], axis: 1)
    let (first, second) = (
      Variable(golden["maps"], requiresGradient: true),
      Variable(golden["second"], requiresGradient: true)
    )
    try expectEqual(
      golden, "er",
      Equivariance.regularization(
        Equivariance.normalized(first, labels: labels),
        Equivariance.normalized(second, labels: labels)),
      [(first, "er_gradient"), (second, "er_second_gradient")])
    let refined = Variable(golden["refined"], requiresGradient: true)
    try expectEqual(
      golden, "ecr",
      Equivariance.crossRegularization(refined, target: golden["target"]),
      [(refined, "ecr_gradient")])
  }

  @Test("maps that say what the saliency map says have no loss")
  func perfect() {
    // Class 1 in the upper half, background below.
    let maps = Tensor(
      (0..<16).flatMap { $0 < 8 ? [Float(0), 50, 0] : [50, 0, 0] }, shape: [1, 4, 4, 3])
    let saliency = Tensor((0..<16).map { $0 < 8 ? Float(1) : 0 }, shape: [1, 4, 4])
    let labels = Tensor([1, 0] as [Float], shape: [1, 2])
    let loss = Variable(maps).saliencyLoss(saliency, imageLabels: labels).value.scalar
    #expect(loss < 1e-6)
    // A class beside what is salient belongs to the background: no loss, but half of one if it
    // were held to be foreground.
    let unsalient = Variable(maps).saliencyLoss(.zeros([1, 4, 4]), imageLabels: labels).value.scalar
    #expect(unsalient < 1e-6)
  }
}
