public import Autograd
public import Tensor

/// The FBR losses of one batch, each a scalar before its weight, and what they were computed from.
///
/// A term that has nothing to work on is 0 without a gradient: no foreground, no query, a single
/// foreground class (`intraForeground`), no background negative (`foregroundBackground`).
public struct FBRLoss {
  /// Pixel-to-NROI contrast `L_FB`.
  public let foregroundBackground: Variable
  /// Actively sampled pixel-to-pixel contrast `L_IF`.
  public let intraForeground: Variable
  /// Cosine separation `L_sim`.
  public let separation: Variable
  /// The weighted sum of the three, to be added to the host's loss.
  public let total: Variable
  /// The uncertain foreground pixels.
  public let queries: Queries
  /// The classes of the batch, with their semantic graph.
  public let prototypes: Prototypes
  let labels: LabelMap
  let bankFill: Double

  /// Computes the losses.
  ///
  /// Draws come from `generator` in a fixed order, so the same state gives the same bits.
  ///
  /// - Parameters:
  ///   - foreground: `Zf = relu(phi_fg(x))`, `[B, H, W, D]`.
  ///   - background: `Zb = relu(phi_bg(x))`, of the same shape.
  ///   - seeds: Scores and pseudo labels of the batch; pixels it ignores count nowhere.
  ///   - bank: Rows to draw negatives from, `[M, D]`, as a memory bank holds them.
  ///   - bankCount: How many of its rows are filled; all by default.
  ///   - configuration: The constants.
  ///   - generator: The source of every draw.
  /// - Throws: `ContrastError` naming image and pixel where an embedding is not finite.
  public init(
    foreground: Variable, background: Variable, seeds: SeedMap, bank: Tensor,
    bankCount: Int? = nil, configuration: FBRConfiguration = .amn,
    using generator: inout PhiloxGenerator
  ) throws(ContrastError) {
    checkFeatures(foreground.value, seeds, "FBRLoss: foreground")
    checkFeatures(background.value, seeds, "FBRLoss: background")
    let (separation, notFinite) = checkedSeparation(
      foreground, background, ignoring: seeds.labels)
    if let pixel = notFinite {
      throw .notFinite("an embedding", image: pixel / seeds.area, pixel: pixel % seeds.area)
    }
    let queries = Queries(seeds, configuration)
    let prototypes = Prototypes(
      features: foreground.value, seeds: seeds, divisor: configuration.prototypeDivisor)
    let source = configuration.reference ? foreground.detached() : foreground

    let (draws, paired) = NegativeDraws.active(
      configuration.negatives, prototypes: prototypes, labels: seeds.labels, for: queries,
      temperature: configuration.temperature, sampling: configuration.sampling, using: &generator)
    intraForeground = infoNCE(
      source, queries: paired, prototypes: prototypes, negatives: foreground.value, draws: draws,
      temperature: configuration.temperature)

    let filled = bankCount ?? bank.shape[0]
    let negatives = BackgroundNegatives(
      configuration, background: background.value, seeds: seeds, bank: bank,
      bankCount: filled)
    foregroundBackground = negatives.contrast(
      source, queries: queries, prototypes: prototypes, configuration, using: &generator)

    self.separation = separation
    self.queries = queries
    self.prototypes = prototypes
    labels = seeds.labels
    bankFill = Double(filled) / Double(max(bank.shape[0], 1))
    total = weightedSum([
      (intraForeground, configuration.intraForegroundWeight),
      (foregroundBackground, configuration.foregroundBackgroundWeight),
      (separation, configuration.separationWeight),
    ])
  }
}
