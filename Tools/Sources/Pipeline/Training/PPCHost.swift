internal import Autograd
internal import Backbone
internal import Contrast
internal import Datasets
internal import Tensor

/// The constants of the host PPC/EPS; see the method, section 8.
public struct PPCSettings: Settings {
  /// Height and width of the second view, the whole crop scaled down. All that compares views has
  /// the size of its maps: 16 x 16 at stride 8.
  public var smallView = 128
  /// The share of the features' channels that training leaves out.
  public var dropout = 0.5
  /// A class is known to the saliency map where more than this share of its pixels is salient.
  public var overlap = 0.4
  /// The share of the classes' maps in the predicted saliency; the rest is the background's.
  public var foregroundShare = 0.5
  /// What labels the pixels that the contrasts compare: `softmax` of the network's scores, as in
  /// the method's section 4, or `refined`, the maps of `PCM`, as in the published code. Those are of
  /// the scores above 0 alone and take much background for objects.
  public var seeds = Seeds.softmax
  /// The background's score among `refined` maps.
  public var backgroundScore = 0.22
  /// The weight of the pixel-to-prototype contrasts, across views and across maps.
  public var contrastWeight = 0.1
  /// Their temperature.
  public var temperature = 0.1

  /// What labels the pixels that the contrasts compare.
  public enum Seeds: String, Codable, Sendable, CaseIterable {
    /// The softmax of the scores.
    case softmax
    /// The maps of `PCM`.
    case refined
  }

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.require((16...2048).contains(smallView), "smallView", smallView, expected: "16...2048")
    rules.require(dropout >= 0 && dropout < 1, "dropout", dropout, expected: "0 up to 1")
    rules.requireShare("overlap", overlap)
    rules.requireShare("foregroundShare", foregroundShare)
    rules.requireShare("backgroundScore", backgroundScore)
    rules.requireNotNegative("contrastWeight", contrastWeight)
    rules.require(temperature > 0, "temperature", temperature, expected: "a number above 0")
  }
}

/// PPC on EPS: learns from image labels and saliency maps, by what two views of a crop, the whole
/// and a small one, tell each other (method, sections 2 and 8).
struct PPCHost: FBRHost {
  private let ppc: PPC
  private let settings: FBRSettings
  let fbr: [FBRLosses]
  var network: FBRNetwork { ppc }

  init(_ ppc: PPC, _ settings: FBRSettings, seeds: [UInt64]) {
    (self.ppc, self.settings) = (ppc, settings)
    fbr = seeds.map { FBRLosses(settings, seed: $0) }
  }

  /// A view's maps and embeddings at the size at which views are compared.
  private struct View {
    /// Each of the picture's classes, and background, divided by its maximum: `[N, h, w, C + 1]`.
    let maps: Variable
    /// What `PCM` made of them, likewise.
    let refined: Variable
    /// What the other view's refined maps shall be like; constants.
    let target: Tensor
    let embeddings: FBREmbeddings
    let seeds: SeedMap
    let prototypes: Prototypes

    /// The maps of the classes alone.
    var foreground: Variable { maps.sliced(1..<maps.shape[3], axis: 3) }
  }

  /// Classification, saliency, equivariance and pixel-to-prototype contrast, and the losses of FBR.
  func losses(_ batch: Batch, step: Int) throws -> Losses {
    guard let saliency = batch.saliency else {
      throw PipelineError(.data, "fbr: pictures without saliency maps")
    }
    let side = settings.ppc.smallView
    let outputs = [batch.images, batch.images.resized(height: side, width: side)]
      .map { ppc(Variable($0)) }
    let views = try outputs.map { try view($0, batch, like: outputs[1].maps) }
    let terms = [
      "classification": mean(
        outputs.map { $0.logits.multiLabelSoftMarginLoss(batch.imageLabels) }),
      "saliency": mean(outputs.map { saliencyLoss($0.maps, saliency, batch.imageLabels) }),
      "equivariance": equivariance(views[0], views[1]),
      "prototypes": prototypes(views[0], views[1]),
    ]
    let host = terms.sorted { $0.key < $1.key }.reduce(Variable(Tensor(0))) { sum, term in
      sum + term.value * (term.key == "prototypes" ? Float(settings.ppc.contrastWeight) : 1)
    }
    var parts = terms.mapValues(\.value.scalar)
    parts["host"] = host.value.scalar
    guard settings.contrast else { return Losses(total: host, parts: parts) }
    let found = try zip(fbr, views).map { fbr, view in
      try fbr(
        view.embeddings, seeds: view.seeds,
        target: BackgroundSegmentation.target(
          cams: view.foreground.value, imageLabels: batch.imageLabels,
          threshold: Float(settings.backgroundThreshold), ignoring: view.seeds.labels),
        step: step)
    }
    for name in found[0].parts.keys {
      parts[name] = found.reduce(0) { $0 + ($1.parts[name] ?? 0) } / Float(found.count)
    }
    return Losses(total: host + mean(found.map(\.total)), parts: parts)
  }

  private func mean(_ terms: [Variable]) -> Variable {
    terms.dropFirst().reduce(terms[0], +) * (1 / Float(terms.count))
  }

  private func saliencyLoss(_ maps: Variable, _ saliency: Tensor, _ labels: Tensor) -> Variable {
    let sized = saliency.reshaped(saliency.shape[0], saliency.shape[1], saliency.shape[2], 1)
      .resized(height: maps.shape[1], width: maps.shape[2])
      .reshaped(Array(maps.shape.dimensions.dropLast()))
    return maps.saliencyLoss(
      sized, imageLabels: labels, overlap: Float(settings.ppc.overlap),
      foregroundShare: Float(settings.ppc.foregroundShare))
  }

  /// ER, and ECR both ways.
  private func equivariance(_ whole: View, _ small: View) -> Variable {
    Equivariance.regularization(whole.foreground, small.foreground)
      + Equivariance.crossRegularization(whole.refined, target: small.target)
      + Equivariance.crossRegularization(small.refined, target: whole.target)
  }

  /// Across views: prototypes of the other one. Across maps: labels of the other one.
  private func prototypes(_ whole: View, _ small: View) -> Variable {
    func contrast(_ view: View, labels: View, prototypes: View) -> Variable {
      pixelToPrototypeNCE(
        view.embeddings.foreground, labels: labels.seeds.labels,
        prototypes: prototypes.prototypes, temperature: Float(settings.ppc.temperature))
    }
    return mean([
      contrast(whole, labels: whole, prototypes: small),
      contrast(small, labels: small, prototypes: whole),
    ])
      + mean([
        contrast(whole, labels: small, prototypes: whole),
        contrast(small, labels: whole, prototypes: small),
      ])
  }

  private func view(_ output: PPC.Output, _ batch: Batch, like small: Variable) throws -> View {
    let (height, width) = (small.shape[1], small.shape[2])
    func sized(_ maps: Variable) -> Variable { maps.resized(height: height, width: width) }
    let labels = batch.imageLabels
    let withBackground = Tensor(
      concatenating: [.ones([labels.shape[0], 1]), labels], axis: 1)
    let maps = sized(output.maps)
    let refined = Equivariance.normalized(sized(output.refined), labels: withBackground)
    let embeddings = output.embeddings.resized(height: height, width: width)
    let seeds = try self.seeds(
      scores: maps.value, refined: refined.value, labels,
      ignoring: batch.padding.resizedNearestExact(height: height, width: width))
    return View(
      maps: Equivariance.normalized(maps, labels: withBackground), refined: refined,
      target: PCM.normalized(
        maps.value * withBackground.reshaped(labels.shape[0], 1, 1, withBackground.shape[1])),
      embeddings: embeddings, seeds: seeds,
      prototypes: Prototypes(
        features: embeddings.foreground.value, seeds: seeds,
        divisor: settings.loss.prototypeDivisor))
  }

  private func seeds(
    scores: Tensor, refined: Tensor, _ labels: Tensor, ignoring padding: LabelMap? = nil
  ) throws -> SeedMap {
    switch settings.ppc.seeds {
    case .softmax: try SeedMap(logits: scores, imageLabels: labels, ignoring: padding)
    case .refined:
      try SeedMap(
        cams: refined.sliced(1..<refined.shape[3], axis: 3),
        background: Float(settings.ppc.backgroundScore), imageLabels: labels, ignoring: padding)
    }
  }

  /// The mean of the views' softmax over background and the picture's classes, of which the
  /// saliency loss made object and background; each class's map is divided by its maximum. The
  /// published code has the classes that the labels exclude in the softmax too.
  func maps(_ views: PictureViews, labels: [Int]) -> Tensor {
    let shown = IndexTensor(([0] + labels).map { Int32($0) })
    return views.mean(CellGrid(stride: ppc.backbone.outputStride)) {
      ppc.maps($0).gather(shown, axis: 3).softmax()
    }.sliced(1..<labels.count + 1, axis: 2).dividedByMaxima()
  }

  func seen(
    _ image: Variable, labels: Tensor, seeds: LabelMap?
  ) throws -> (seeds: SeedMap, FBREmbeddings) {
    let output = ppc(image)
    let scores = output.maps.value
    let refined = output.refined.value.resized(height: scores.shape[1], width: scores.shape[2])
    return (try self.seeds(scores: scores, refined: refined, labels), output.embeddings)
  }
}
