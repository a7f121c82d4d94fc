internal import Datasets
internal import Foundation
internal import Tensor

/// Pictures that maps are made of, and where these go.
struct MapList {
  /// The validation pictures' maps, below those of the training pictures.
  static let validationFolder = "validation/"

  let source: any ImageSource
  let folder: String

  /// The training list and, on request, the validation list.
  static func all(_ context: StageContext, withValidation: Bool) throws -> [MapList] {
    let train = MapList(source: try context.data.train(), folder: "")
    guard withValidation else { return [train] }
    try RunFolder.makeFolder(context.output(validationFolder))
    return [train, MapList(source: try context.data.validation(), folder: validationFolder)]
  }
}

extension StageContext {
  /// Works through the pictures whose file is not there yet: loads on worker threads, one picture
  /// at a time a thread, and finishes here in order. Pictures that cannot be loaded are left out
  /// where the recipe says so.
  ///
  /// - Parameters:
  ///   - records: The pictures.
  ///   - suffix: Of the file that `finish` writes.
  ///   - folder: Below the stage's folder, with a slash behind it; empty for that itself.
  ///   - load: Reads, or does all of the work where that is best done picture by picture.
  ///   - finish: Writes the file of a picture.
  /// - Returns: The number of pictures done now.
  /// - Throws: What `load` or `finish` throws.
  @discardableResult
  func forEachMissing<Item: Sendable>(
    _ records: [ImageRecord], suffix: String, folder: String = "",
    load: @escaping @Sendable (ImageRecord) throws -> Item,
    finish: (ImageRecord, Item) throws -> Void
  ) throws -> Int {
    let todo = records.filter {
      !FileManager.default.fileExists(atPath: output(folder + fileName($0.id, suffix)))
    }
    return try forEach(todo, of: records.count, load: load, finish: finish)
  }

  /// Works through pictures: loads on worker threads and finishes here in order. Pictures that
  /// cannot be loaded are left out with a warning where the recipe says so, unless none can.
  ///
  /// - Parameters:
  ///   - records: The pictures.
  ///   - total: All pictures, those done before included; for the progress shown.
  ///   - name: What is done, for the progress shown; the stage's name by default.
  ///   - load: Called on several threads, one picture a thread.
  ///   - finish: Takes what was loaded.
  /// - Returns: The number of pictures done.
  /// - Throws: What `load` or `finish` throws.
  @discardableResult
  func forEach<Item: Sendable>(
    _ records: [ImageRecord], of total: Int? = nil, name: String? = nil,
    load: @escaping @Sendable (ImageRecord) throws -> Item,
    finish: (ImageRecord, Item) throws -> Void
  ) throws -> Int {
    guard !records.isEmpty else { return 0 }
    let total = total ?? records.count
    let loader = try Loader<(ImageRecord, Item)>(
      count: records.count,
      options: LoaderOptions(
        batchSize: 1, shuffles: false, prefetch: 4, failures: data.skipsBroken ? .leaveOut : .stop),
      load: { index, _ in (records[index], try load(records[index])) }, collate: { $0[0] })
    defer { loader.cancel() }
    let start = ContinuousClock.now
    var done = 0
    while let step = try loader.next() {
      try finish(step.batch.0, step.batch.1)
      done += 1
      let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
      console.progress(
        name ?? stage.rawValue, done: total - records.count + done + loader.failures.count,
        total: total, rate: Double(done) / max(seconds, 1e-9), unit: "images")
      try stopIfInterrupted()
    }
    let failures = loader.failures
    if let first = failures.first {
      // All of them is no matter of a few broken pictures; where some were done before, it may be.
      if failures.count == total { throw PipelineError(.data, first.reason) }
      warnLeftOut(failures.map { (records[$0.item].id, $0.reason) })
    }
    return done
  }
}
