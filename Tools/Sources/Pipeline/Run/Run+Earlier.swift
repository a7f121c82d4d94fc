internal import Foundation

/// A stage that begins anew keeps what it made before in `.classify.before` until it is done, so
/// that a mistyped setting costs nothing.
///
/// The manifest is written before a folder moves. The old folder holds a mark, so that after a crash
/// it is known by whatever name it has.
extension Run {
  /// The mark; also what the log tells of the stage.
  private static let mark = ".log.jsonl"

  private func aside(_ stage: StageName) -> String { "\(folder.path)/.\(stage.rawValue).before" }

  /// Stops where something that is not the run's stands in a stage's place.
  func checkIsFree(_ stage: StageName) throws(PipelineError) {
    let output = folder.folder(of: stage)
    let content = try? FileManager.default.contentsOfDirectory(atPath: output)
    guard !RunFolder.isThere(output) || content?.isEmpty == true else {
      throw PipelineError(
        .files,
        "\(output): is in the place of the stage \(stage.rawValue), but no stage of this run made it; "
          + "move it away, or begin in another folder")
    }
  }

  /// Empties a stage's folder, where it holds something by moving it aside, and notes what it will
  /// hold.
  func makeRoom(for stage: StageName, _ entry: Manifest.Entry) throws(PipelineError) {
    let output = folder.folder(of: stage)
    if let old = manifest[stage], manifest.earlier?[stage.rawValue] == nil,
      RunFolder.isThere(output)
    {
      try log.copy(stage, to: "\(output)/\(Self.mark)")
      manifest.earlier = (manifest.earlier ?? [:]).merging([stage.rawValue: old]) { $1 }
      manifest[stage] = entry
      try manifest.write(to: folder.manifestPath)
      try RunFolder.move(output, to: aside(stage))
    } else {
      if manifest[stage] == nil { try checkIsFree(stage) }
      // First emptied, then noted: a crash between leaves nothing that seems to belong to the entry.
      try RunFolder.remove(output)
      manifest[stage] = entry
      try manifest.write(to: folder.manifestPath)
    }
    try RunFolder.makeFolder(output)
    try log.truncate(stage, from: 0)
  }

  /// Notes that a stage is done; what it made before is gone then.
  func finish(_ stage: StageName, _ entry: Manifest.Entry) throws(PipelineError) {
    manifest[stage] = entry
    forgetEarlier(stage)
    try manifest.write(to: folder.manifestPath)
    // The stage is done all the same; the next start tries again.
    try? RunFolder.remove(aside(stage))
  }

  /// Puts what a stage made before back in its place, if there is anything.
  @discardableResult
  func putBack(_ stage: StageName) throws(PipelineError) -> Bool {
    guard manifest.earlier?[stage.rawValue] != nil, RunFolder.isThere(aside(stage)) else {
      return false
    }
    try RunFolder.remove(folder.folder(of: stage))
    try RunFolder.move(aside(stage), to: folder.folder(of: stage))
    try restoreEntry(stage)
    return true
  }

  /// Ends what a crash left half done.
  func settleInterrupted() throws(PipelineError) {
    for stage in StageName.allCases {
      let isAside = RunFolder.isThere(aside(stage))
      if manifest.earlier?[stage.rawValue] == nil {
        // The stage was done.
        if isAside { try? RunFolder.remove(aside(stage)) }
      } else if !isAside {
        try restoreEntry(stage)
      }
    }
  }

  /// Makes the entry of what a stage made before the stage's own where its folder holds that.
  private func restoreEntry(_ stage: StageName) throws(PipelineError) {
    let mark = "\(folder.folder(of: stage))/\(Self.mark)"
    if RunFolder.isThere(mark) {
      try log.truncate(stage, from: 0)
      for step in try EventLog.steps(mark) { try log.append(step) }
      manifest[stage] = manifest.earlier?[stage.rawValue]
    }
    forgetEarlier(stage)
    try manifest.write(to: folder.manifestPath)
    try RunFolder.remove(mark)
  }

  private func forgetEarlier(_ stage: StageName) {
    manifest.earlier?[stage.rawValue] = nil
    if manifest.earlier?.isEmpty == true { manifest.earlier = nil }
  }
}
