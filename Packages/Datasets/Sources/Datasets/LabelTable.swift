/// The classes present in each picture, by id; the form all sources share.
///
/// As a file, `labels.csv`: `id,class;class;...`, classes by name, ids in quotes where they hold a
/// comma or a quote. Read also: `id class class ...`, as VOC's `cls_labels.txt`.
public struct LabelTable: Hashable, Sendable {
  /// A picture's classes.
  public struct Entry: Hashable, Sendable {
    /// The picture's name.
    public let id: String
    /// Its classes, ascending, each 1...C once.
    public let labels: [Int]
    /// The line of the file that was read.
    public let line: Int?
  }

  /// The classes that labels count in.
  public let classes: ClassTable
  /// The pictures, in order; no id twice.
  public let entries: [Entry]
  private let positions: [String: Int]

  /// The classes of a picture; `nil` for an id that is not in the table.
  public subscript(id: String) -> [Int]? { positions[id].map { entries[$0].labels } }

  init(classes: ClassTable, entries: [(id: String, labels: [Int])]) {
    self.init(
      classes: classes, entries: entries.map { Entry(id: $0.id, labels: $0.labels, line: nil) })
  }

  private init(classes: ClassTable, entries: [Entry]) {
    self.classes = classes
    self.entries = entries
    positions = Dictionary(
      zip(entries.map(\.id), entries.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - path: The file: `id,class;class;...` where its first line holds a comma, else
  ///     `id class class ...`. A first line `id,...` is a heading.
  ///   - classes: The classes that names are looked up in.
  /// - Throws: `DatasetError` naming the file and each line with an unknown class, an id for the
  ///   second time or no id.
  public init(contentsOf path: String, classes: ClassTable) throws(DatasetError) {
    var log = ProblemLog()
    self = try Self.reading(path, classes: classes, log: &log)
    _ = try log.result(isStrict: true)
  }

  static func reading(
    _ path: String, classes: ClassTable, log: inout ProblemLog
  ) throws(DatasetError) -> LabelTable {
    let lines = try InputFile.lines(path)
    let hasCommas = lines.first?.text.contains(",") ?? false
    var entries: [Entry] = []
    var seen: [String: Int] = [:]
    for (position, line) in lines.enumerated() {
      guard let fields = hasCommas ? commaFields(line.text) : spaceFields(line.text) else {
        log.error(path, line: line.number, "a quote that does not end")
        continue
      }
      if position == 0 && hasCommas && fields.id == "id" { continue }
      if fields.id.isEmpty {
        log.error(path, line: line.number, "no id, expected 'id,class;class'")
        continue
      }
      if let first = seen[fields.id] {
        log.error(
          path, line: line.number, "id '\(fields.id)' for the second time, after line \(first)")
        continue
      }
      seen[fields.id] = line.number
      var labels: Set<Int> = []
      for name in fields.names {
        if let label = classes[name] {
          labels.insert(label)
        } else {
          log.error(
            path, line: line.number,
            "unknown class '\(name)', expected one of \(expected(classes))")
        }
      }
      entries.append(Entry(id: fields.id, labels: labels.sorted(), line: line.number))
    }
    return LabelTable(classes: classes, entries: entries)
  }

  static func expected(_ classes: ClassTable) -> String {
    classes.names.prefix(6).joined(separator: ", ")
      + (classes.count > 6 ? ", ... (\(classes.count) in all)" : "")
  }

  private static func spaceFields(_ line: String) -> (id: String, names: [String])? {
    let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    return (fields[0], Array(fields.dropFirst()))
  }

  /// An id, in quotes perhaps, a comma, and names between semicolons.
  private static func commaFields(_ line: String) -> (id: String, names: [String])? {
    var id = ""
    var rest = line[...]
    if line.first == "\"" {
      rest = rest.dropFirst()
      while true {
        guard let quote = rest.firstIndex(of: "\"") else { return nil }
        id += rest[..<quote]
        rest = rest[quote...].dropFirst()
        guard rest.first == "\"" else { break }
        id += "\""
        rest = rest.dropFirst()
      }
    } else {
      id = String(rest.prefix { $0 != "," })
      rest = rest.dropFirst(id.count)
    }
    let names = rest.drop { $0 == "," || $0 == " " }.split(separator: ";")
    return (
      trimmed(id[...]), names.map { trimmed($0) }.filter { !$0.isEmpty }
    )
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0 == " " }
    return String(
      start[..<(start.lastIndex { $0 != " " }.map { start.index(after: $0) } ?? start.startIndex)])
  }

  /// Writes `labels.csv`: under a temporary name, then renamed.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` where the file cannot be written, or a name cannot be in it.
  public func write(to path: String) throws(DatasetError) {
    try OutputFile.write(text(of: path), to: path)
  }

  /// The text of `labels.csv`.
  ///
  /// - Throws: `DatasetError` where an id or a class has a name that would read back as another.
  public var csv: String { get throws(DatasetError) { try text(of: "labels.csv") } }

  private func text(of path: String) throws(DatasetError) -> String {
    let names = Set(entries.flatMap(\.labels)).sorted().map { classes.names[$0 - 1] }
    if let name = names.first(where: { !$0.isLine || $0.contains(";") || $0.hasPrefix(",") }) {
      throw DatasetError(
        path,
        "class '\(name)' cannot be in a label table: it holds a semicolon or a line break, or begins "
          + "or ends with a space or a comma")
    }
    if let entry = entries.first(where: { $0.id.contains(where: \.isNewline) }) {
      throw DatasetError(path, "id '\(entry.id)' holds a line break and cannot be in a label table")
    }
    var text = "id,classes\n"
    for entry in entries {
      let isPlain = !entry.id.contains { $0 == "," || $0 == "\"" || $0 == " " }
      let id = entry.id.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"")
      text += isPlain ? entry.id : "\"\(id)\""
      text += "," + entry.labels.map { classes.names[$0 - 1] }.joined(separator: ";") + "\n"
    }
    return text
  }
}
