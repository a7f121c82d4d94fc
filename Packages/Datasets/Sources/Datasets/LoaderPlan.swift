internal import Foundation
internal import Tensor

/// Which items make which batch: a function of seed, epoch and index alone.
// @unchecked Sendable: `orders` is read and written under `lock`; all else is constant.
final class LoaderPlan: @unchecked Sendable {
  let count: Int
  let options: LoaderOptions
  let batchesPerEpoch: Int
  private let key: UInt64
  // Not a `Mutex`, whose locking the thread sanitizer does not see.
  private let lock = NSLock()
  private var orders: [Int: [Int32]] = [:]

  init(count: Int, _ options: LoaderOptions) {
    self.count = count
    self.options = options
    // Not the seed itself: its own streams belong to whoever chose it.
    var generator = PhiloxGenerator(seed: options.seed, stream: 0x6c6f_6164_6572)
    key = generator.next()
    let whole = options.batchSize * options.ranks
    let own = max(count - options.rank + options.ranks - 1, 0) / options.ranks
    batchesPerEpoch =
      options.dropsLast ? count / whole : (own + options.batchSize - 1) / options.batchSize
  }

  /// The number of batches before a position.
  func ordinal(_ position: LoaderPosition) -> Int {
    position.epoch * batchesPerEpoch + position.batch
  }

  func position(_ ordinal: Int) -> LoaderPosition {
    // A rank may have no batches at all.
    let (epoch, batch) = ordinal.quotientAndRemainder(dividingBy: max(batchesPerEpoch, 1))
    return LoaderPosition(epoch: epoch, batch: batch)
  }

  /// The places in the epoch's order of a batch's items.
  func places(_ position: LoaderPosition) -> [Int] {
    let first = position.batch * options.batchSize
    return (first..<first + options.batchSize).map { $0 * options.ranks + options.rank }
      .filter { $0 < count }
  }

  /// The item at a place of the epoch's order, counted around its end.
  func item(_ place: Int, epoch: Int) -> Int {
    guard options.shuffles else { return place % count }
    return lock.withLock {
      if let order = orders[epoch] { return Int(order[place % count]) }
      var generator = generator(epoch: epoch, stream: 0)
      let order = generator.permutation(count).indices
      // Workers are in one epoch or the next, never far apart.
      orders = orders.filter { $0.key + 1 == epoch }
      orders[epoch] = order
      return Int(order[place % count])
    }
  }

  /// The generator of an item's augmentation.
  func generator(epoch: Int, item: Int) -> PhiloxGenerator {
    generator(epoch: epoch, stream: UInt64(item) + 1)
  }

  private func generator(epoch: Int, stream: UInt64) -> PhiloxGenerator {
    PhiloxGenerator(seed: key, stream: UInt64(epoch) << 40 | stream)
  }
}
