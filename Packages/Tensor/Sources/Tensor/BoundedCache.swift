internal import Synchronization

/// A dictionary for several threads that forgets what was not asked for longest.
package final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entries: Sendable {
    var values: [Key: (value: Value, lastUse: UInt64)] = [:]
    var clock: UInt64 = 0

    mutating func use(_ key: Key) -> Value? {
      clock += 1
      guard let value = values[key]?.value else { return nil }
      values[key]?.lastUse = clock
      return value
    }

    mutating func insert(_ value: Value, for key: Key, capacity: Int) {
      // A scan costs little beside making the value that takes the place.
      if values.count >= capacity,
        let oldest = values.min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        values[oldest.key] = nil
      }
      values[key] = (value, clock)
    }
  }

  private let entries = Mutex(Entries())
  private let capacity: Int

  /// Creates a cache that holds at most `capacity` values, 1 or more.
  package init(capacity: Int) { self.capacity = Swift.max(capacity, 1) }

  /// The number of values held.
  package var count: Int { entries.withLock { $0.values.count } }

  /// The value of a key, made where it is not held.
  ///
  /// `make` runs outside the lock: where two threads miss at once, the first value made stays.
  package func value(for key: Key, make: () -> Value) -> Value {
    if let held = entries.withLock({ $0.use(key) }) { return held }
    let made = make()
    return entries.withLock { entries in
      if let held = entries.use(key) { return held }
      entries.insert(made, for: key, capacity: capacity)
      return made
    }
  }
}
