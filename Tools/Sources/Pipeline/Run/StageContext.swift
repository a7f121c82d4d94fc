internal import Datasets
public import Tensor

/// What a stage works with.
public final class StageContext {
  /// The stage's name.
  public let stage: StageName
  /// The whole recipe; a stage reads only the sections it states.
  public let recipe: Recipe
  /// The folder of the run.
  public let folder: RunFolder
  /// Pictures and labels.
  public let data: DataSet
  /// Tells people how far the work is.
  public let console: Console
  /// The run's log.
  let log: EventLog
  /// What the stage warned of so far.
  private(set) var warnings: [String] = []
  private var leftOut: Set<String> = []

  init(
    stage: StageName, recipe: Recipe, folder: RunFolder, data: DataSet, console: Console,
    log: EventLog
  ) {
    (self.stage, self.recipe, self.folder) = (stage, recipe, folder)
    (self.data, self.console, self.log) = (data, console, log)
  }

  /// The stage's own folder.
  public var outputs: String { folder.folder(of: stage) }

  /// A file of the stage's own.
  public func output(_ name: String) -> String { "\(outputs)/\(name)" }

  /// A file of an earlier stage.
  public func input(_ stage: StageName, _ name: String) -> String {
    "\(folder.folder(of: stage))/\(name)"
  }

  /// The seed of one purpose in this stage: unlike that of any other, the same in every run with
  /// the recipe's seed.
  public func seed(_ purpose: String) -> UInt64 {
    let randomSeed = recipe.randomSeed + (stage == .fbr ? recipe.fbr.randomSeed : 0)
    let hash = contentHash("\(randomSeed)/\(stage.rawValue)/\(purpose)")
    return UInt64(hash.prefix(16), radix: 16) ?? 0
  }

  /// A generator of one purpose in this stage.
  public func generator(_ purpose: String) -> PhiloxGenerator {
    PhiloxGenerator(seed: seed(purpose))
  }

  /// Warns people now, and those who read the report later.
  public func warn(_ message: String) {
    console.warn("\(stage.rawValue): \(message)")
    warnings.append(message)
  }

  /// Warns of pictures that cannot be read and are left out, once of each.
  func warnLeftOut(_ pictures: [(id: String, reason: String)]) {
    let new = pictures.filter { leftOut.insert($0.id).inserted }
    guard let first = new.first else { return }
    warn(
      "left out, as data.skipsBroken says: "
        + new.prefix(20).map(\.id).joined(separator: ", ")
        + (new.count > 20 ? " and \(new.count - 20) more" : "") + "; \(first.reason)")
  }

  /// Stops the stage where someone asked for it.
  ///
  /// - Throws: `PipelineError` of the kind `interrupted`.
  public func stopIfInterrupted() throws(PipelineError) {
    if Interruption.isRequested { throw PipelineError(.interrupted, "stopped on request") }
  }
}
