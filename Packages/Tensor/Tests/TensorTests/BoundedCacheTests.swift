import Tensor
import Testing

@Suite("Bounded cache")
struct BoundedCacheTests {
  @Test("the value not used for longest goes first")
  func leastRecentlyUsed() {
    let cache = BoundedCache<Int, Int>(capacity: 2)
    for key in [1, 2, 1, 3] { _ = cache.value(for: key) { key * 10 } }
    #expect(cache.count == 2)
    var made: [Int] = []
    for key in [1, 3, 2] {
      #expect(
        cache.value(for: key) {
          made.append(key)
          return key * 10
        } == key * 10)
    }
    #expect(made == [2])
  }
}
