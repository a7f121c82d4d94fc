public import Tensor
public import TensorIO

extension MemoryBank {
  /// Everything a checkpoint needs to continue with the same bits.
  public struct State: Sendable, Equatable {
    /// Filled places only, `[count, D]`.
    public var rows: Tensor
    /// The push each filled place came with, `[count]`.
    public var pushOfRow: IndexTensor
    /// Places of the ring.
    public var capacity: Int
    /// Rows pushed since the start.
    public var pushed: Int
    /// Pushes since the start.
    public var pushes: Int

    /// Creates a state from what a checkpoint held.
    public init(rows: Tensor, pushOfRow: IndexTensor, capacity: Int, pushed: Int, pushes: Int) {
      self.rows = rows
      self.pushOfRow = pushOfRow
      self.capacity = capacity
      self.pushed = pushed
      self.pushes = pushes
    }
  }

  /// What a checkpoint stores.
  public var state: State {
    State(
      rows: filledRows, pushOfRow: IndexTensor(Array(pushOfRow.indices.prefix(count))),
      capacity: capacity,
      pushed: pushed, pushes: pushes)
  }

  /// Creates the bank that `state` was taken from; later pushes and draws give the same bits.
  ///
  /// - Throws: `MemoryBankError` where the parts do not belong together.
  public init(_ state: State) throws(MemoryBankError) {
    let filled = min(max(state.pushed, 0), state.capacity)
    guard state.capacity >= 1, state.pushes >= 0, state.rows.rank == 2,
      state.rows.shape[1] >= 1, state.rows.shape[0] == filled, state.pushOfRow.count == filled,
      state.pushOfRow.indices.allSatisfy({ $0 >= 0 && Int($0) < max(state.pushes, 1) })
    else { throw MemoryBankError(state) }
    self.init(capacity: state.capacity, dimension: state.rows.shape[1])
    let restored = state.rows.scalars
    unsafe rows.withUnsafeMutableScalars { places in
      // Safe: `restored` has at most capacity rows.
      _ = unsafe places.update(fromContentsOf: restored)
    }
    pushOfRow.indices.replaceSubrange(0..<filled, with: state.pushOfRow.indices)
    count = filled
    pushed = state.pushed
    pushes = state.pushes
  }
}

extension MemoryBank.State {
  /// The state as named arrays, to be kept in a checkpoint or a file of its own.
  ///
  /// `rows` (32-bit floats), `push_of_row` (32-bit integers), and `counters` (64-bit integers:
  /// capacity, rows pushed, pushes).
  public var arrays: [String: NumericArray] {
    [
      "rows": NumericArray(rows),
      "push_of_row": NumericArray(
        integers: pushOfRow.indices.map(Int.init), shape: [pushOfRow.count], as: .int32),
      "counters": NumericArray(integers: [capacity, pushed, pushes], shape: [3]),
    ]
  }

  /// The state from its arrays; other arrays are not looked at.
  ///
  /// - Parameters:
  ///   - arrays: As `arrays` gives them.
  ///   - source: Named in the error, such as the file's path.
  /// - Throws: `MemoryBankError` naming the array that is missing or of another kind.
  public init(
    _ arrays: [String: NumericArray], from source: String = "memory bank"
  ) throws(MemoryBankError) {
    guard let rows = arrays["rows"], rows.type == .float32, rows.shape.count == 2 else {
      throw .array("rows", arrays["rows"], expected: "[count, D] of float32", source)
    }
    guard let pushes = arrays["push_of_row"], pushes.type == .int32, pushes.shape.count == 1,
      let pushOfRow = pushes.integers
    else {
      throw .array("push_of_row", arrays["push_of_row"], expected: "[count] of int32", source)
    }
    guard let counters = arrays["counters"], counters.type == .int64, counters.shape == [3],
      let counts = counters.integers
    else { throw .array("counters", arrays["counters"], expected: "[3] of int64", source) }
    self.init(
      rows: rows.tensor, pushOfRow: IndexTensor(pushOfRow.map { Int32(truncatingIfNeeded: $0) }),
      capacity: counts[0], pushed: counts[1], pushes: counts[2])
  }
}

extension MemoryBank {
  /// Writes the bank to a `.safetensors` file; it is complete or not there.
  ///
  /// - Throws: `TensorIOError` where the file cannot be written.
  public func write(to path: String) throws(TensorIOError) {
    try SafetensorsFile(state.arrays, metadata: ["format": "fbr memory bank 1"]).write(to: path)
  }

  /// Reads a bank that `write` wrote; later pushes and draws give the same bits.
  ///
  /// - Throws: `TensorIOError` or `MemoryBankError`, naming the file and what is wrong with it.
  public init(reading path: String) throws {
    let state = try State(SafetensorsFile(reading: path).arrays, from: path)
    do { try self.init(state) } catch { throw MemoryBankError(description: "\(path): \(error)") }
  }
}
