/// The objects of a VOC annotation file: `<annotation><object><name>...`.
struct VOCAnnotation {
  /// The class name of each object, with its line.
  private(set) var objects: [(name: String, line: Int)] = []
  private let path: String

  init(contentsOf path: String) throws(DatasetError) {
    self.path = path
    var scanner = XMLScanner(try InputFile.bytes(path), path: path)
    var open: [String] = []
    var text = ""
    var isAnnotation = false
    while let event = try scanner.next() {
      switch event {
      case .start(let name):
        guard isAnnotation || name == "annotation" else {
          throw DatasetError(
            path, line: scanner.line, "is not a VOC annotation: <\(name)> at the top")
        }
        isAnnotation = true
        open.append(name)
        text = ""
      case .text(let part): text += part
      case .end:
        // The names of an object's parts lie deeper.
        if open == ["annotation", "object", "name"] {
          let name = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
          objects.append((name, scanner.line))
        }
        open.removeLast()
        text = ""
      }
    }
  }

  /// The classes of the objects, ascending.
  func labels(in classes: ClassTable) throws(DatasetError) -> [Int] {
    var labels: Set<Int> = []
    for object in objects {
      guard let label = classes[object.name] else {
        throw DatasetError(
          path, line: object.line,
          "unknown class '\(object.name)', expected one of \(LabelTable.expected(classes))")
      }
      labels.insert(label)
    }
    return labels.sorted()
  }
}
