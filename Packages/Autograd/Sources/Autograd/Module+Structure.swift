internal import Tensor

/// A module, parameter or buffer with its name in the model it was found in.
struct StructureEntry {
  enum Part {
    case module(any Module)
    case parameter(Parameter)
    case buffer(Buffer)
  }

  let name: String
  let part: Part
}

extension Module {
  /// This module (with an empty name) and everything in it, found by reflection.
  ///
  /// Tenths of a millisecond: walked when an optimiser is made or a checkpoint loaded, not a step.
  var structure: [StructureEntry] {
    var walk = StructureWalk()
    walk.visit(self, name: "")
    return walk.entries
  }
}

private struct StructureWalk {
  private(set) var entries: [StructureEntry] = []
  private var path: Set<ObjectIdentifier> = []

  mutating func visit(_ value: Any, name: String) {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .class:
      visitObject(value, name: name)
    case .optional:
      for child in mirror.children { visit(child.value, name: name) }
    case .collection:
      // A table of numbers can be long, and reflection is slow.
      if let elements = value as? any Collection, holdsNumbers(elements) { return }
      for (index, child) in mirror.children.enumerated() {
        visit(child.value, name: join(name, String(index)))
      }
    default:
      break
    }
  }

  private mutating func visitObject(_ object: Any, name: String) {
    switch object {
    case let parameter as Parameter:
      entries.append(StructureEntry(name: name, part: .parameter(parameter)))
    case let buffer as Buffer:
      entries.append(StructureEntry(name: name, part: .buffer(buffer)))
    case let module as any Module:
      visit(module, name: name)
    default:
      break
    }
  }

  private mutating func visit(_ module: any Module, name: String) {
    let isNew = path.insert(ObjectIdentifier(module)).inserted
    check(isNew, "'\(name)' of \(type(of: module)) refers to a module that contains it")
    defer { path.remove(ObjectIdentifier(module)) }
    entries.append(StructureEntry(name: name, part: .module(module)))
    if let sequence = module as? Sequential {
      return visit(sequence.layers as Any, name: name)
    }
    var mirrors = [Mirror(reflecting: module)]
    while let base = mirrors[0].superclassMirror { mirrors.insert(base, at: 0) }
    for child in mirrors.flatMap(\.children) {
      guard let label = child.label else { continue }
      visit(child.value, name: join(name, snakeCase(label)))
    }
  }
}

/// Whether the elements are numbers: a table of them can be long, and reflection is slow.
private func holdsNumbers<Elements: Collection>(_: Elements) -> Bool {
  Elements.Element.self is any Numeric.Type
}

private func join(_ prefix: String, _ name: String) -> String {
  prefix.isEmpty ? name : "\(prefix).\(name)"
}

/// `runningMean` as `running_mean`; `phiFG` as `phi_fg`.
private func snakeCase(_ name: String) -> String {
  let characters = Array(name)
  var result = ""
  for (index, character) in characters.enumerated() {
    if character.isUppercase, index > 0, characters[index - 1] != "_" {
      let followsWord = !characters[index - 1].isUppercase
      let startsWord = index + 1 < characters.count && characters[index + 1].isLowercase
      if followsWord || startsWord { result += "_" }
    }
    result += character.lowercased()
  }
  return result
}
