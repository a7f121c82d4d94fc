internal import Foundation

/// A recipe being followed in a folder: runs what is not done yet, and says why.
public final class Run {
  /// The program's version, as the manifest keeps it.
  public static let version = "0.1.0-dev"

  /// The recipe.
  public let recipe: Recipe
  /// The folder.
  public let folder: RunFolder
  let console: Console
  let log: EventLog
  var manifest: Manifest
  private let donors: [RunFolder.Finished]
  private let data: DataSet

  /// Opens a run.
  ///
  /// - Parameters:
  ///   - recipe: What to do; it is stored with the run once a stage followed it.
  ///   - folder: Where.
  ///   - donors: Folders of other runs: what they made from the same inputs with the same settings
  ///     is taken over instead of being made again.
  ///   - console: Tells people how far the work is.
  /// - Throws: `PipelineError` where a manifest is broken, a donor is no run or the folder's manifest
  ///   cannot be written.
  public init(
    _ recipe: Recipe, in folder: RunFolder, reusing donors: [String] = [], console: Console
  ) throws(PipelineError) {
    (self.recipe, self.folder, self.console) = (recipe, folder, console)
    var finished: [RunFolder.Finished] = []
    for donor in donors where donor != folder.path { finished.append(try .init(donor)) }
    self.donors = finished
    manifest = try Manifest(contentsOf: folder.manifestPath)
    data = DataSet(recipe.data)
    log = EventLog(folder.logPath)
    try settleInterrupted()
  }

  /// Whether a stage was begun or data looked at.
  var hasManifest: Bool { FileManager.default.fileExists(atPath: folder.manifestPath) }

  /// Runs stages in order, those that are done and unchanged excepted.
  ///
  /// - Parameters:
  ///   - names: The stages wanted, in any order.
  ///   - forced: Stages that are run anew although nothing changed; one that was interrupted goes on.
  /// - Throws: What stops a stage.
  public func execute(_ names: [StageName], forcing forced: Set<StageName> = []) throws {
    for name in names where manifest[name] == nil { try checkIsFree(name) }
    var told = Set(names)
    for name in names.sorted() {
      let stage = recipe.stage(name)
      let basis = try basis(of: stage)
      warnOfOutdated(before: stage, &told)
      try execute(stage, basis, isForced: forced.contains(name))
    }
    try storeRecipe()
  }

  private func execute(_ stage: any Stage, _ basis: StageBasis, isForced: Bool) throws {
    let name = stage.name
    let output = folder.folder(of: name)
    if let begun = manifest[name], begun.state == .begun, begun.basis != basis {
      try putBack(name)
    }
    let old = manifest[name]
    if old?.state != .done || old?.basis != basis, !isForced, try adopt(stage, basis) { return }
    var entry: Manifest.Entry
    let changes = old.map { basis.changes(since: $0.basis) } ?? []
    if let old, changes.isEmpty, !isForced || old.state == .begun {
      if old.state == .done {
        if try isIntact(stage, old, in: output) {
          console.say("\(name.rawValue): done already")
          return
        }
        console.say("\(name.rawValue): its files were changed; runs anew")
        entry = try begin(stage, basis)
      } else {
        console.say("\(name.rawValue): goes on")
        entry = old
        try RunFolder.makeFolder(output)
      }
    } else {
      let reason =
        old == nil
        ? "starts"
        : "runs anew: " + (isForced ? "forced" : changes.prefix(4).joined(separator: "; "))
      console.say("\(name.rawValue): \(reason)")
      entry = try begin(stage, basis)
    }
    let use = ResourceUse()
    let context = StageContext(
      stage: name, recipe: recipe, folder: folder, data: data, console: console, log: log)
    func account() {
      entry.seconds += use.seconds
      entry.cpuSeconds += use.cpuSeconds
      entry.peakMiB = max(entry.peakMiB, use.peakMiB)
      entry.machine = Machine.description
      let earlier = entry.warnings ?? []
      let warnings = earlier + context.warnings.filter { !earlier.contains($0) }
      entry.warnings = warnings.isEmpty ? nil : warnings
    }
    do {
      entry.figures = try stage.run(context)
    } catch {
      account()
      let hasMade = !filesBelow(output).isEmpty
      if !hasMade, try putBack(name) {
        console.say("\(name.rawValue): made nothing; what was there before is kept")
      } else {
        manifest[name] = entry
        try manifest.write(to: folder.manifestPath)
        if hasMade { try storeRecipe() }
        if manifest.earlier?[name.rawValue] != nil {
          console.say("\(name.rawValue): what was there before comes back with its settings")
        }
      }
      throw error
    }
    account()
    entry.state = .done
    entry.outputs = try FolderHash.content(output, ignoring: stage.privateFiles)
    entry.stamp = FolderHash.stamp(output, ignoring: stage.privateFiles)
    entry.finished = Date.now.formatted(.iso8601)
    entry.version = Self.version
    try finish(name, entry)
    try storeRecipe()
    let figures = entry.figures.sorted { $0.key < $1.key }
      .map { "\($0.key) \(String(format: "%.4g", $0.value))" }.joined(separator: ", ")
    console.say(
      "\(name.rawValue): done in \(Console.duration(entry.seconds)), "
        + String(
          format: "%.1f cores busy, %.0f MiB", entry.cpuSeconds / max(entry.seconds, 1e-9),
          entry.peakMiB)
        + (figures.isEmpty ? "" : "; \(figures)"))
  }

  /// Gives a stage an empty folder and notes what that will hold.
  private func begin(
    _ stage: any Stage, _ basis: StageBasis
  ) throws(PipelineError) -> Manifest.Entry {
    let entry = Manifest.Entry(
      state: .begun, basis: basis, outputs: nil, stamp: nil, seconds: 0, cpuSeconds: 0, peakMiB: 0,
      finished: nil, version: Self.version, figures: [:])
    try makeRoom(for: stage.name, entry)
    // `fbr stage` needs one, even after a crash in the first stage.
    if !FileManager.default.fileExists(atPath: folder.recipePath) { try storeRecipe() }
    return entry
  }

  private func storeRecipe() throws(PipelineError) {
    let header = "# The recipe of this run, every value stated; written by fbr \(Self.version).\n"
    try RunFolder.write(header + recipe.yaml(), to: folder.recipePath)
  }

  /// Takes a stage over from a run that made it from the same, if there is one.
  private func adopt(_ stage: any Stage, _ basis: StageBasis) throws(PipelineError) -> Bool {
    let name = stage.name
    for donor in donors {
      guard var entry = donor.manifest[name], entry.state == .done, entry.basis == basis,
        try isIntact(stage, entry, in: donor.folder(of: name))
      else { continue }
      _ = try begin(stage, basis)
      try RunFolder.linkFiles(from: donor.folder(of: name), to: folder.folder(of: name))
      for step in try EventLog.steps(donor.logPath) where step.stage == name.rawValue {
        try log.append(step)
      }
      entry.stamp = FolderHash.stamp(folder.folder(of: name), ignoring: stage.privateFiles)
      try finish(name, entry)
      console.say("\(name.rawValue): the same as in \(donor.path), taken over")
      return true
    }
    return false
  }

  /// Whether a finished stage's files are what it wrote.
  private func isIntact(
    _ stage: any Stage, _ entry: Manifest.Entry, in output: String
  ) throws(PipelineError) -> Bool {
    if FolderHash.stamp(output, ignoring: stage.privateFiles) == entry.stamp { return true }
    return try FolderHash.content(output, ignoring: stage.privateFiles) == entry.outputs
  }

  /// Warns of stages that are read and not run, and were made from something else than the recipe
  /// now says.
  ///
  /// - Parameters:
  ///   - stage: The stage that reads them.
  ///   - told: Stages that are run or were told of.
  private func warnOfOutdated(before stage: any Stage, _ told: inout Set<StageName>) {
    let needed = Set(recipe.stages)
    for input in stage.inputs + stage.optionalInputs
    where needed.contains(input) && told.insert(input).inserted {
      let used = recipe.stage(input)
      if let entry = manifest[input], entry.state == .done {
        let now = (try? basis(of: used)) ?? used.basis(inputs: entry.basis.inputs, recipe)
        let changes = now.changes(since: entry.basis)
        if !changes.isEmpty {
          console.warn(
            "\(input.rawValue) was not made as the recipe now says, and is taken as it is: "
              + changes.prefix(4).joined(separator: "; "))
        }
      }
      warnOfOutdated(before: used, &told)
    }
  }

  private func basis(of stage: any Stage) throws -> StageBasis {
    var inputs: [String: String] = [:]
    for input in stage.inputs {
      let used = recipe.stage(input)
      guard let entry = manifest[input], entry.state == .done else {
        throw PipelineError(
          .data,
          "\(stage.name.rawValue) reads what \(input.rawValue) makes, which is not done in "
            + "\(folder.path): run it first, or from it on")
      }
      let path = folder.folder(of: input)
      // Someone may have put other files there on purpose: what they hold counts.
      inputs["the output of \(input.rawValue)"] =
        FolderHash.stamp(path, ignoring: used.privateFiles) == entry.stamp
        ? entry.outputs : try FolderHash.content(path, ignoring: used.privateFiles)
    }
    for input in stage.optionalInputs {
      guard let entry = manifest[input] else { continue }
      inputs["the stage \(input.rawValue)"] = try contentHash(
        entry.json() + Data(FolderHash.stamp(folder.folder(of: input)).utf8))
    }
    for part in stage.data {
      let name = "the data set's \(part.rawValue)"
      inputs[name] = try hash(of: name, stamp: data.stamp(part)) { try data.content(part) }
    }
    for (key, path) in stage.files {
      guard FileManager.default.fileExists(atPath: path) else {
        throw PipelineError(.files, "\(path): no such file or folder, and \(key) names it")
      }
      inputs[key] = try hash(of: "\(key) (\(path))", stamp: sourceStamp(path)) {
        try fileContent(path)
      }
    }
    return stage.basis(inputs: inputs, recipe)
  }

  /// The hash of what stages read from outside of the run: by content, so that a copy is the same,
  /// and taken only where names, sizes or times changed.
  private func hash(
    of source: String, stamp: String, content: () throws -> String
  ) throws -> String {
    let manifests = [manifest] + donors.map(\.manifest)
    let known = manifests.lazy.compactMap { $0.sources?[source] }.first { $0.stamp == stamp }
    let found = try known ?? Manifest.Source(stamp: stamp, content: content())
    if manifest.sources?[source] != found {
      manifest.sources = (manifest.sources ?? [:]).merging([source: found]) { $1 }
      try manifest.write(to: folder.manifestPath)
    }
    return found.content
  }
}
