import Datasets
import Foundation
import Pipeline
import Testing

@Suite("Forms of data sets")
struct SourceFormTests {
  /// A folder of two classes with a picture and a saliency map each.
  private struct ClassTree {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("form-\(UUID().uuidString)").path
    private let picture = Image([UInt8](repeating: 9, count: 12), height: 2, width: 2)

    init(_ folders: String...) throws {
      for folder in folders {
        try FileManager.default.createDirectory(
          atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        try picture.writePNG(to: "\(root)/\(folder)/1.png")
      }
    }

    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/\(name)"))
    }

    func remove() { try? FileManager.default.removeItem(atPath: root) }
  }

  private func message(_ form: SourceForm) -> String {
    do {
      _ = try form.open()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("a folder a class: the root itself or one below, in the order of classes.txt, with maps")
  func folders() throws {
    let tree = try ClassTree("tulip", "rose")
    defer { tree.remove() }
    let maps = try ClassTree("tulip", "rose")
    defer { maps.remove() }
    var form = SourceForm(.folders, in: tree.root)
    form.saliency = maps.root
    var source = try form.open()
    #expect(source.classes.names == ["rose", "tulip"])
    #expect(source.records.map(\.id) == ["rose/1", "tulip/1"])
    #expect(source.records.first?.saliencyPath == "\(maps.root)/rose/1.png")
    try tree.write("tulip\nrose\n", "classes.txt")
    source = try form.open()
    #expect(source.records.map(\.id) == ["tulip/1", "rose/1"])

    let above = try ClassTree("train/tulip", "train/rose")
    defer { above.remove() }
    form = SourceForm(.folders, in: above.root)
    form.list = "train"
    #expect(try form.open().records.map(\.id) == ["rose/1", "tulip/1"])
    form.list = "val"
    #expect(
      message(form)
        == "\(above.root)/val: no such folder of classes; an empty list is \(above.root) itself")
  }

  @Test("only a folder a class needs no training list")
  func emptyList() throws {
    let overrides = ["data.train=", "data.root=fold", "network.fixedBatchNorm=false"]
    let recipe = try Recipe(yaml: "", overrides: overrides + ["data.kind=folders"])
    #expect(recipe.data.train.isEmpty)
    #expect(throws: RecipeError.self) { try Recipe(yaml: "", overrides: overrides) }
  }

  @Test("what is missing is named by its whole path")
  func missing() throws {
    let tree = try ClassTree("images")
    defer { tree.remove() }
    var form = SourceForm(.labels, in: tree.root)
    form.classes = "classes.txt"
    #expect(message(form) == "\(tree.root)/classes.txt: No such file or directory")
    form.classes = ""
    #expect(
      message(form) == "\(tree.root)/classes.txt: no such file, and no classes are named")
    try tree.write("rose\n", "classes.txt")
    #expect(message(form) == "\(tree.root)/labels.csv: No such file or directory")
    form.root += "/none"
    for kind in DataSettings.Kind.allCases {
      form.kind = kind
      #expect(message(form) == "\(tree.root)/none: no such folder")
    }
  }
}
