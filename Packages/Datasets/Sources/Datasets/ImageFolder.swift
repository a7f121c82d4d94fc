/// The picture files of one folder, found by id whatever their ending.
struct ImageFolder {
  let path: String
  /// Names by their stem, and by themselves.
  private let files: [String: String]
  /// Picture names, sorted.
  let names: [String]

  /// Endings of pictures, in small letters.
  private static let endings: Set = ["jpg", "jpeg", "png"]
  /// Endings that are tried for pictures in folders below.
  private static let usualEndings = ["jpg", "jpeg", "png", "JPG", "JPEG", "PNG"]

  init(_ path: String) throws(DatasetError) {
    self.path = path
    names = try InputFile.names(in: path).filter { Self.isPicture($0) }
    var files: [String: String] = [:]
    for name in names {
      files[name] = name
      if files[Self.stem(name)] == nil { files[Self.stem(name)] = name }
    }
    self.files = files
  }

  static func isPicture(_ name: String) -> Bool {
    name.lastIndex(of: ".").map { endings.contains(name[$0...].dropFirst().lowercased()) } ?? false
  }

  /// A file name without folder and ending.
  static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// The path of the picture with that id; ids may lead into folders below.
  func file(_ id: String) -> String? {
    if let name = files[id] { return path + "/" + name }
    guard id.contains("/") else { return nil }
    let candidates = [path + "/" + id] + Self.usualEndings.map { "\(path)/\(id).\($0)" }
    return candidates.first { InputFile.exists($0) && Self.isPicture($0) }
  }
}
