import Foundation
import Testing

/// The program as a user calls it.
@Suite("fbr dataset")
struct DatasetCommandTests {
  private let program: Program
  private var folder: URL { program.folder }

  init() throws { program = try Program() }

  private func path(_ name: String) -> String { program.path(name) }

  private func fbr(_ arguments: String...) throws -> Program.Ending { try fbr(arguments) }

  private func fbr(_ arguments: [String]) throws -> Program.Ending {
    try program.run(["dataset"] + arguments)
  }

  @Test("a sample set is made, is sound, and gives its labels back; damage is found")
  func sample() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let root = path("sample")
    let made = try fbr("make-sample", root, "--count", "8", "--size", "64", "--json")
    #expect(made.status == 0 && made.error.isEmpty)
    #expect(try made.object()["train"] as? Int == 8)
    let again = try fbr("make-sample", root)
    #expect(again.status == 64 && again.error.contains("\(root) is not empty"))

    var check = try fbr("check", root, "--list", "train")
    #expect(check.status == 0)
    #expect(check.out.hasPrefix("pictures         8\n"))
    let labels = try fbr(
      "labels-from-masks", root + "/SegmentationClass", "--classes", root + "/classes.txt")
    #expect(try labels.out == String(contentsOfFile: root + "/labels.csv", encoding: .utf8))

    let picture = root + "/JPEGImages/s000002.png"
    try Data(contentsOf: URL(fileURLWithPath: picture)).prefix(900)
      .write(to: URL(fileURLWithPath: picture))
    check = try fbr("check", root, "--json")
    #expect(check.status == 65)
    let problem = try #require((check.object()["problems"] as? [[String: Any]])?.first)
    #expect(problem["path"] as? String == picture)
    #expect(
      problem["what"] as? String == "cannot be read: the data ends early: a truncated PNG")
  }

  @Test("COCO becomes a VOC folder") func coco() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sample = path("sample")
    _ = try fbr("make-sample", sample, "--count", "1", "--validation", "0", "--size", "64")
    let json = """
      {"images": [{"id": 1, "file_name": "s000001.png", "height": 64, "width": 64}],
       "categories": [{"id": 3, "name": "dog"}],
       "annotations": [{"id": 9, "image_id": 1, "category_id": 3,
                        "segmentation": [[1, 1, 9, 1, 9, 9]]}]}
      """
    try Data(json.utf8).write(to: URL(fileURLWithPath: path("instances_train.json")))
    let run = try fbr(
      "convert-coco", path("instances_train.json"), path("voc"), "--images", sample + "/JPEGImages")
    #expect(run.status == 0)
    #expect(run.out == "1 picture of 1 class, 1 mask: list 'train' in \(path("voc"))\n")
    let csv = try String(contentsOfFile: path("voc/labels.csv"), encoding: .utf8)
    #expect(csv == "id,classes\ns000001,dog\n")
  }

  @Test("data of one's own: labels.csv, a folder a class, pictures and masks with other values")
  func own() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let mine = path("mine")
    _ = try fbr("make-sample", mine, "--count", "2", "--validation", "0", "--size", "64")
    func write(_ text: String, _ name: String) throws {
      let file = URL(fileURLWithPath: "\(mine)/\(name)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    // The sample's first pictures show a boat, label 1, and a train, label 2.
    try write("l/s000001.png m/s000001.png\nl/s000002.png m/s000002.png\n", "list.txt")
    try write("train\nboat\n", "own.txt")
    try write("0 0\n1 2\n2 1\n", "remap.txt")
    let files = FileManager.default
    for (from, to) in [("JPEGImages", "l"), ("SegmentationClass", "m")] {
      try files.moveItem(atPath: "\(mine)/\(from)", toPath: "\(mine)/\(to)")
    }
    var check = try fbr(
      "check", mine, "--kind", "masks", "--list", "list.txt", "--classes", "own.txt",
      "--remapping", "remap.txt")
    #expect(check.status == 0 && check.out.hasSuffix("\n0 errors, 0 warnings\n"))
    #expect(check.out.contains("\nboat               1         1 "))

    try files.moveItem(atPath: mine + "/l", toPath: mine + "/images")
    try write("id,classes\ns000001,boat;bicycle\ns000002.png,train\ns000002,\n", "labels.csv")
    check = try fbr("check", mine, "--classes", "own.txt")
    #expect(check.status == 65)
    #expect(
      check.out.contains(
        "\nerror: \(mine)/labels.csv:2: unknown class 'bicycle', expected one of train, boat\n"))
    #expect(
      check.out.contains(
        "\nerror: \(mine)/labels.csv:4: id 's000002' for the second time, after line 3\n"))

    for name in ["boat", "train"] { try write("", "folders/\(name)/.keep") }
    try files.moveItem(
      atPath: mine + "/images/s000001.png", toPath: mine + "/folders/boat/1.png")
    check = try fbr("check", mine + "/folders")
    #expect(check.status == 0)
    #expect(
      check.out.contains("warning: \(mine)/folders/train: holds no JPEG or PNG file\n"))
  }

  @Test("sets that are no sets are not passed over, nor are options that say nothing")
  func green() throws {
    defer { program.remove() }
    _ = try fbr("make-sample", path("set"), "--count", "8", "--validation", "0", "--size", "64")
    try FileManager.default.createDirectory(
      atPath: path("mine"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: path("set/JPEGImages"), toPath: path("mine/images"))
    for (arguments, status, message) in [
      (["mine"], 64, "mine holds a folder images but no labels.csv"),
      (["set", "--masks", "nope"], 74, "set/nope: no such folder"),
      (
        ["set", "--remapping", "x"], 64, "--remapping goes with the forms masks; set is read as voc"
      ),
    ] {
      let run = try fbr(["check"] + arguments)
      #expect(
        run.status == Int32(status) && run.error.contains("Error: \(message)"), "\(run.error)")
    }
    // Classes whose names would read back as others.
    try program.write("cow;x\nb\nc\nd\ne\nf\ng\nh\n", "odd.txt")
    let labels = ["labels-from-masks", "set/SegmentationClass", "--classes", "odd.txt"]
    let run = try fbr(labels)
    #expect(run.status == 65 && run.out.isEmpty)
    #expect(run.error.contains("labels.csv: class 'cow;x' cannot be in a label table"))
    #expect(try fbr(labels + ["--json"]).status == 0)
  }

  @Test("COCO's file names may hold spaces and signs, class names no line break")
  func names() throws {
    defer { program.remove() }
    _ = try fbr("make-sample", path("s"), "--count", "1", "--validation", "0", "--size", "64")
    try FileManager.default.moveItem(
      atPath: path("s/JPEGImages/s000001.png"), toPath: path("s/JPEGImages/b c%.png"))
    for (name, status) in [("dog", 0), ("do\\ng", 65)] {
      let json = """
        {"images": [{"id": 1, "file_name": "b c%.png", "height": 48, "width": 64}],
         "categories": [{"id": 3, "name": "\(name)"}],
         "annotations": [{"id": 9, "image_id": 1, "category_id": 3,
                          "segmentation": [[1, 1, 9, 1, 9, 9]]}]}
        """
      try program.write(json, "instances_train.json")
      let folder = path("voc\(status)")
      let run = try fbr(
        "convert-coco", path("instances_train.json"), folder, "--images", path("s/JPEGImages"))
      #expect(run.status == Int32(status), "\(run.error)")
      if status == 0 {
        let check = try fbr("check", folder, "--list", "train")
        #expect(check.status == 0, "\(check.out)")
      } else {
        #expect(run.error.contains("classes.txt: class 'do\ng' holds a line break"))
      }
    }
  }

  @Test("what the system cannot read is 74, what cannot be meant 64") func errors() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var run = try fbr("check", path("none"))
    #expect(run.status == 74 && run.error == "Error: \(path("none")): no such folder\n")
    run = try fbr("convert-coco", path("none.json"), path("voc"))
    #expect(run.status == 74 && run.error.contains("none.json: No such file or directory"))
    run = try fbr("make-sample", path("x"), "--size", "63")
    #expect(run.status == 64 && run.error.contains("--size must be in 64...4096"))
    run = try fbr("check", folder.path, "--kind", "masks")
    #expect(run.status == 64 && run.error.contains("--kind masks needs a --list"))
    #expect(!FileManager.default.fileExists(atPath: path("x")))
  }
}
