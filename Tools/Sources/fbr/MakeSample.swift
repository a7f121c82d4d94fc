import ArgumentParser
import Datasets
import Foundation
import Pipeline
import Tensor

struct MakeSample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-sample",
    abstract: "Draw a small VOC-style set of pictures: labels, and masks for evaluation.",
    discussion: """
      Eight classes, each mostly over a ground of its own (boats on water, trains on rails); in the \
      list val_broken every object is elsewhere. The same options give the same bytes on every \
      machine.

      EXAMPLES
        fbr dataset make-sample sample
        fbr dataset make-sample tiny --count 24 --validation 16 --size 64
      """)

  @Argument(help: "The folder to write; made where it is missing.", completion: .directory)
  var folder: String

  @Option(help: "What every random choice comes from.")
  var seed: UInt64 = 1

  @Option(help: "Training pictures.")
  var count = 400

  @Option(help: "Validation pictures, half of them of broken co-occurrence. (default: 3 for 10)")
  var validation: Int?

  @Option(help: "The longer side of a picture in pixels, 64...4096.")
  var size = 128

  @Flag(help: "Write into a folder that is not empty.")
  var force = false

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(count) else {
      throw ValidationError("--count is \(count), expected 1...1000000")
    }
    if let validation, !(0...1_000_000).contains(validation) {
      throw ValidationError("--validation is \(validation), expected 0...1000000")
    }
    guard (64...4096).contains(size) else { throw ValidationError("--size must be in 64...4096") }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    guard names.isEmpty || force else {
      throw ValidationError("\(folder) is not empty; name another folder or add --force")
    }
  }

  func run() throws {
    let set = SampleSet.make(
      seed: seed, count: count, validationCount: validation, size: size)
    let summary = try endingOnDataErrors { try set.write(to: folder) }
    let classes = SampleSet.classes.names
    if json {
      try printJSON(
        Written(
          folder: folder, seed: seed, size: size, train: set.count,
          val: set.validationCount, valUsual: summary.usualCount, valBroken: summary.brokenCount,
          trainCounts: Dictionary(uniqueKeysWithValues: zip(classes, summary.trainingCounts)),
          valCounts: Dictionary(uniqueKeysWithValues: zip(classes, summary.validationCounts))))
      return
    }
    let rows = zip(classes, zip(summary.trainingCounts, summary.validationCounts))
      .map { [$0, "\($1.0)", "\($1.1)"] }
    print(
      alignedTable(
        [["class", "train", "val"]] + rows + [
          ["pictures", "\(set.count)", "\(set.validationCount)"]
        ]))
    print("of val, \(summary.usualCount) usual and \(summary.brokenCount) of broken co-occurrence")
    print("written to \(folder)")
  }

  private struct Written: Encodable {
    let folder: String
    let seed: UInt64
    let size, train, val, valUsual, valBroken: Int
    let trainCounts, valCounts: [String: Int]
  }
}
