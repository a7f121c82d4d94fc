internal import Foundation
internal import Yams

/// How a recipe is varied, and how often each variant is run.
public struct AblationPlan: Sendable, Equatable {
  /// A recipe that differs from the given one.
  public struct Variant: Sendable, Equatable {
    /// `section.key` of the one setting that differs, or a name.
    public var name: String
    /// That setting's value in YAML; empty where several differ.
    public var value: String
    /// What differs, `section.key=value`.
    public var settings: [String]
    /// The option, or file and line, that gives it; for errors.
    public var origin = "--over"
  }

  /// The variants, in the plan's order.
  public private(set) var variants: [Variant] = []
  /// Runs of each variant, with the random seeds 1, 2, ...
  public var seeds = 1
  /// The setting that takes the seeds: `fbr.randomSeed` repeats that stage on one classifier.
  public var seedKey = "randomSeed"

  /// Creates a plan without variants.
  public init() {}

  /// Adds a plan file: YAML with `over` (settings and lists of values, a variant each), `variants`
  /// (names, and the settings of each) and, where wanted, `seeds` and `seedKey`, which replace what
  /// was there.
  ///
  /// - Throws: `RecipeError` naming file, line and key.
  public mutating func add(contentsOf path: String) throws(RecipeError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw RecipeError(
        ["\(path): no such plan, or it cannot be read as text"], isInputOutput: true)
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw RecipeError([yamlProblem(error, in: text, path: path)])
    }
    guard let root, case .mapping(let keys) = root else {
      throw RecipeError(["\(path): expected keys over, variants, seeds, seedKey"])
    }
    for (key, value) in keys {
      let place = "\(path):\(key.mark?.line ?? 1)"
      switch key.scalar?.string {
      case "over":
        guard case .mapping(let settings) = value else {
          throw RecipeError(["\(place): over is no section of settings and lists of values"])
        }
        for (key, values) in settings {
          try vary(key.text, values, "\(path):\(key.mark?.line ?? 1): over")
        }
      case "variants":
        guard case .mapping(let named) = value else {
          throw RecipeError(["\(place): variants is no section of names and their settings"])
        }
        for (name, settings) in named {
          guard case .mapping(let settings) = settings, settings.count > 0 else {
            throw RecipeError(["\(place): variants: \(name.text) has no settings"])
          }
          let texts = settings.map { "\($0.key.text)=\($0.value.text)" }
          variants.append(
            Variant(
              name: name.text, value: "", settings: texts,
              origin: "\(path):\(name.mark?.line ?? 1): variants:"))
        }
      case "seeds":
        guard let count = value.int, count >= 1 else {
          throw RecipeError(["\(place): seeds is \(value.text), expected 1 or more"])
        }
        seeds = count
      case "seedKey": seedKey = value.text
      default:
        throw RecipeError([
          "\(place): unknown key '\(key.text)'; a plan has over, variants, seeds, seedKey"
        ])
      }
    }
  }

  /// Adds a variant for each value of a setting.
  ///
  /// - Parameter text: `section.key=value,value,...`, values in YAML.
  /// - Throws: `RecipeError` where it has another form.
  public mutating func vary(_ text: String) throws(RecipeError) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let list = try? Yams.compose(yaml: "[\(parts[1])]") else {
      throw RecipeError(
        ["--over \(text): expected section.key=value,value,..."], isUsage: true)
    }
    try vary(parts[0], list, "--over")
  }

  private mutating func vary(_ key: String, _ node: Node, _ place: String) throws(RecipeError) {
    guard case .sequence(let values) = node, values.count > 0 else {
      throw RecipeError(["\(place): \(key) has no list of values"])
    }
    var seen: Set<String> = []
    for value in values.map(\.text) where !seen.insert(value).inserted {
      throw RecipeError(
        ["\(place): \(key) is to be \(value) twice"], isUsage: place == "--over")
    }
    variants += values.map {
      Variant(name: key, value: $0.text, settings: ["\(key)=\($0.text)"], origin: place)
    }
  }
}

extension Node {
  /// The node in YAML, on one line.
  fileprivate var text: String {
    if let text = scalar?.string { return text }
    var flow = self
    flow.sequence?.style = .flow
    flow.mapping?.style = .flow
    return (try? Yams.serialize(node: flow, width: -1))?
      .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }
}
