internal import Foundation
internal import FoundationXML

/// The objects of a VOC annotation file: `<annotation><object><name>...`.
struct VOCAnnotation {
  /// The class name of each object, with its line.
  let objects: [(name: String, line: Int)]
  private let path: String

  init(contentsOf path: String) throws(DatasetError) {
    try self.init(InputFile.bytes(path), path: path)
  }

  init(_ bytes: [UInt8], path: String) throws(DatasetError) {
    let parser = XMLParser(data: Data(bytes))
    let reader = ObjectReader()
    parser.delegate = reader
    parser.shouldResolveExternalEntities = false
    // libxml2 repairs what it can; a repaired file would give labels nobody wrote.
    let isWhole = parser.parse() && reader.brokenLine == nil && reader.isClosed
    guard isWhole else {
      let line = max(reader.brokenLine ?? parser.lineNumber, 1)
      throw DatasetError(path, line: line, "is not valid XML")
    }
    guard reader.isAnnotation else {
      throw DatasetError(path, line: 1, "is not a VOC annotation: no <annotation> at the top")
    }
    self.path = path
    objects = reader.objects
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

/// Takes the text of `annotation/object/name`; the names of an object's parts lie deeper.
private final class ObjectReader: NSObject, XMLParserDelegate {
  private(set) var objects: [(name: String, line: Int)] = []
  private(set) var isAnnotation = false
  private(set) var brokenLine: Int?
  private var isEmpty = true
  private var open: [String] = []
  private var text = ""

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if isEmpty { isAnnotation = element == "annotation" }
    isEmpty = false
    open.append(element)
    text = ""
    // libxml2 has a limit of its own; this one is for our stack of names.
    if open.count > 64 { parser.abortParsing() }
  }

  /// Whether there was an element, and none is left open.
  var isClosed: Bool { !isEmpty && open.isEmpty }

  func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
    if brokenLine == nil { brokenLine = parser.lineNumber }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement element: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    if open == ["annotation", "object", "name"] {
      objects.append((text.trimmingCharacters(in: .whitespacesAndNewlines), parser.lineNumber))
    }
    if !open.isEmpty { open.removeLast() }
    text = ""
  }
}
