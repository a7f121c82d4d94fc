import Foundation
import Testing

@Suite("fbr, help and manual")
struct ManualTests {
  @Test("every command has a page with examples, and completions for three shells")
  func pages() throws {
    let program = try Program()
    defer { program.remove() }
    let run = try program.run("manual", "man1")
    #expect(run.status == 0 && run.error.isEmpty)
    let nameless = try program.run("manual", "")
    #expect(nameless.status == 74 && nameless.error == "Error: '': no name of a folder\n")
    let pages = try FileManager.default.contentsOfDirectory(atPath: program.path("man1"))
    #expect(
      Set(pages).isSuperset(
        of: ["fbr.1", "fbr-run.1", "fbr-dataset-check.1", "fbr-crf.1", "fbr-predict.1"]))
    for page in pages {
      let text = try String(contentsOfFile: program.path("man1/\(page)"), encoding: .utf8)
      for part in [".TH FBR", ".SH NAME", ".SH OPTIONS", ".SH EXAMPLES", ".SH EXIT STATUS"] {
        #expect(text.contains(part), "\(page)")
      }
    }
    let text = try String(contentsOfFile: program.path("man1/fbr-crf.1"), encoding: .utf8)
    #expect(text.contains(".B \\-\\-gaussian <sxy,weight>\nA kernel by position"))
    #expect(text.contains("\n  fbr crf \\-\\-image cat.jpg \\-\\-labels cat.png"))
    for shell in ["bash", "zsh", "fish"] {
      let script = try program.run("--generate-completion-script", shell)
      #expect(script.status == 0 && script.out.contains("propagate"))
    }
  }
}
