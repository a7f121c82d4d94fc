import ArgumentParser
import Datasets
import Tensor

struct CheckData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at every file of a data set: what is in it, and all that is wrong.",
    discussion: """
      Ends with 65 where training would stop or be wrong.

      EXAMPLES
        fbr dataset check VOCdevkit/VOC2012 --list train_aug --masks SegmentationClassAug
        fbr dataset check coco --list train2014 --json > check.json
        fbr dataset check mine
      """)

  @OptionGroup var options: SourceOptions

  @Option(help: "Errors, and warnings, to print at most; 0 prints all.")
  var limit = 50

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    guard limit >= 0 else { throw ValidationError("--limit must not be negative") }
  }

  func run() throws {
    let check = try endingOnPipelineErrors {
      let bar = CountLine("checked")
      defer { bar.clear() }
      return DatasetCheck(try options.source(), progress: { bar.show($0, of: $1) })
    }
    if json { try printJSON(check) } else { printTable(check) }
    if check.isBroken { throw ExitCode(65) }
  }

  private func printTable(_ check: DatasetCheck) {
    print(check.table)
    print()
    var counts: [String] = []
    for severity in [DatasetProblem.Severity.error, .warning] {
      let problems = check.problems.filter { $0.severity == severity }
      let shown = limit == 0 ? problems.count : min(limit, problems.count)
      for problem in problems.prefix(shown) { print("\(severity.rawValue): \(problem)") }
      if shown < problems.count {
        print("and \(problems.count - shown) more; --limit 0 prints all")
      }
      counts.append(counted(problems.count, severity.rawValue))
    }
    print(counts.joined(separator: ", "))
  }
}
