import Datasets
import Foundation
import Tensor
import Testing

@Suite("Loader")
struct LoaderTests {
  struct Broken: Error, CustomStringConvertible {
    let item: Int
    var description: String { "picture-\(item).jpg: broken" }
  }

  /// A number that threads count up.
  // @unchecked Sendable: the number is read and written under the lock.
  final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var number = 0
    func add() { lock.withLock { number += 1 } }
    var count: Int { lock.withLock { number } }
  }

  /// What an item is and what its generator drew.
  struct Item: Hashable, Sendable {
    let index: Int
    let drawn: UInt64
  }

  static func loader(
    _ count: Int, _ options: LoaderOptions, broken: Set<Int> = [],
    loaded: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws -> Loader<[Item]> {
    try Loader(
      count: count, options: options,
      load: { index, generator in
        loaded(index)
        // Items take different times, so that workers overtake each other.
        var sum = 0.0
        for step in 0..<(index * 7919 % 13) * 2000 { sum += Double(step).squareRoot() }
        if broken.contains(index) || sum < 0 { throw Broken(item: index) }
        return Item(index: index, drawn: generator.next())
      },
      collate: { $0 })
  }

  static func rest(_ loader: Loader<[Item]>) throws -> [[Item]] {
    var batches: [[Item]] = []
    while let step = try loader.next() {
      batches.append(step.batch)
      #expect(loader.position > LoaderPosition(epoch: step.epoch, batch: step.index))
    }
    return batches
  }

  @Test("order and augmentation do not depend on the workers", arguments: [1, 2, 5])
  func workers(count: Int) throws {
    var options = LoaderOptions(batchSize: 4, epochs: 3, seed: 5, workers: 0)
    let alone = try Self.rest(Self.loader(23, options))
    #expect(alone.map(\.count) == [4, 4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 3])
    options.workers = count
    options.prefetch = count + 1
    #expect(try Self.rest(Self.loader(23, options)) == alone)
  }

  @Test("an epoch has every item once, each epoch in its order")
  func epochs() throws {
    let options = LoaderOptions(batchSize: 4, epochs: 2, seed: 5)
    let batches = try Self.rest(Self.loader(23, options))
    let (first, second) = (batches[..<6].flatMap { $0 }, batches[6...].flatMap { $0 })
    #expect(first.map(\.index).sorted() == Array(0..<23))
    #expect(second.map(\.index).sorted() == Array(0..<23))
    #expect(first.map(\.index) != second.map(\.index))
    #expect(Set((first + second).map(\.drawn)).count == 46)
    var other = options
    other.seed = 6
    #expect(try Self.rest(Self.loader(23, other)) != batches)
    other.shuffles = false
    #expect(
      try Self.rest(Self.loader(23, other))[6...].flatMap { $0 }.map(\.index) == Array(0..<23))
  }

  @Test("resumed at any batch, the rest is the same, and nothing before it is loaded")
  func resume() throws {
    var options = LoaderOptions(batchSize: 4, epochs: 2, seed: 1, dropsLast: true)
    let whole = try Self.rest(Self.loader(22, options))
    #expect(whole.count == 10)
    for start in 0...whole.count {
      options.start = LoaderPosition(epoch: start / 5, batch: start % 5)
      let loaded = Counter()
      let loader = try Self.loader(22, options, loaded: { _ in loaded.add() })
      #expect(loader.position == options.start)
      #expect(try Self.rest(loader) == Array(whole[start...]))
      #expect(loaded.count == (whole.count - start) * 4)
    }
  }

  @Test("a position saved while batches wait is that of the batches taken")
  func position() throws {
    let options = LoaderOptions(batchSize: 2, epochs: 2, seed: 1)
    let loader = try Self.loader(9, options)
    for _ in 0..<6 { _ = try loader.next() }
    #expect(loader.position == LoaderPosition(epoch: 1, batch: 1))
    let rest = try Self.rest(loader)
    var resumed = options
    resumed.start = LoaderPosition(epoch: 1, batch: 1)
    #expect(try Self.rest(Self.loader(9, resumed)) == rest)
  }

  @Test("ranks share an epoch, and together make the batches of one rank")
  func shards() throws {
    let one = try Self.rest(
      Self.loader(25, LoaderOptions(batchSize: 6, seed: 2, dropsLast: true)))
    let ranks = try (0..<3).map { rank in
      try Self.rest(
        Self.loader(
          25, LoaderOptions(batchSize: 2, seed: 2, dropsLast: true, rank: rank, ranks: 3)))
    }
    #expect(ranks.allSatisfy { $0.count == 4 })
    for batch in 0..<4 {
      #expect(Set(ranks.flatMap { $0[batch] }) == Set(one[batch]))
    }
    let all = try (0..<3).flatMap { rank in
      try Self.rest(Self.loader(25, LoaderOptions(batchSize: 2, rank: rank, ranks: 3)))
    }
    #expect(all.flatMap { $0 }.map(\.index).sorted() == Array(0..<25))
    let few = LoaderOptions(batchSize: 2, rank: 3, ranks: 4)
    #expect(try Self.loader(3, few).next() == nil)
  }

  @Test("a broken item ends the loader with its error, in the order of the batches")
  func stop() throws {
    let options = LoaderOptions(batchSize: 4, epochs: 1, shuffles: false, workers: 3, prefetch: 5)
    let loader = try Self.loader(40, options, broken: [17, 18, 33])
    for _ in 0..<4 { #expect(try loader.next() != nil) }
    #expect(errorText { _ = try loader.next() } == "picture-17.jpg: broken")
    #expect(loader.failures.map(\.item) == [17])
    #expect(try loader.next() == nil)
    // Once the file is repaired, the run goes on with that batch.
    #expect(loader.position == LoaderPosition(epoch: 0, batch: 4))
  }

  @Test("a broken item is replaced by the next of the order, on any number of workers")
  func replace() throws {
    var options = LoaderOptions(
      batchSize: 4, epochs: 2, shuffles: false, workers: 0, failures: .replace)
    let alone = try Self.loader(12, options, broken: [2, 10, 11])
    let batches = try Self.rest(alone)
    #expect(
      batches.map { $0.map(\.index) } == [
        [0, 1, 3, 3], [4, 5, 6, 7], [8, 9, 0, 0], [0, 1, 3, 3], [4, 5, 6, 7], [8, 9, 0, 0],
      ])
    #expect(Set(batches.flatMap { $0 }.map(\.drawn)).count == 24)
    #expect(alone.failures.map(\.item) == [2, 10, 11, 2, 10, 11])
    #expect(alone.failures[1].position == LoaderPosition(epoch: 0, batch: 2))
    #expect(alone.failures[1].reason == "picture-10.jpg: broken")
    options.workers = 3
    let several = try Self.loader(12, options, broken: [2, 10, 11])
    #expect(try Self.rest(several) == batches)
    #expect(several.failures == alone.failures)
  }

  @Test("a broken item is left out, and so is a batch of nothing else")
  func leaveOut() throws {
    let options = LoaderOptions(batchSize: 2, shuffles: false, failures: .leaveOut)
    let loader = try Self.loader(7, options, broken: [1, 2, 3])
    var steps: [Loader<[Item]>.Step] = []
    while let step = try loader.next() { steps.append(step) }
    #expect(steps.map { $0.batch.map(\.index) } == [[0], [4, 5], [6]])
    #expect(steps.map(\.index) == [0, 2, 3])
    #expect(loader.failures.map(\.item) == [1, 2, 3])
  }

  @Test("where every item is broken, the error comes through")
  func allBroken() throws {
    let options = LoaderOptions(batchSize: 2, shuffles: false, failures: .replace)
    let loader = try Self.loader(5, options, broken: [0, 1, 2, 3, 4])
    #expect(errorText { _ = try loader.next() } == "picture-0.jpg: broken")
  }

  @Test("workers stop when enough batches wait, and end when the loader goes")
  func full() throws {
    let loaded = Counter()
    let options = LoaderOptions(batchSize: 2, epochs: 1000, workers: 3, prefetch: 4)
    do {
      let loader = try Self.loader(10, options, loaded: { _ in loaded.add() })
      _ = try loader.next()
      _ = try loader.next()
      // All that may be made before a third batch is taken.
      while loaded.count < 12 { Thread.sleep(forTimeInterval: 0.001) }
    }
    // No worker is left: nothing is loaded any more.
    #expect(loaded.count == 12)
  }

  @Test("cancelled while full and while empty, workers end and next() gives nothing")
  func cancel() throws {
    for taken in 0..<4 {
      let loader = try Self.loader(50, LoaderOptions(batchSize: 5, epochs: 50, workers: 4))
      for _ in 0..<taken { _ = try loader.next() }
      loader.cancel()
      #expect(try loader.next() == nil)
      loader.cancel()
    }
  }

  @Test("an error of making a batch comes through")
  func collate() throws {
    let loader = try Loader(
      count: 4, options: LoaderOptions(batchSize: 2), load: { index, _ in index },
      collate: { _ -> Int in throw Broken(item: 9) })
    #expect(errorText { _ = try loader.next() } == "picture-9.jpg: broken")
  }

  @Test("nothing to deliver is an error when the loader is made")
  func nothing() {
    #expect(
      errorText { _ = try Self.loader(0, LoaderOptions()) } == "loader: no pictures to load")
    #expect(
      errorText {
        _ = try Self.loader(10, LoaderOptions(batchSize: 8, dropsLast: true, ranks: 2))
      } == "loader: 10 pictures make no full batch of 8 on 2 ranks")
  }
}
