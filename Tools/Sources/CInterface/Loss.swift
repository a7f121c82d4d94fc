internal import Autograd
public import CFBR
internal import Contrast
internal import Tensor

/// See `fbr.h`.
@c(fbr_default_configuration) @implementation
public func fbr_default_configuration(
  _ ppc: Int32, _ configuration: UnsafeMutablePointer<fbr_configuration>?
) {
  let defaults: FBRConfiguration = ppc == 0 ? .amn : .ppc
  unsafe configuration?.pointee = fbr_configuration(
    sure_share: defaults.sureShare, entropy_quantile: defaults.entropyQuantile,
    score_floor: defaults.scoreFloor, temperature: defaults.temperature,
    intra_foreground_weight: defaults.intraForegroundWeight,
    foreground_background_weight: defaults.foregroundBackgroundWeight,
    separation_weight: defaults.separationWeight,
    prototype_divisor: Int32(defaults.prototypeDivisor), negatives: Int32(defaults.negatives),
    per_class: 0, background: Int32(FBR_REGIONS), reference: 0)
}

/// See `fbr.h`.
@c(fbr_set_threads) @implementation
public func fbr_set_threads(_ threads: Int32) {
  if threads > 0 { Threads.count = Int(threads) }
}

/// See `fbr.h`.
@c(fbr_seed_map) @implementation
public func fbr_seed_map(
  _ batch: UnsafePointer<fbr_batch>?, _ labels: UnsafeMutablePointer<UInt8>?,
  _ scores: UnsafeMutablePointer<Float>?, _ error: UnsafeMutablePointer<CChar>?,
  _ errorSize: Int64
) -> Int32 {
  unsafe reporting(error, errorSize) {
    guard let batch = unsafe batch?.pointee else { throw ArgumentError("batch is NULL") }
    let seeds = try unsafe seedMap(batch)
    for (pixel, label) in seeds.labels.labels.enumerated() {
      // Safe: one label a pixel.
      unsafe labels?[pixel] = label
    }
    unsafe copy(seeds.scores, to: scores)
  }
}

/// See `fbr.h`.
@c(fbr_loss) @implementation
public func fbr_loss(
  _ batch: UnsafePointer<fbr_batch>?, _ configuration: UnsafePointer<fbr_configuration>?,
  _ seed: UInt64, _ step: UInt64, _ losses: UnsafeMutablePointer<fbr_losses>?,
  _ gradientForeground: UnsafeMutablePointer<Float>?,
  _ gradientBackground: UnsafeMutablePointer<Float>?, _ error: UnsafeMutablePointer<CChar>?,
  _ errorSize: Int64
) -> Int32 {
  unsafe reporting(error, errorSize) {
    guard let batch = unsafe batch?.pointee else { throw ArgumentError("batch is NULL") }
    guard let configuration = unsafe configuration?.pointee else {
      throw ArgumentError("configuration is NULL")
    }
    let sizes = unsafe [batch.batch, batch.height, batch.width, batch.depth]
    _ = try elements("embeddings", sizes)
    let seeds = try unsafe seedMap(batch)
    let foreground = Variable(
      try unsafe tensor("foreground", batch.foreground, sizes),
      requiresGradient: unsafe gradientForeground != nil)
    let background = Variable(
      try unsafe tensor("background", batch.background, sizes),
      requiresGradient: unsafe gradientBackground != nil)
    var generator = PhiloxGenerator(seed: seed, stream: step)
    let loss = try FBRLoss(
      foreground: foreground, background: background, seeds: seeds,
      bank: unsafe tensor("bank", batch.bank, [batch.bank_rows, batch.depth]),
      configuration: checked(configuration), using: &generator)
    if loss.total.requiresGradient { loss.total.backward() }
    let found = loss.statistics
    unsafe losses?.pointee = fbr_losses(
      total: found.total, foreground_background: found.foregroundBackground,
      intra_foreground: found.intraForeground, separation: found.separation,
      queries: Int64(found.queries), foreground_pixels: Int64(found.foregroundPixels),
      background_pixels: Int64(found.backgroundPixels),
      ignored_pixels: Int64(found.ignoredPixels), classes: Int64(found.classes))
    unsafe copy(foreground.gradient ?? .zeros(foreground.shape), to: gradientForeground)
    unsafe copy(background.gradient ?? .zeros(background.shape), to: gradientBackground)
  }
}

private func seedMap(_ batch: fbr_batch) throws -> SeedMap {
  let pixels = unsafe [batch.batch, batch.height, batch.width]
  let count = try elements("batch, height, width", pixels)
  let (images, classes) = unsafe (batch.batch, batch.classes)
  try expect(classes >= 0 && classes < 255, "classes \(classes), expected 0...254")
  let mask = unsafe batch.ignore == nil ? nil : try array("ignore", batch.ignore, count)
  return try SeedMap(
    logits: unsafe tensor("logits", batch.logits, pixels + [classes + 1]),
    imageLabels: unsafe tensor("image_labels", batch.image_labels, [images, classes]),
    ignoring: mask.map { LabelMap($0, shape: Shape(pixels.map { Int($0) })) })
}

private func checked(_ values: fbr_configuration) throws -> FBRConfiguration {
  let backgrounds: [Int32: FBRConfiguration.Background] = [
    Int32(FBR_REGIONS): .regions, Int32(FBR_PIXELS): .pixels, Int32(FBR_PROTOTYPE): .prototype,
    Int32(FBR_NONE): .none,
  ]
  guard let background = backgrounds[values.background] else {
    throw ArgumentError("background \(values.background), expected 0...3")
  }
  try expect(values.temperature > 0, "temperature \(values.temperature), expected above 0")
  try expect(values.negatives >= 1, "negatives \(values.negatives), expected 1 or more")
  try expect(
    values.prototype_divisor >= 1,
    "prototype_divisor \(values.prototype_divisor), expected 1 or more")
  for (name, share) in [
    ("sure_share", values.sure_share), ("entropy_quantile", values.entropy_quantile),
  ] {
    try expect((0...1).contains(share), "\(name) \(share), expected 0...1")
  }
  var configuration = FBRConfiguration()
  configuration.sureShare = values.sure_share
  configuration.entropyQuantile = values.entropy_quantile
  configuration.scoreFloor = values.score_floor
  configuration.temperature = values.temperature
  configuration.intraForegroundWeight = values.intra_foreground_weight
  configuration.foregroundBackgroundWeight = values.foreground_background_weight
  configuration.separationWeight = values.separation_weight
  configuration.prototypeDivisor = Int(values.prototype_divisor)
  configuration.negatives = Int(values.negatives)
  configuration.sampling = values.per_class == 0 ? .perQuery : .perClass
  configuration.background = background
  configuration.reference = values.reference != 0
  return configuration
}
