import Datasets
import Foundation
import Tensor
import TensorIO
import Testing

/// What a second call takes for done.
@Suite("fbr, results that are there")
struct StaleResultTests {
  private let program: Program
  private let arguments = ["crf", "--image", "image", "--labels", "rough", "--out", "out"]

  init() throws {
    program = try Program()
    for id in ["a", "b", "c"] { try program.drawScene(id) }
    #expect(try program.run(arguments).status == 0)
  }

  private func fbr(_ more: String...) throws -> Program.Ending {
    try program.run(arguments + more)
  }

  @Test("a picture that changed is made again, the others stay; --quiet says nothing")
  func inputs() throws {
    defer { program.remove() }
    #expect(try fbr().error.contains("3 of 3 are there already"))
    #expect(try fbr("--quiet").error.isEmpty)
    try LabelMap(repeating: 7, shape: [24, 32]).writePNG(to: program.path("rough/b.png"))
    let run = try fbr()
    #expect(run.status == 0 && run.error.contains("2 of 3 are there already"))
    #expect(run.out.contains("b ") && !run.out.contains("a "))
    #expect(try program.mask("out/b.png") == LabelMap(repeating: 7, shape: [24, 32]))
    #expect(try fbr().error.contains("3 of 3 are there already"))
  }

  @Test("JSON lists all results, also those of an earlier call") func json() throws {
    defer { program.remove() }
    let all = try fbr("--json", "--force").out
    try FileManager.default.removeItem(atPath: program.path("out/b.png"))
    let run = try fbr("--json")
    #expect(run.error.contains("2 of 3 are there already"))
    #expect(run.out == all)
  }

  @Test("a part made anew with other settings does not pass for the rest") func part() throws {
    defer { program.remove() }
    try program.write("b\n", "b.txt")
    let other = ["--iterations", "1"]
    #expect(try program.run(arguments + other + ["--force", "--list", "b.txt"]).status == 0)
    for run in [try fbr(), try program.run(arguments + other)] {
      #expect(run.status == 65 && run.error.contains("out holds results of other settings"))
    }
    #expect(try fbr("--force").status == 0)
    #expect(try fbr().error.contains("3 of 3 are there already"))
  }

  @Test("without a note that can be read nothing passes for done", arguments: ["{", nil])
  func damaged(note: String?) throws {
    defer { program.remove() }
    if let note {
      try program.write(note, "out/.fbr.jsonl")
    } else {
      try FileManager.default.removeItem(atPath: program.path("out/.fbr.jsonl"))
    }
    let run = try fbr()
    #expect(run.status == 65)
    #expect(
      run.error == "Error: out/a.png: is there, and nothing says what it was made from: name "
        + "another folder than out, or make it anew with --force\n")
    #expect(try fbr("--force").status == 0)
    #expect(try fbr().error.contains("3 of 3 are there already"))
  }

  @Test("a line that was cut short makes its result anew") func cut() throws {
    defer { program.remove() }
    let note = URL(fileURLWithPath: program.path("out/.fbr.jsonl"))
    try Data(contentsOf: note).dropLast(9).write(to: note)
    #expect(try fbr().error.contains("2 of 3 are there already"))
    #expect(try fbr().error.contains("3 of 3 are there already"))
  }

  @Test("a mask that was damaged since fails the summary") func summary() throws {
    defer { program.remove() }
    let propagate = ["propagate", "--maps", "maps", "--out", "pseudo"]
    #expect(try program.run(propagate).status == 0)
    try program.write("", "pseudo/b.png")
    let run = try program.run(propagate)
    #expect(run.status == 65 && run.error.contains("Error: pseudo/b.png: is empty"))
  }
}
