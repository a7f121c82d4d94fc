internal import CKernels

/// A counter-based random generator, Philox4x32-10: a value whose draws depend on seed, stream and
/// position alone, so that they are the same on any number of threads and after a restart.
///
/// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Give each independent
/// piece of work (an image, an epoch) a stream of its own. Not for cryptography.
public struct PhiloxGenerator: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// The key: generators of different seeds are unrelated.
  public let seed: UInt64
  /// One of 2^64 independent sequences of the seed.
  public let stream: UInt64
  /// 64-bit words drawn so far; with seed and stream, the whole state.
  public private(set) var position: UInt64

  /// Creates a generator at a place of its sequence, the start by default.
  public init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &words) { bytes in
      unsafe ck_philox_block(
        seed, stream, position / 2, bytes.assumingMemoryBound(to: UInt32.self).baseAddress)
    }
    defer { position &+= 1 }
    return position % 2 == 0
      ? UInt64(words.1) << 32 | UInt64(words.0) : UInt64(words.3) << 32 | UInt64(words.2)
  }

  /// The block that the next array draw starts at; the draw takes `words` 64-bit words.
  private mutating func reserve(words: Int) -> UInt64 {
    let block = (position + 1) / 2
    position = (block + UInt64(words + 1) / 2) * 2
    return block
  }
}

extension PhiloxGenerator {
  private static let grain = 1 << 14

  private mutating func floats(
    _ shape: Shape,
    _ fill: (UInt64, UInt64, UInt64, Int, Int, UnsafeMutablePointer<Float>?) -> Void
  ) -> Tensor {
    let block = reserve(words: (shape.elementCount + 1) / 2)
    return unsafe Tensor(unsafeUninitialized: shape) { buffer in
      let out = buffer.baseAddress
      parallelFor(shape.elementCount, grain: Self.grain) { range in
        // Safe: the range lies in the buffer.
        unsafe fill(seed, stream, block, range.lowerBound, range.upperBound, out)
      }
    }
  }

  private mutating func indices(
    _ shape: Shape, _ fill: (UInt64, Int, Int, UnsafeMutablePointer<Int32>?) -> Void
  ) -> IndexTensor {
    let count = shape.elementCount
    let block = reserve(words: count)
    let indices = unsafe [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      let out = buffer.baseAddress
      parallelFor(count, grain: Self.grain) { range in
        // Safe: the range lies in the buffer.
        unsafe fill(block, range.lowerBound, range.upperBound, out)
      }
      initialized = count
    }
    return IndexTensor(indices, shape: shape)
  }

  /// Uniform numbers in 0..<1, multiples of 2^-24.
  public mutating func uniform(shape: Shape) -> Tensor {
    unsafe floats(shape) { unsafe ck_philox_uniform($0, $1, $2, $3, $4, $5) }
  }

  /// Uniform numbers in a range.
  public mutating func uniform(shape: Shape, in range: Range<Float>) -> Tensor {
    var numbers = uniform(shape: shape)
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    // The sum may round up to the bound, which is no part of the range.
    let last = range.upperBound.nextDown
    numbers.withMutableScalars { span in
      for index in span.indices { span[index] = min(low + width * span[index], last) }
    }
    return numbers
  }

  /// Normal numbers.
  public mutating func normal(
    shape: Shape, mean: Float = 0, standardDeviation: Float = 1
  ) -> Tensor {
    var numbers = unsafe floats(shape) { unsafe ck_philox_normal($0, $1, $2, $3, $4, $5) }
    if mean != 0 || standardDeviation != 1 {
      numbers.withMutableScalars { span in
        for index in span.indices { span[index] = mean + standardDeviation * span[index] }
      }
    }
    return numbers
  }

  /// Integers drawn uniformly from `0..<bound`.
  ///
  /// - Precondition: `bound` is in 1...2^31, or the shape is empty.
  public mutating func integers(below bound: Int, shape: Shape) -> IndexTensor {
    check(
      (bound >= 1 && bound <= 1 << 31) || shape.elementCount == 0,
      "integers(below:): bound \(bound), expected 1...2^31")
    return unsafe indices(shape) { [seed, stream] block, begin, end, out in
      unsafe ck_philox_integers(seed, stream, block, begin, end, UInt32(clamping: bound), out)
    }
  }

  /// Indices into `weights`, each with probability proportional to its weight.
  ///
  /// - Precondition: Weights are finite, 0 or more, and one is above 0.
  public mutating func categorical(_ weights: Tensor, shape: Shape) -> IndexTensor {
    var cumulative: [Double] = []
    for weight in weights.scalars {
      check(weight >= 0 && weight.isFinite, "categorical: weight \(weight), expected 0 or more")
      cumulative.append((cumulative.last ?? 0) + Double(weight))
    }
    check((cumulative.last ?? 0) > 0, "categorical: no weight of \(weights.shape) is above 0")
    return unsafe indices(shape) { [seed, stream] block, begin, end, out in
      unsafe ck_philox_categorical(
        seed, stream, block, begin, end, cumulative, cumulative.count, out)
    }
  }

  /// The numbers `0..<count` in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> IndexTensor {
    var order = (0..<Int32(count)).map { $0 }
    order.shuffle(using: &self)
    return IndexTensor(order)
  }
}
