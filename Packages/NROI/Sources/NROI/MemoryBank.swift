public import Tensor

/// A first-in first-out memory of embeddings: a ring of fixed capacity.
///
/// Centroids of many images enter; once full, the oldest leave. Pushing costs the rows pushed, and
/// drawing gives positions, not copies. A value: two copies share memory until one is pushed to, so
/// hold no copy of `rows` over a push.
public struct MemoryBank: Sendable, Equatable {
  /// Rows at the most; the method's 100 000, or 50 000 in the PPC route.
  public let capacity: Int
  /// The size of a row; the method's 128.
  public let dimension: Int
  /// All places of the ring, `[capacity, D]`; those from `count` on are not filled yet.
  public internal(set) var rows: Tensor
  /// Filled places.
  public internal(set) var count = 0
  /// Rows pushed since the start, those that left included.
  public internal(set) var pushed = 0
  /// The number of pushes, and for each place the push it came with.
  var pushes = 0
  var pushOfRow: IndexTensor

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

  /// The rows that are filled, `[count, D]`; a copy.
  public var filledRows: Tensor {
    unsafe rows.withUnsafeScalars { places in
      unsafe Tensor(unsafeUninitialized: [count, dimension]) { filled in
        // Safe: the first `count` places are filled.
        _ = unsafe filled.initialize(fromContentsOf: places[0..<count * dimension])
      }
    }
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
