internal import Tensor

/// The results of `transform` for each element, worked out on all threads, in order.
func concurrentMap<Element, Output: Sendable>(
  _ elements: [Element], _ transform: (Element) -> Output
) -> [Output] {
  unsafe [Output](unsafeUninitializedCapacity: elements.count) { buffer, count in
    let outputs = buffer.baseAddress
    parallelFor(elements.count) { range in
      for index in range {
        // Safe: every index of the buffer is initialised once, by one thread.
        unsafe outputs.map { unsafe ($0 + index).initialize(to: transform(elements[index])) }
      }
    }
    count = elements.count
  }
}
