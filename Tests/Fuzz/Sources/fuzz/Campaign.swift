internal import Foundation

/// Reads damaged files for a while, in a process of its own that a supervisor starts again after
/// a crash.
struct Campaign {
  let format: Format
  let seconds: Double
  let seed: UInt64
  /// Where the files under test and those that broke their reader lie.
  let folder: URL

  private var current: String { folder.appendingPathComponent("\(format.name).current").path }
  private var progress: String { folder.appendingPathComponent("\(format.name).number").path }

  /// The supervisor: runs workers until the time is over.
  ///
  /// - Returns: The number of files that broke the reader.
  func supervise() throws -> Int {
    let broken = folder.appendingPathComponent("broken")
    try FileManager.default.createDirectory(at: broken, withIntermediateDirectories: true)
    let end = Date().addingTimeInterval(seconds)
    var number = 0
    var crashes = 0
    while Date() < end {
      let worker = Process()
      worker.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      worker.arguments = [
        format.name, "--worker", "\(number)", "\(end.timeIntervalSinceNow)", "\(seed)", folder.path,
      ]
      try worker.run()
      worker.waitUntilExit()
      number = Int(try String(contentsOfFile: progress, encoding: .utf8)) ?? number
      guard worker.terminationStatus != 0 || worker.terminationReason == .uncaughtSignal else {
        break
      }
      crashes += 1
      let kept = broken.appendingPathComponent("\(format.name)-\(seed)-\(number)")
      try? FileManager.default.removeItem(at: kept)
      try FileManager.default.copyItem(atPath: current, toPath: kept.path)
      report("\(format.name): file \(number) broke its reader: \(kept.path)")
      number += 1
    }
    report("\(format.name): \(number) files in \(Int(seconds)) s, \(crashes) broke the reader")
    return crashes
  }

  /// A line on the terminal, at once.
  private func report(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

  /// The worker: reads from file `first` on; a crash leaves the file and its number behind.
  func work(from first: Int) throws {
    var limit = rlimit(rlim_cur: 2 << 30, rlim_max: 2 << 30)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    let seeds = try format.seeds()
    guard !seeds.isEmpty else { throw Failure("no valid files of format \(format.name)") }
    let end = Date().addingTimeInterval(seconds)
    var number = first
    while Date() < end {
      var damage = Damage(seed: seed, number: UInt64(number))
      var bytes = damage.apply(to: seeds)
      // One in four keeps its wrong check sum.
      if number % 4 != 0 { format.repair(&bytes) }
      try Data(bytes).write(to: URL(fileURLWithPath: current))
      try Data("\(number)".utf8).write(to: URL(fileURLWithPath: progress))
      alarm(10)
      do { try format.read(current) } catch { _ = "\(error)" }
      alarm(0)
      number += 1
    }
  }
}

/// A message for the person at the terminal.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
