public import Tensor

/// A state dictionary that does not fit a model: every difference in one message.
public struct StateDictError: Error, CustomStringConvertible {
  /// Where the dictionary came from, such as a file's path.
  public let source: String
  /// Names the model has and the dictionary lacks.
  public let missing: [String]
  /// Names the dictionary has and the model lacks.
  public let unexpected: [String]
  /// Names with the shape found and the shape the model expects.
  public let misshapen: [(name: String, found: Shape, expected: Shape)]

  /// The first differences of each kind, one a line, and how many more there are: another network's
  /// file has hundreds.
  public var description: String {
    func lines(_ all: [String]) -> [String] {
      let shown = 5
      return all.count <= shown + 1
        ? all : all.prefix(shown) + ["and \(all.count - shown) more like these"]
    }
    let differences =
      lines(missing.map { "missing '\($0)'" }) + lines(unexpected.map { "unexpected '\($0)'" })
      + lines(
        misshapen.map { "'\($0.name)' has shape \($0.found), the model expects \($0.expected)" })
    return "\(source): does not fit the model:\n  " + differences.joined(separator: "\n  ")
  }
}

extension Module {
  /// The values of all parameters and buffers by name, in the checkpoint's axis order.
  ///
  /// Shares memory with the model until either changes.
  public var stateDict: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: slots.map { ($0.name, $0.value) })
  }

  /// Sets parameters and buffers from a dictionary, all of them or, on an error, none.
  ///
  /// - Parameters:
  ///   - state: Values by name, in the checkpoint's axis order.
  ///   - source: Named in the error, such as the file's path.
  ///   - allowed: Names that may be missing or unexpected, for parts left out on purpose; `*`
  ///     stands for any characters: `["fc.*", "*.num_batches_tracked"]`.
  /// - Returns: The names that were missing or unexpected, and allowed to be.
  /// - Throws: `StateDictError` listing every other difference.
  @discardableResult
  public func load(
    _ state: [String: Tensor], from source: String = "state dictionary",
    allowingDifferences allowed: [String] = []
  ) throws(StateDictError) -> [String] {
    let slots = slots
    let names = Set(slots.map(\.name))
    let patterns = allowed.map { Array($0.utf8) }
    func isAllowed(_ name: String) -> Bool {
      patterns.contains { matches(Array(name.utf8)[...], $0[...]) }
    }
    let missing = slots.map(\.name).filter { state[$0] == nil }
    let unexpected = state.keys.filter { !names.contains($0) }.sorted()
    let misshapen = slots.compactMap { slot -> (name: String, found: Shape, expected: Shape)? in
      guard let found = state[slot.name]?.shape, found != slot.shape else { return nil }
      return (slot.name, found, slot.shape)
    }
    let error = StateDictError(
      source: source, missing: missing.filter { !isAllowed($0) },
      unexpected: unexpected.filter { !isAllowed($0) }, misshapen: misshapen)
    guard error.missing.isEmpty && error.unexpected.isEmpty && misshapen.isEmpty else {
      throw error
    }
    for slot in slots {
      if let value = state[slot.name] { slot.set(value) }
    }
    return (missing + unexpected).filter(isAllowed)
  }

  private var slots: [StateSlot] {
    structure.compactMap { entry in
      switch entry.part {
      case .module: nil
      case .parameter(let parameter): StateSlot(name: entry.name, parameter)
      case .buffer(let buffer): StateSlot(name: entry.name, buffer)
      }
    }
  }
}

/// Where a value of a checkpoint belongs.
private struct StateSlot {
  let name: String
  /// In the checkpoint's axis order.
  let shape: Shape
  private let read: () -> Tensor
  let set: (Tensor) -> Void

  var value: Tensor { read() }

  init(name: String, _ buffer: Buffer) {
    self.name = name
    shape = buffer.value.shape
    read = { buffer.value }
    set = { buffer.value = $0 }
  }

  init(name: String, _ parameter: Parameter) {
    self.name = name
    guard let axes = parameter.checkpointAxes else {
      shape = parameter.shape
      read = { parameter.value }
      set = { parameter.assign($0) }
      return
    }
    shape = Shape(axes.map { parameter.shape[$0] })
    let inverse = axes.indices.sorted { axes[$0] < axes[$1] }
    read = { parameter.value.transposed(axes) }
    set = { parameter.assign($0.transposed(inverse)) }
  }
}

/// Whether a name matches a pattern in which `*` stands for any characters.
private func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
  guard let first = pattern.first else { return name.isEmpty }
  if first == UInt8(ascii: "*") {
    return matches(name, pattern.dropFirst())
      || (!name.isEmpty && matches(name.dropFirst(), pattern))
  }
  return name.first == first && matches(name.dropFirst(), pattern.dropFirst())
}
