internal import Autograd
internal import Datasets
internal import Foundation
internal import Tensor
internal import TensorIO

/// What a stage computes of a batch.
struct Losses {
  /// What is minimised, a scalar.
  let total: Variable
  /// Its parts and other figures, for the log.
  var parts: [String: Float] = [:]
}

/// The training loop of all stages: batches in, weights out; interrupted anywhere, it goes on with
/// the same bits.
final class Trainer {
  private let context: StageContext
  private let settings: TrainingSettings
  private let model: any Module
  private let random: RandomSource
  private let optimizer: Optimizer
  private let steps: Int
  private let itemCount: Int
  private var average: [String: Tensor] = [:]
  /// What the stage keeps in checkpoints beside the weights, and how it is put back.
  var extras: () -> [String: NumericArray] = { [:] }
  var restoreExtras: ([String: NumericArray]) throws -> Void = { _ in }

  /// - Parameters:
  ///   - context: The stage's.
  ///   - settings: Batches, optimiser, schedule.
  ///   - model: What trains.
  ///   - slow: The names' start of what trains at `learningRate`; all else at `headLearningRate`.
  ///   - random: What the model's dropout draws from.
  ///   - itemCount: The number of training pictures.
  init(
    _ context: StageContext, _ settings: TrainingSettings, model: any Module,
    slow: String = "backbone.", random: RandomSource, itemCount: Int
  ) {
    (self.context, self.settings, self.model) = (context, settings, model)
    (self.random, self.itemCount) = (random, itemCount)
    steps =
      settings.steps > 0
      ? settings.steps : max(settings.epochs * itemCount / min(settings.batchSize, itemCount), 1)
    let named = model.namedParameters
    let groups = [
      ParameterGroup(
        named.filter { $0.name.hasPrefix(slow) }, learningRate: settings.learningRate,
        weightDecay: settings.weightDecay),
      ParameterGroup(
        named.filter { !$0.name.hasPrefix(slow) }, learningRate: settings.headLearningRate,
        weightDecay: settings.weightDecay),
    ].filter { !$0.parameters.isEmpty }
    var schedule = Schedule.poly(steps: steps, power: settings.power)
    if settings.warmUpSteps > 0 { schedule = schedule.warmedUp(over: settings.warmUpSteps) }
    optimizer =
      switch settings.optimizer {
      case .sgd: SGD(groups, momentum: settings.momentum, schedule: schedule)
      case .adam: Adam(groups, schedule: schedule)
      case .adamw: AdamW(groups, schedule: schedule)
      }
  }

  private var microBatch: Int { max(min(settings.batchSize, itemCount) / settings.accumulation, 1) }

  /// Where a step's first part stands in the data.
  private func loaderOptions(from step: Int) -> LoaderOptions {
    let perEpoch = max(itemCount / microBatch, 1)
    let first = step * settings.accumulation
    return LoaderOptions(
      batchSize: microBatch, epochs: (steps * settings.accumulation + perEpoch - 1) / perEpoch + 1,
      seed: context.seed("order"), shuffles: true, dropsLast: true,
      start: LoaderPosition(epoch: first / perEpoch, batch: first % perEpoch),
      failures: context.data.skipsBroken ? .replace : .stop)
  }

  /// Trains to the end and leaves the weights in the model.
  ///
  /// - Parameters:
  ///   - makeLoader: Makes the loader of batches from options.
  ///   - losses: Computes the losses of a batch, which is a part of a step's; also gets the number of
  ///     the part, counted over all steps, to draw by.
  ///   - ids: The names of a batch's pictures.
  /// - Returns: The last losses, by name, averaged over the last tenth of the steps.
  /// - Throws: `PipelineError` where a loss is not finite or an end was asked for; what loading
  ///   throws.
  func train<Content>(
    makeLoader: (LoaderOptions) throws -> Loader<Content>,
    losses: (Content, Int) throws -> Losses, ids: (Content) -> [String]
  ) throws -> [String: Double] {
    let start = try restore()
    try context.log.truncate(context.stage, from: start)
    let loader = try makeLoader(loaderOptions(from: start))
    defer { loader.cancel() }
    let began = ContinuousClock.now
    model.train()
    for step in start..<max(steps, start) {
      random.generator = PhiloxGenerator(seed: context.seed("dropout"), stream: UInt64(step))
      let clock = ContinuousClock.now
      var parts: [String: Float] = [:]
      var epoch = 0
      optimizer.zeroGradients()
      for part in 0..<settings.accumulation {
        guard let next = try loader.next() else {
          throw PipelineError(.data, "\(context.stage.rawValue): the pictures ended early")
        }
        epoch = next.epoch
        let found: Losses
        do {
          found = try losses(next.batch, step * settings.accumulation + part)
        } catch  where !(error is PipelineError) {
          // The packages look for numbers that are none.
          throw try stop(step, ids(next.batch), "\(error)")
        }
        let loss = found.total.value.scalar
        guard loss.isFinite else { throw try stop(step, ids(next.batch), "the loss is \(loss)") }
        let share = 1 / Float(settings.accumulation)
        for (name, value) in found.parts.merging(["loss": loss], uniquingKeysWith: { a, _ in a }) {
          parts[name, default: 0] += value * share
        }
        if found.total.requiresGradient { (found.total * share).backward() }
      }
      if settings.clipNorm > 0 {
        let norm = model.parameters.clipGradients(toNorm: Float(settings.clipNorm))
        guard norm.isFinite else { throw try stop(step, [], "the gradient's norm is \(norm)") }
      }
      let rate = optimizer.learningRates.first ?? 0
      optimizer.step()
      updateAverage()
      let seconds = Double((ContinuousClock.now - clock) / .microseconds(1)) / 1e6
      try context.log.append(
        .init(
          stage: context.stage.rawValue, step: step, epoch: epoch, losses: parts,
          learningRate: rate, seconds: seconds))
      report(step, since: began, from: start, parts)
      if (step + 1) % settings.checkpointSteps == 0 && step + 1 < steps {
        try checkpoint(step + 1)
      }
      if Interruption.isRequested {
        try checkpoint(step + 1)
        throw PipelineError(.interrupted, "stopped on request after step \(step + 1) of \(steps)")
      }
    }
    if !loader.failures.isEmpty {
      context.warn(
        "\(Set(loader.failures.map(\.item)).count) pictures could not be read and were passed over, "
          + "first " + loader.failures[0].reason)
    }
    optimizer.zeroGradients()
    try checkpoint(steps)
    if settings.usesAverage { try model.load(average, from: "moving average") }
    model.eval()
    return try finalLosses()
  }

  private func report(
    _ step: Int, since began: ContinuousClock.Instant, from start: Int, _ parts: [String: Float]
  ) {
    let elapsed = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
    let text = parts.sorted { $0.key < $1.key }
      .map { "\($0.key) " + String(format: "%.4g", $0.value) }.joined(separator: ", ")
    context.console.progress(
      context.stage.rawValue, done: step + 1, total: steps,
      rate: Double(step + 1 - start) / max(elapsed, 1e-9), unit: "steps", details: text)
  }

  private func stop(_ step: Int, _ ids: [String], _ what: String) throws -> PipelineError {
    // Not in the stage's folder, which goes if this is all it would hold.
    let path = context.folder.path + "/not-finite.json"
    let key = "\(context.stage.rawValue).training"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    if let data = try? encoder.encode(
      ["stage": [context.stage.rawValue], "step": ["\(step)"], "ids": ids, "what": [what]])
    {
      try RunFolder.write(data, to: path)
    }
    return PipelineError(
      .data,
      "\(context.stage.rawValue): \(what) at step \(step + 1) of \(steps); the batch's pictures are "
        + "in \(path). A lower \(key).learningRate or headLearningRate may help, or \(key).clipNorm"
    )
  }

  private func updateAverage() {
    guard settings.averaging > 0 else { return }
    let decay = Float(settings.averaging)
    for (name, value) in model.stateDict {
      average[name] = average[name].map { $0 * decay + value * (1 - decay) } ?? value
    }
  }

  private func checkpoint(_ step: Int) throws {
    try TrainingCheckpoint(
      step: step, model: model.stateDict, optimizer: optimizer.state, average: average,
      extras: extras()
    ).write(to: context.output(TrainingCheckpoint.fileName))
  }

  /// Goes back to the last checkpoint.
  ///
  /// - Returns: The number of steps taken until then.
  private func restore() throws -> Int {
    let path = context.output(TrainingCheckpoint.fileName)
    guard let checkpoint = try TrainingCheckpoint(contentsOf: path) else { return 0 }
    try model.load(checkpoint.model, from: path)
    try optimizer.restore(checkpoint.optimizer, from: path)
    average = checkpoint.average
    try restoreExtras(checkpoint.extras)
    context.console.say(
      "\(context.stage.rawValue): goes on after step \(checkpoint.step) of \(steps)")
    return checkpoint.step
  }

  private func finalLosses() throws -> [String: Double] {
    let mine = try EventLog.steps(context.folder.logPath).filter {
      $0.stage == context.stage.rawValue && $0.step >= steps - max(steps / 10, 1)
    }
    var sums: [String: Double] = [:]
    for step in mine {
      for (name, value) in step.losses {
        sums["final \(name)", default: 0] += Double(value) / Double(mine.count)
      }
    }
    return sums
  }
}
