/// A value from a pickle: plain data and arrays, nothing that runs.
///
/// Containers are numbers of an arena, so that a file can neither build a chain too deep to free
/// nor a loop that is never freed.
public struct Pickle: Sendable {
  /// One value.
  public enum Value: Sendable {
    /// Python's `None`.
    case none
    /// `True` or `False`.
    case boolean(Bool)
    /// An integer of 64 bits.
    case integer(Int)
    /// A float.
    case number(Double)
    /// Text.
    case string(String)
    /// Bytes.
    case bytes(Bytes)
    /// An array of numbers, or a tensor.
    case array(NumericArray)
    /// A list, tuple or set: its elements are `items(of:)`.
    case sequence(Int)
    /// A dictionary: its pairs are `pairs(of:)`.
    case dictionary(Int)
    /// A class or function that may be called, by its full name.
    case callable(String)
    /// What is still being made, or kept only to be passed on; by kind, with its parts.
    case opaque(String, Int)
  }

  var arena: [[Value]] = []

  /// The outermost value.
  public internal(set) var root: Value = .none

  /// The elements of a list, tuple or set; none for anything else.
  public func items(of value: Value) -> [Value] {
    guard case .sequence(let index) = value else { return [] }
    return arena[index]
  }

  /// The pairs of a dictionary, in order; none for anything else.
  public func pairs(of value: Value) -> [(key: Value, value: Value)] {
    guard case .dictionary(let index) = value else { return [] }
    let flat = arena[index]
    return stride(from: 0, to: flat.count - 1, by: 2).map { (flat[$0], flat[$0 + 1]) }
  }

  /// The value of a text key of a dictionary; the last one where it occurs more than once.
  public func member(_ key: String, of value: Value) -> Value? {
    pairs(of: value).last {
      if case .string(key) = $0.key { true } else { false }
    }?.value
  }

  /// The arrays of a dictionary by their text keys, those of inner dictionaries as `outer.inner`.
  ///
  /// Deeper than 16 levels is not looked at.
  ///
  /// - Parameter value: The dictionary; `root` by default.
  /// - Returns: Every array found, by its joined key.
  public func arrays(of value: Value? = nil) -> [String: NumericArray] {
    var found: [String: NumericArray] = [:]
    // A dictionary that several others share could be visited exponentially often.
    var budget = 1_000_000
    collect(value ?? root, "", 0, &budget, &found)
    return found
  }

  private func collect(
    _ value: Value, _ prefix: String, _ depth: Int, _ budget: inout Int,
    _ found: inout [String: NumericArray]
  ) {
    for (key, value) in pairs(of: value) where budget > 0 {
      budget -= 1
      guard case .string(let name) = key else { continue }
      switch value {
      case .array(let array): found[prefix + name] = array
      case .dictionary where depth < 16:
        collect(value, "\(prefix)\(name).", depth + 1, &budget, &found)
      default: break
      }
    }
  }

  /// The element of a NumPy array of one object, else itself.
  var unwrappingScalarArray: Pickle {
    guard case .opaque("object array", let index) = root, arena[index].count == 1 else {
      return self
    }
    var copy = self
    copy.root = arena[index][0]
    return copy
  }
}
