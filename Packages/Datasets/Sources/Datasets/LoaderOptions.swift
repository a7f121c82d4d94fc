/// A place in training: a batch of an epoch, both from 0.
public struct LoaderPosition: Hashable, Sendable, Codable, Comparable {
  /// The epoch.
  public var epoch: Int
  /// The batch in the epoch.
  public var batch: Int

  /// Creates a position.
  public init(epoch: Int = 0, batch: Int = 0) {
    self.epoch = epoch
    self.batch = batch
  }

  /// Whether a position comes before another.
  public static func < (lhs: LoaderPosition, rhs: LoaderPosition) -> Bool {
    (lhs.epoch, lhs.batch) < (rhs.epoch, rhs.batch)
  }
}

/// What a loader delivers and how.
public struct LoaderOptions: Hashable, Sendable {
  /// What to do about an item that cannot be loaded.
  public enum FailurePolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// `next()` throws its error, and the loader ends.
    case stop
    /// The next item of the epoch's order that can be loaded stands in for it, so that every batch
    /// keeps its size. For training.
    case replace
    /// Its batch is smaller; a batch without items is passed over. For inference, where an item
    /// must not come twice.
    case leaveOut
  }

  /// Items a batch, of this rank.
  public var batchSize: Int
  /// How many epochs there are.
  public var epochs: Int
  /// What order and augmentation depend on.
  public var seed: UInt64
  /// Whether each epoch has an order of its own; else items come in theirs.
  public var shuffles: Bool
  /// Whether an epoch ends with the last full batch, so that every rank has as many batches.
  public var dropsLast: Bool
  /// This process, 0..<`ranks`.
  public var rank: Int
  /// The processes that share an epoch. Batch b of all ranks together holds the same items, whatever
  /// their number, if `batchSize * ranks` stays the same.
  public var ranks: Int
  /// The first batch to deliver; those before it are not loaded.
  public var start: LoaderPosition
  /// Threads that load while others compute; `nil` is `Threads.count`. 0 loads inside `next()`, on
  /// the threads that kernels use, so that loading never takes a core from computing.
  public var workers: Int?
  /// Batches that may be loaded or in work beyond the one delivered last. Workers sleep when so many
  /// wait.
  public var prefetch: Int
  /// What to do about an item that cannot be loaded.
  public var failures: FailurePolicy

  /// Creates options.
  ///
  /// - Precondition: See the properties; numbers out of range stop the program when a loader is made.
  public init(
    batchSize: Int = 16, epochs: Int = 1, seed: UInt64 = 0, shuffles: Bool = true,
    dropsLast: Bool = false, rank: Int = 0, ranks: Int = 1, start: LoaderPosition = .init(),
    workers: Int? = nil, prefetch: Int = 4, failures: FailurePolicy = .stop
  ) {
    self.batchSize = batchSize
    self.epochs = epochs
    self.seed = seed
    self.shuffles = shuffles
    self.dropsLast = dropsLast
    self.rank = rank
    self.ranks = ranks
    self.start = start
    self.workers = workers
    self.prefetch = prefetch
    self.failures = failures
  }
}
