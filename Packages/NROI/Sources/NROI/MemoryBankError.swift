internal import Tensor
internal import TensorIO

/// Why a stored memory bank cannot be restored.
public struct MemoryBankError: Error, Hashable, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String

  init(_ state: MemoryBank.State) {
    description =
      "memory bank: rows \(state.rows.shape), \(state.pushOfRow.count) push numbers, capacity "
      + "\(state.capacity), \(state.pushed) rows in \(state.pushes) pushes do not belong together"
  }

  init(description: String) { self.description = description }

  static func array(
    _ name: String, _ found: NumericArray?, expected: String, _ source: String
  ) -> Self {
    let what = found.map { "is \($0.shape) of \($0.type)" } ?? "is missing"
    return Self(description: "\(source): '\(name)' \(what), expected \(expected)")
  }
}
