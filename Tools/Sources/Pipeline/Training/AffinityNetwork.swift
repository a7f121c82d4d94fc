internal import Autograd
internal import Backbone
internal import CRFRefine
internal import Datasets
internal import Tensor

/// The network of the `boundary` stage with its backbone: IRN or PSA's AffinityNet.
final class AffinityNetwork: Module {
  private let backbone: any FeatureExtractor
  private let irn: IRN?
  private let psa: AffinityNet?

  init(
    _ method: BoundarySettings.Method, backbone: any FeatureExtractor, _ context: StageContext
  ) {
    self.backbone = backbone
    var generator = context.generator("heads")
    switch method {
    case .irn:
      backbone.setBatchNorm(.frozen)
      backbone.freeze()
      backbone.eval()
      irn = IRN(
        channels: backbone.boundaryChannels, strides: backbone.boundaryStrides, using: &generator)
      psa = nil
    case .psa:
      irn = nil
      psa = AffinityNet(backbone: backbone, using: &generator)
    }
  }

  /// What trains: all but IRN's backbone.
  var trained: any Module { irn ?? self }

  /// The start of the names that train at `learningRate`.
  var slowNames: String { irn == nil ? "backbone." : "fc_edge" }

  func losses(_ images: Variable, seeds: LabelMap, pairs: PixelPairs) -> Losses {
    if let irn {
      let output = irn(backbone.boundaryFeatures(images))
      let labels = seeds.atCells(
        height: output.boundary.shape[1], width: output.boundary.shape[2])
      let loss = IRNLoss(output, labels: labels, pairs: pairs)
      return Losses(
        total: loss.total,
        parts: [
          "background": loss.parts.background, "foreground": loss.parts.foreground,
          "different": loss.parts.different,
          "displacement":
            (loss.parts.foregroundDisplacement
            + loss.parts.backgroundDisplacement) / 2,
        ])
    }
    let features = affinityFeatures(images)
    let labels = seeds.atCells(height: features.shape[1], width: features.shape[2])
    let loss = AffinityLoss(features, labels: labels, pairs: pairs)
    return Losses(
      total: loss.total,
      parts: [
        "background": loss.parts.background, "foreground": loss.parts.foreground,
        "different": loss.parts.different,
      ])
  }

  private func affinityFeatures(_ images: Variable) -> Variable {
    guard let psa else { return images }
    let stages = backbone.stages(images)
    return psa(backbone.affinityStages.map { stages[$0] })
  }

  /// Sets IRN's mean displacement to that over all training pictures.
  func findMeanShift(
    _ source: any ImageSource, _ normalization: Normalization, _ context: StageContext
  ) throws {
    guard let irn else { return }
    irn.train()
    var sum: [Double] = [0, 0]
    let count = try context.forEach(
      source.records, name: "mean displacement",
      load: { normalization(try source.image(of: $0)) },
      finish: { _, image in
        let means = withoutGradients {
          irn(self.backbone.boundaryFeatures(Variable(image))).displacement.value.mean([0, 1, 2])
        }.scalars
        for axis in 0..<2 { sum[axis] += Double(means[axis]) }
      })
    irn.meanShift.runningMean.value = Tensor(sum.map { Float($0 / Double(count)) })
    irn.eval()
  }

  /// What the walk needs of a picture, from it and its mirror image.
  func affinities(_ views: PictureViews, radius: Int) throws -> PictureAffinities {
    func mean(_ network: (Variable) -> Tensor) -> Tensor {
      let parts = views.views.map { view in
        let map = withoutGradients { network(Variable(view.input)) }
        return view.isFlipped ? map.flipped([2]) : map
      }
      return parts.dropFirst().reduce(parts[0]) { $0 + $1 } / Float(parts.count)
    }
    guard let irn else {
      let features = mean { self.affinityFeatures($0).value }
      return PictureAffinities(
        graph: try AffinityGraph(
          features: features.reshaped(Array(features.shape.dimensions.dropFirst())),
          radius: radius),
        boundary: nil, displacement: nil)
    }
    let boundary = mean { irn(self.backbone.boundaryFeatures($0)).boundary.value }.sigmoid()
    let first = views.views[0]
    let displacement = withoutGradients {
      irn(self.backbone.boundaryFeatures(Variable(first.input))).displacement.value
    }
    let map = boundary.reshaped(boundary.shape[1], boundary.shape[2])
    return PictureAffinities(
      graph: try AffinityGraph(boundary: map, radius: radius), boundary: map,
      displacement: displacement.reshaped(Array(displacement.shape.dimensions.dropFirst())))
  }
}

/// How alike the pixels of a picture are.
struct PictureAffinities {
  let graph: AffinityGraph
  /// IRN's boundaries, `[h, w]`.
  let boundary: Tensor?
  /// IRN's displacements, `[h, w, 2]`.
  let displacement: Tensor?
}
