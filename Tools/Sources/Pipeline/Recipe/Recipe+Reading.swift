internal import Foundation
internal import Yams

extension Recipe {
  /// Reads a recipe file; what it leaves out has the method's values.
  ///
  /// - Parameters:
  ///   - path: A YAML file.
  ///   - overrides: `section.key=value`, applied after the file, values in YAML.
  /// - Throws: `RecipeError` naming file and line of unknown keys, wrong types and impossible values.
  public init(contentsOf path: String, overrides: [String] = []) throws(RecipeError) {
    try self.init(yaml: Self.text(path), path: path, overrides: overrides)
  }

  /// The text of a recipe file, which may be a pipe: those have no size, and are read only once.
  static func text(_ path: String) throws(RecipeError) -> String {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.readToEnd() ?? Data()
    else {
      throw RecipeError(
        ["\(path): no such recipe, or it cannot be opened"], isInputOutput: true)
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw RecipeError(["\(path): is not text in UTF-8"])
    }
    return text
  }

  /// Reads a recipe from text.
  ///
  /// - Parameters:
  ///   - yaml: The text.
  ///   - path: The name that errors give.
  ///   - overrides: `section.key=value`, applied after the text.
  /// - Throws: `RecipeError`.
  public init(
    yaml: String, path: String = "recipe", overrides: [String] = []
  ) throws(RecipeError) {
    try self.init(
      yaml: yaml, path: path, laidOver: overrides.map { RecipeOverride(text: $0) })
  }

  /// Reads a recipe from text, and lays over it what an ablation varies, too.
  init(
    yaml: String, path: String, laidOver overrides: [RecipeOverride]
  ) throws(RecipeError) {
    var laidOver: [(RecipeOverride, Node)] = []
    for item in overrides { laidOver.append((item, try item.node())) }
    var tree = RecipeTree(try Recipe().yaml().node(), source: path)
    do {
      if let node = try Yams.compose(yaml: yaml) { tree.apply(node) }
    } catch {
      throw RecipeError([yamlProblem(error, in: yaml, path: path)])
    }
    for (item, node) in laidOver { tree.apply(node, from: item) }
    guard tree.decoded() != nil, tree.problems.isEmpty else { throw RecipeError(tree.problems) }
    tree.inherit(["segment", "network"], from: "network")
    guard let recipe = tree.decoded() else { throw RecipeError(tree.problems) }
    self = recipe
    var rules = SettingRules()
    check(&rules)
    guard rules.violations.isEmpty else {
      throw RecipeError(rules.violations.map { "\(tree.place(of: $0.key)): \($0.text)" })
    }
  }

  /// The whole recipe as YAML, every value stated.
  public func yaml() -> String {
    // Values of these types always encode.
    let text = (try? YAMLEncoder().encode(self)) ?? ""
    // The encoder writes numbers as 9e-1.
    let node = try? Yams.compose(yaml: text)?.withPlainNumbers
    return node.flatMap { try? Yams.serialize(node: $0) } ?? text
  }
}

extension String {
  /// The tree of YAML that this program wrote itself.
  fileprivate func node() throws(RecipeError) -> Node {
    do { return try Yams.compose(yaml: self) ?? Node("") } catch { throw RecipeError(["\(error)"]) }
  }
}

extension Node {
  /// The same with numbers as people write them: 0.9, 3, 1e-05.
  fileprivate var withPlainNumbers: Node {
    switch self {
    case .mapping(let pairs):
      return Node(pairs.map { ($0.key, $0.value.withPlainNumbers) })
    case .sequence(let items):
      return Node(items.map(\.withPlainNumbers))
    case .scalar(let scalar):
      guard tag == Tag(.float), let number = Double(scalar.string), number.isFinite else {
        return self
      }
      return Node(Int(exactly: number).map { "\($0)" } ?? "\(number)")
    default: return self
    }
  }

  /// Where a key stands below this node.
  fileprivate func paths(to key: String) -> [[String]] {
    guard case .mapping(let mapping) = self else { return [] }
    return mapping.flatMap { name, value -> [[String]] in
      guard let name = name.scalar?.string else { return [] }
      return name == key ? [[name]] : value.paths(to: key).map { [name] + $0 }
    }
  }

  /// Sets what stands at a path of sections that are there.
  fileprivate mutating func set(_ path: [String], to value: Node) {
    guard let key = path.first else { return self = value }
    self[key]?.set(Array(path.dropFirst()), to: value)
  }

  /// Puts back what defaults have at a path, or all around it where they lack its next key.
  ///
  /// - Returns: Whether that changed anything.
  fileprivate mutating func reset(_ path: ArraySlice<String>, to defaults: Node) -> Bool {
    guard let key = path.first, let inner = defaults[key], var own = self[key] else {
      defer { self = defaults }
      return self != defaults
    }
    defer { self[key] = own }
    return own.reset(path.dropFirst(), to: inner)
  }
}

/// The defaults with a file's values laid over them, and where each value came from.
private struct RecipeTree {
  private let defaults: Node
  private var node: Node
  private(set) var problems: [String] = []
  private var places: [String: String] = [:]
  private var texts: [String: String] = [:]
  private var source: String
  private var hasLines = true

  init(_ defaults: Node, source: String) {
    (self.defaults, node, self.source) = (defaults, defaults, source)
    places[""] = source
  }

  mutating func apply(_ user: Node) {
    node = merged(user, at: [], over: node)
  }

  mutating func apply(_ user: Node, from override: RecipeOverride) {
    (source, hasLines) = ("\(override)", false)
    // What a recipe lacks, no override of another key is to blame for.
    let root = places[""]
    defer { places[""] = root }
    node = merged(user, at: [], over: node)
  }

  /// Gives a section what it was not given itself from another of the same keys.
  mutating func inherit(_ path: [String], from parent: String) {
    guard case .mapping(let values)? = node[parent] else { return }
    for (key, value) in values.compactMap({ ($0.key.scalar?.string, $0.value) }) {
      guard let key, places[(path + [key]).joined(separator: ".")] == nil else { continue }
      node.set(path + [key], to: value)
    }
  }

  private mutating func merged(_ user: Node, at path: [String], over base: Node) -> Node {
    let name = path.joined(separator: ".")
    let place = place(user.mark)
    places[name] = place
    texts[name] = user.scalar?.string
    // An empty mapping among the defaults takes any keys.
    guard case .mapping(var defaults) = base, !defaults.isEmpty else { return user }
    guard case .mapping(let values) = user else {
      if path.isEmpty, user.scalar?.string.isEmpty == true { return base }
      problems.append(
        "\(place): \(name.isEmpty ? "the recipe" : name) is not a section of keys and values")
      return base
    }
    for (keyNode, value) in values {
      let key = keyNode.scalar?.string ?? "?"
      if let inner = defaults[keyNode] {
        defaults[keyNode] = merged(value, at: path + [key], over: inner)
      } else {
        let known = defaults.keys.compactMap(\.scalar?.string).joined(separator: ", ")
        let others = base.paths(to: key).map { "'\((path + $0).joined(separator: "."))'" }
        problems.append(
          "\(self.place(keyNode.mark)): unknown key '\((path + [key]).joined(separator: "."))'; "
            + (others.isEmpty ? "" : "is \(others.joined(separator: " or ")) meant? ")
            + "\(path.isEmpty ? "The recipe" : "'\(name)'") has \(known)")
      }
    }
    return .mapping(defaults)
  }

  private func place(_ mark: Mark?) -> String {
    hasLines ? mark.map { "\(source):\($0.line)" } ?? source : source
  }

  /// Where the value of a key, or the section around it, was given.
  func place(of key: String) -> String {
    var parts = key.split(separator: ".").map(String.init)
    while !parts.isEmpty {
      if let place = places[parts.joined(separator: ".")] { return place }
      parts.removeLast()
    }
    return places[""] ?? "recipe"
  }

  /// The recipe. Each value that is not of its setting's type is a problem and gives way to its default,
  /// so that all of them are told at once.
  mutating func decoded() -> Recipe? {
    while true {
      do {
        return try YAMLDecoder().decode(Recipe.self, from: node)
      } catch let error as DecodingError {
        let (keys, problem) = explain(error)
        problems.append(problem)
        guard node.reset(keys[...], to: defaults) else { return nil }
      } catch {
        problems.append("\(source): \(error)")
        return nil
      }
    }
  }

  private func explain(_ error: DecodingError) -> (keys: [String], problem: String) {
    let (context, expected): (DecodingError.Context, String) =
      switch error {
      case .typeMismatch(let type, let context): (context, Self.name(of: type))
      case .valueNotFound(let type, let context): (context, Self.name(of: type))
      case .keyNotFound(_, let context): (context, "a section")
      case .dataCorrupted(let context): (context, "another value")
      @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), "another value")
      }
    let keys = context.codingPath.map(\.stringValue)
      .filter { !$0.isEmpty && Int($0) == nil && !$0.hasPrefix("Index") }
    let key = keys.joined(separator: ".")
    let found = texts[key].map { "'\($0)'" } ?? "something else"
    let choices = Self.choices(of: key).map { "one of " + $0.joined(separator: ", ") }
    return (keys, "\(place(of: key)): \(key) is \(found), expected \(choices ?? expected)")
  }

  /// The names a setting may have, where it is an enumeration.
  private static func choices(of key: String) -> [String]? {
    var value: Any = Recipe()
    for part in key.split(separator: ".") {
      guard let child = Mirror(reflecting: value).children.first(where: { $0.label == "\(part)" })
      else { return nil }
      value = child.value
    }
    func names<Choice: CaseIterable>(_: Choice) -> [String] {
      Choice.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
    return (value as? any CaseIterable).map { names($0) }
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is Int.Type, is UInt64.Type: "a whole number"
    case is Double.Type, is Float.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    default: "a list or section"
    }
  }
}
