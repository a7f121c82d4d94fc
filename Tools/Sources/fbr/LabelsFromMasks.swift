import ArgumentParser
import Datasets
import Foundation
import Tensor

struct LabelsFromMasks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "labels-from-masks",
    abstract: "Print the classes in each mask of a folder as labels.csv.",
    discussion: """
      EXAMPLES
        fbr dataset labels-from-masks VOC2012/SegmentationClass > labels.csv
        fbr dataset labels-from-masks masks --classes classes.txt --out labels.csv
      """)

  @Argument(help: "The masks, PNG files.", completion: .directory)
  var folder: String

  @Option(help: "voc, coco or a file, a name a line.")
  var classes = "voc"

  @Option(help: "A file of a stored value and its label a line.")
  var remapping: String?

  @Option(help: "The file to write. (default: standard output)")
  var out: String?

  @Flag(help: "Print JSON: an object of lists of class names by id.")
  var json = false

  func run() throws {
    try endingOnDataErrors {
      let table = try LabelTable(
        masks: folder, classes: ClassTable(named: classes),
        remapping: remapping.map { try MaskedImageList.remapping(contentsOf: $0) })
      if let out { try table.write(to: out) }
      if json {
        try printJSON(
          Dictionary(
            uniqueKeysWithValues: table.entries.map { entry in
              (entry.id, entry.labels.map { table.classes.names[$0 - 1] })
            }))
      } else if let out {
        print("\(counted(table.entries.count, "picture")): \(out)")
      } else {
        print(try table.csv, terminator: "")
      }
    }
  }
}
