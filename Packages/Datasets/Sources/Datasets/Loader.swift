public import Tensor

/// Batches made ahead of time by worker threads, in an order and with augmentations that depend on
/// seed, epoch and index alone: the same on any number of workers, and after a restart.
///
/// ```swift
/// let loader = try Loader(
///   source.records, classCount: 20, transform: Compose([RandomFlip(), RandomCrop(512)]),
///   options: LoaderOptions(batchSize: 16, epochs: 5, seed: 1)
/// ) { try Sample($0, from: source) }
/// while let step = try loader.next() {
///   train(step.batch.images, step.batch.imageLabels)
/// }
/// ```
///
/// One thread may call a loader. It stops and waits for its workers when it is released.
public final class Loader<Content: Sendable> {
  /// A batch and where it stands.
  public struct Step: Sendable {
    /// The epoch, from 0.
    public let epoch: Int
    /// The batch's number in its epoch, from 0.
    public let index: Int
    /// The batch.
    public let batch: Content
  }

  /// An item that could not be loaded.
  public struct Failure: Hashable, Sendable {
    /// The batch it should have been in.
    public let position: LoaderPosition
    /// Its index in the data set.
    public let item: Int
    /// The error's text.
    public let reason: String
  }

  /// Batches an epoch, of this rank.
  public var batchesPerEpoch: Int { plan.batchesPerEpoch }
  /// The batch that `next()` gives next; where to start again.
  public private(set) var position: LoaderPosition
  /// Items that could not be loaded in the batches so far, in order.
  public private(set) var failures: [Failure] = []

  private let plan: LoaderPlan
  private let maker: BatchMaker<Content>
  private let queue: BatchQueue<BatchMaker<Content>.Outcome>
  private var threads: [WorkerThread] = []

  /// Creates a loader of any items, and starts its workers.
  ///
  /// - Parameters:
  ///   - count: The number of items.
  ///   - options: Batch size, order, place to start, workers.
  ///   - load: Makes the item of an index; called on any thread, on several at once. The generator is
  ///     the item's own in this epoch.
  ///   - collate: Makes a batch of items, one or more.
  /// - Throws: `DatasetError` where there is no item, or no full batch though `dropsLast`. (A rank that
  ///   has no item among others that have some gets no batch.)
  /// - Precondition: `batchSize`, `ranks` and `prefetch` are 1 or more, `rank` is in 0..<`ranks`,
  ///   `start` is a batch of an epoch.
  public init<Item: Sendable>(
    count: Int, options: LoaderOptions,
    load: @escaping @Sendable (_ index: Int, inout PhiloxGenerator) throws -> Item,
    collate: @escaping @Sendable ([Item]) throws -> Content
  ) throws {
    let workers = options.workers ?? Threads.count
    check(
      options.batchSize >= 1 && options.prefetch >= 1 && workers >= 0 && options.epochs >= 0,
      "Loader: batches of \(options.batchSize), \(options.prefetch) ahead, \(workers) workers, "
        + "\(options.epochs) epochs")
    check(
      options.ranks >= 1 && (0..<options.ranks).contains(options.rank),
      "Loader: rank \(options.rank) of \(options.ranks)")
    guard count > 0 else { throw DatasetError("loader", "no pictures to load") }
    plan = LoaderPlan(count: count, options)
    guard plan.batchesPerEpoch > 0 || !options.dropsLast else {
      throw DatasetError(
        "loader",
        "\(count) pictures make no full batch of \(options.batchSize) "
          + "on \(options.ranks) rank\(options.ranks > 1 ? "s" : "")")
    }
    let start = options.start
    check(
      start.epoch >= 0 && start.batch >= 0 && start.batch <= plan.batchesPerEpoch,
      "Loader: start at batch \(start.batch) of epoch \(start.epoch), "
        + "which has \(plan.batchesPerEpoch)")
    position = plan.position(plan.ordinal(start))
    maker = BatchMaker(plan: plan, load: load, collate: collate)
    queue = BatchQueue(
      start: plan.ordinal(start), end: options.epochs * plan.batchesPerEpoch,
      capacity: max(options.prefetch, 1))
    threads = (0..<min(workers, options.prefetch)).map { [maker, queue] _ in
      WorkerThread {
        // Kernels stay on this thread: the workers are parallel themselves.
        Threads.serially {
          while let number = queue.takeWork() {
            queue.put(maker.make(number, for: queue), at: number)
          }
        }
      }
    }
  }

  deinit { cancel() }

  /// The next batch; waits until it is made.
  ///
  /// - Returns: The batch, or `nil` after the last one and after `cancel()`.
  /// - Throws: What loading an item threw, where that is not to be passed over, in the order of the
  ///   batches. The loader has then ended, and `position` is the batch that was not made.
  public func next() throws -> Step? {
    while let outcome = takeOutcome() {
      let current = position
      failures += outcome.failures.map {
        Failure(position: current, item: $0.item, reason: "\($0.error)")
      }
      do {
        let batch = try outcome.content.get()
        position = plan.position(plan.ordinal(current) + 1)
        if let batch { return Step(epoch: current.epoch, index: current.batch, batch: batch) }
      } catch {
        cancel()
        throw error
      }
    }
    return nil
  }

  private func takeOutcome() -> BatchMaker<Content>.Outcome? {
    guard threads.isEmpty else { return queue.takeResult() }
    guard let number = queue.takeWork() else { return nil }
    queue.put(maker.make(number, for: queue), at: number)
    return queue.takeResult()
  }

  /// Ends the loader and waits for its workers, each of which finishes the item it has in hand.
  public func cancel() {
    queue.close()
    threads.forEach { $0.join() }
    threads = []
  }
}
