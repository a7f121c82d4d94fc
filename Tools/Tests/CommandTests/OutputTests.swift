import Datasets
import Foundation
import Tensor
import TensorIO
import Testing

@Suite("fbr, outputs")
struct OutputTests {
  @Test(
    "an output that is an input, or another output, is refused and nothing is written",
    arguments: [
      "crf --image image/a.png --labels mask/a.png --out image/../image/a.png",
      "crf --image image --labels mask --out mask --force",
      "crf --image image --labels mask --out link --force",
      "crf --image image/a.png --labels mask/a.png --out q --out-probs ./q",
      "crf --image image --labels mask --out new --out-probs new",
      "propagate --maps maps/a.npz --edges edge/a.npy --out edge/a.npy",
      "propagate --maps maps --image image --out image --force",
      "predict --model m.safetensors image --out image --force",
      "predict --model m.safetensors image/a.png --out image --force",
      "cluster edge/a.npy -k 2 --out edge/a.npy",
      "cluster edge/a.npy -k 2 --out c.npy --assignments c.npy",
      "weights convert m.safetensors ./m.safetensors",
      "export m.safetensors m.safetensors --network resnet50",
    ])
  func apart(line: String) throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    try SafetensorsFile(["w": NumericArray(Tensor([1]))]).write(to: program.path("m.safetensors"))
    try FileManager.default.createSymbolicLink(
      atPath: program.path("link"), withDestinationPath: "mask")
    func contents() throws -> [String: Data] {
      let names = try FileManager.default.subpathsOfDirectory(atPath: program.folder.path)
      return names.reduce(into: [:]) {
        $0[$1] = FileManager.default.contents(atPath: program.path($1))
      }
    }
    let before = try contents()
    let run = try program.run(line.split(separator: " ").map(String.init))
    #expect(
      run.status == 64
        && (run.error.contains(": the output is an input; name another")
          || run.error.contains(": two outputs are the same; name another")),
      "\(run.status) \(run.error)")
    #expect(try contents() == before)
  }

  @Test("what cannot be printed ends with 74, a reader that has gone is no error")
  func standardOutput() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    let commands = [
      "bench --list", "network --list", "dataset labels-from-masks mask --json", "--version",
    ]
    for line in commands.map({ $0.split(separator: " ").map(String.init) }) {
      if let full = FileHandle(forWritingAtPath: "/dev/full") {
        let run = try program.run(line, output: full)
        #expect(run.status == 74)
        #expect(
          run.error == "Error: standard output: cannot be written: No space left on device\n")
      }
      let pipe = Pipe()
      try pipe.fileHandleForReading.close()
      #expect(try program.run(line, output: pipe).error.isEmpty)
    }
    let closed = try program.run(
      ["-c", "\"$0\" bench --list >&-", program.executable.path], program: "/bin/sh")
    #expect(
      closed.status == 74
        && closed.error == "Error: standard output: cannot be written: Bad file descriptor\n")
  }

  @Test("numbers out of range are usage errors that name the range")
  func ranges() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    let huge = "\(Int.max)"
    for (line, message) in [
      (
        "crf --image image/a.png --labels mask/a.png --out o.png --threads 100000",
        "--threads is 100000, expected 1...1024"
      ),
      ("network resnet50 --batch \(huge)", "--batch is \(huge), expected 1...4096"),
      ("network resnet50 --head cam --classes \(huge)", "--classes is \(huge), expected 1...4096"),
      ("dataset make-sample x --count \(huge)", "--count is \(huge), expected 1...1000000"),
      (
        "dataset make-sample x --validation \(huge)",
        "--validation is \(huge), expected 0...1000000"
      ),
    ] {
      let run = try program.run(line.split(separator: " ").map(String.init))
      #expect(run.status == 64 && run.error.contains("Error: \(message)"), "\(run.error)")
    }
    for threads in ["abc", "0", "-4", "99999"] {
      let run = try program.run(["doctor"], environment: ["FBR_THREADS": threads])
      #expect(run.status == 64)
      #expect(run.error == "Error: FBR_THREADS is '\(threads)', expected 1...1024\n")
    }
    #expect(try program.run(["doctor"], environment: ["FBR_THREADS": "1"]).status == 0)
  }
}
