public import Tensor

/// A first-in first-out memory of embeddings: a ring of fixed capacity.
///
/// Centroids of many images enter; once full, the oldest leave. Pushing costs the rows pushed, and
/// drawing gives positions, not copies. A value: two copies share memory until one is pushed to, so
/// drop a loss' graph, which holds `rows`, before the next push.
public struct MemoryBank: Sendable, Equatable {
  /// Rows at the most; the method's 100 000, or 50 000 in the PPC route.
  public let capacity: Int
  /// The size of a row; the method's 128.
  public let dimension: Int
  /// All places of the ring, `[capacity, D]`; those from `count` on are not filled yet.
  public private(set) var rows: Tensor
  /// Filled places.
  public private(set) var count = 0
  /// Rows pushed since the start, those that left included.
  public private(set) var pushed = 0
  /// The number of pushes, and for each place the push it came with.
  private var pushes = 0
  private var pushOfRow: IndexTensor

  /// Creates an empty bank.
  ///
  /// - Precondition: Both sizes are 1 or more.
  public init(capacity: Int = 100_000, dimension: Int = 128) {
    check(
      capacity >= 1 && dimension >= 1,
      "MemoryBank: capacity \(capacity), dimension \(dimension), expected 1 or more")
    self.capacity = capacity
    self.dimension = dimension
    rows = .zeros([capacity, dimension])
    pushOfRow = IndexTensor([Int32](repeating: 0, count: capacity))
  }

  /// The place that the next row takes.
  private var next: Int { pushed % capacity }

  /// Adds rows in order; the oldest leave where the bank is full.
  ///
  /// More rows than the capacity: the last ones stay.
  ///
  /// - Precondition: `newRows` is `[M, dimension]`.
  public mutating func push(_ newRows: Tensor) {
    check(
      newRows.rank == 2 && newRows.shape[1] == dimension,
      "MemoryBank.push: rows of shape \(newRows.shape), expected [M, \(dimension)]")
    let (total, dimension, capacity) = (newRows.shape[0], dimension, capacity)
    let skipped = max(total - capacity, 0)
    let first = pushed + skipped
    let push = Int32(truncatingIfNeeded: pushes)
    unsafe newRows.withUnsafeScalars { source in
      unsafe rows.withUnsafeMutableScalars { places in
        for row in skipped..<total {
          let place = (first + row - skipped) % capacity
          // Safe: `place` is in 0..<capacity, `row` in 0..<total.
          _ = unsafe UnsafeMutableBufferPointer(
            rebasing: places[place * dimension..<(place + 1) * dimension]
          ).update(fromContentsOf: source[row * dimension..<(row + 1) * dimension])
          pushOfRow.indices[place] = push
        }
      }
    }
    pushed += total
    count = min(count + total, capacity)
    pushes += 1
  }

  /// Adds what several ranks found in one step, in the order of the ranks, as one push.
  ///
  /// Every rank that pushes the same list holds the same bank, bit by bit.
  public mutating func push(merging ranks: [Tensor]) {
    let size = ranks.reduce(0) { $0 + $1.shape[0] }
    for rank in ranks {
      check(
        rank.rank == 2 && rank.shape[1] == dimension,
        "MemoryBank.push: rows of shape \(rank.shape), expected [M, \(dimension)]")
    }
    push(Tensor(ranks.flatMap(\.scalars), shape: [size, dimension]))
  }

  /// Positions of rows drawn uniformly, with replacement; for a gather or a fused loss on `rows`.
  ///
  /// - Parameters:
  ///   - shape: How many, such as `[queries, negatives]`.
  ///   - generator: The source of the draws.
  /// - Returns: Positions in `0..<count`.
  /// - Precondition: The bank is not empty, or the shape is.
  public func sample(_ shape: Shape, using generator: inout PhiloxGenerator) -> IndexTensor {
    check(
      count > 0 || shape.elementCount == 0, "MemoryBank.sample: \(shape) rows of an empty bank")
    return generator.integers(below: count, shape: shape)
  }

  /// How full the bank is and how old its rows are.
  public var statistics: Statistics {
    let ages = pushOfRow.indices.prefix(count).map { pushes - 1 - Int($0) }
    return Statistics(
      fill: Double(count) / Double(capacity), pushed: pushed,
      meanAge: count > 0 ? Double(ages.reduce(0, +)) / Double(count) : 0, oldestAge: ages.max() ?? 0
    )
  }

  /// What a bank holds; ages are counted in pushes, 0 for the last one.
  public struct Statistics: Sendable, Hashable, Codable {
    /// Filled places as a share of the capacity.
    public let fill: Double
    /// Rows pushed since the start.
    public let pushed: Int
    /// The mean age of a row.
    public let meanAge: Double
    /// The age of the oldest row.
    public let oldestAge: Int
  }
}

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
      rows: Tensor(Array(rows.scalars.prefix(count * dimension)), shape: [count, dimension]),
      pushOfRow: IndexTensor(Array(pushOfRow.indices.prefix(count))), capacity: capacity,
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

/// Why a stored memory bank cannot be restored.
public struct MemoryBankError: Error, Hashable, CustomStringConvertible {
  /// The sizes found, which do not agree.
  public let description: String

  init(_ state: MemoryBank.State) {
    description =
      "memory bank: rows \(state.rows.shape), \(state.pushOfRow.count) push numbers, capacity "
      + "\(state.capacity), \(state.pushed) rows in \(state.pushes) pushes do not belong together"
  }
}
