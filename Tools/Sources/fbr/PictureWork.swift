import ArgumentParser
import Datasets
import Foundation
import Logging
import Pipeline
import Tensor

/// The numbers of threads that may be asked for.
enum ThreadCount {
  static let allowed = 1...1024

  static func check(_ count: Int?) throws {
    guard let count, !allowed.contains(count) else { return }
    throw ValidationError("--threads is \(count), expected \(allowed)")
  }
}

/// How commands work through many pictures.
struct PictureWork: ParsableArguments {
  @Option(
    help: "A file of ids, one a line: which pictures of the folders. (default: all)",
    completion: .file())
  var list: String?

  @Flag(help: "Make anew what is there already.")
  var force = false

  @Option(help: "Threads of all kernels. (default: FBR_THREADS, else all cores)")
  var threads: Int?

  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors.")
  var quiet = false

  init() {}

  /// All pictures, without a command line.
  init(quiet: Bool) { (list, force, threads, self.quiet) = (nil, false, nil, quiet) }

  func validate() throws {
    try ThreadCount.check(threads)
  }

  /// Works through pictures in order, a picture a thread, with few of them in memory. What is wrong
  /// with one is told, and the others go on.
  ///
  /// - Parameters:
  ///   - ids: The pictures.
  ///   - name: What is done, for the progress shown.
  ///   - load: Reads, and does all work that is best done a picture a thread.
  ///   - finish: Writes; what it throws ends the work.
  /// - Throws: `ExitCode` at the end where a picture failed; 130 where interrupted.
  func forEach<Item: Sendable>(
    _ ids: [String], _ name: String, load: @escaping @Sendable (String) throws -> Item,
    finish: (String, Item) throws -> Void
  ) throws {
    if let threads { Threads.count = threads }
    guard !ids.isEmpty else { return }
    Interruption.listen()
    // One picture takes all threads.
    let workers = ids.count == 1 ? 0 : min(Threads.count, ids.count)
    let loader = try Loader<Result<Item, any Error>>(
      count: ids.count,
      options: LoaderOptions(
        batchSize: 1, shuffles: false, workers: workers, prefetch: Threads.count + 1),
      load: { index, _ in Result { try load(ids[index]) } }, collate: { $0[0] })
    defer { loader.cancel() }
    let console = Console(logger: .console(isQuiet: quiet), isQuiet: quiet || ids.count == 1)
    let start = ContinuousClock.now
    var failures: [Int32] = []
    while let step = try loader.next() {
      do {
        try finish(ids[step.index], step.batch.get())
      } catch {
        guard case .failure(let error) = step.batch else { throw error }
        console.clear()
        printError("\(error)")
        failures.append(failureCode(of: error))
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      console.progress(
        name, done: step.index + 1, total: ids.count,
        rate: Double(step.index + 1) / max(seconds, 1e-9), unit: "images")
      if Interruption.isRequested {
        printError("stopped on request after \(step.index + 1) of \(ids.count) pictures")
        throw ExitCode(130)
      }
    }
    guard let code = failures.first else { return }
    if ids.count > 1 { printError("\(failures.count) of \(ids.count) pictures failed") }
    throw ExitCode(code)
  }
}
