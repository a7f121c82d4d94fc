internal import Foundation
internal import Yams

/// Which settings of a recipe are varied, and how often each variant is run.
public struct AblationPlan: Sendable, Equatable {
  /// A setting and the values it takes.
  public struct Factor: Sendable, Equatable {
    /// `section.key`.
    public var key: String
    /// In YAML.
    public var values: [String]
  }

  /// The settings.
  public var factors: [Factor] = []
  /// Runs of each variant, with the random seeds 1, 2, ...
  public var seeds = 1
  /// The setting that takes the seeds: `fbr.randomSeed` repeats that stage on one classifier.
  public var seedKey = "randomSeed"

  /// Creates a plan without factors.
  public init() {}

  /// Reads a plan file, as `add(contentsOf:)` does.
  ///
  /// - Throws: `RecipeError` naming file, line and key.
  public init(contentsOf path: String) throws(RecipeError) { try add(contentsOf: path) }

  /// Adds a plan file: YAML with `over` (settings and lists of values) and, where wanted, `seeds`
  /// and `seedKey`, which replace what was there.
  ///
  /// - Throws: `RecipeError` naming file, line and key.
  public mutating func add(contentsOf path: String) throws(RecipeError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw RecipeError(["\(path): no such plan, or it cannot be read as text"])
    }
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch { throw RecipeError(["\(path): \(error)"]) }
    guard let root, case .mapping(let keys) = root else {
      throw RecipeError(["\(path): expected keys over, seeds, seedKey"])
    }
    for (key, value) in keys {
      let place = "\(path):\(key.mark?.line ?? 1)"
      switch key.scalar?.string {
      case "over":
        guard case .mapping(let settings) = value else {
          throw RecipeError(["\(place): over is no section of settings and lists of values"])
        }
        for (key, values) in settings {
          factors.append(try Factor(key: key.scalar?.string ?? "", values, "\(place): over"))
        }
      case "seeds":
        guard let count = value.int, count >= 1 else {
          throw RecipeError(["\(place): seeds is \(value.text), expected 1 or more"])
        }
        seeds = count
      case "seedKey": seedKey = value.text
      default:
        throw RecipeError([
          "\(place): unknown key '\(key.text)'; a plan has over, seeds, seedKey"
        ])
      }
    }
  }

  /// Adds a factor.
  ///
  /// - Parameter text: `section.key=value,value,...`, values in YAML.
  /// - Throws: `RecipeError` where it has another form.
  public mutating func vary(_ text: String) throws(RecipeError) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let list = try? Yams.compose(yaml: "[\(parts[1])]") else {
      throw RecipeError(["--over \(text): expected section.key=value,value,..."])
    }
    factors.append(try Factor(key: parts[0], list, "--over"))
  }
}

extension AblationPlan.Factor {
  fileprivate init(key: String, _ node: Node, _ place: String) throws(RecipeError) {
    guard case .sequence(let values) = node, values.count > 0 else {
      throw RecipeError(["\(place): \(key) has no list of values"])
    }
    self.init(key: key, values: values.map(\.text))
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
