internal import Foundation

/// Numbered results of workers, handed over in order; workers sleep while too many wait.
// @unchecked Sendable: all properties are read and written under `condition`.
final class BatchQueue<Element: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private let end: Int
  private let capacity: Int
  /// The next number to make, and the next to hand over.
  private var nextWork: Int
  private var nextResult: Int
  private var results: [Int: Element] = [:]
  private var isClosed = false

  /// A queue of the numbers `start..<end`, at most `capacity` of them made or in work ahead.
  init(start: Int, end: Int, capacity: Int) {
    nextWork = start
    nextResult = start
    self.end = end
    self.capacity = capacity
  }

  var hasClosed: Bool { condition.withLock { isClosed } }

  /// The next number to make; sleeps while the queue is full. `nil` when there is no more work.
  func takeWork() -> Int? {
    condition.withLock {
      while !isClosed && nextWork < end && nextWork >= nextResult + capacity { condition.wait() }
      guard !isClosed && nextWork < end else { return nil }
      defer { nextWork += 1 }
      return nextWork
    }
  }

  func put(_ element: Element, at number: Int) {
    condition.withLock {
      results[number] = element
      condition.broadcast()
    }
  }

  /// The next result; sleeps until it is there. `nil` at the end.
  func takeResult() -> Element? {
    condition.withLock {
      while !isClosed && nextResult < end && results[nextResult] == nil { condition.wait() }
      guard !isClosed, nextResult < end, let result = results.removeValue(forKey: nextResult)
      else { return nil }
      nextResult += 1
      condition.broadcast()
      return result
    }
  }

  /// Ends all waiting; results that nobody took are dropped.
  func close() {
    condition.withLock {
      isClosed = true
      results = [:]
      condition.broadcast()
    }
  }
}
