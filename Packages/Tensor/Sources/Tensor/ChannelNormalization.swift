internal import CKernels

/// The arithmetic that batch and group norm share: statistics of the channels of each image, or of
/// the whole batch as one, and maps that are linear in each channel.
struct ChannelNormalization {
  /// Pixels whose statistics are taken together, how many times, and their channels.
  let outer: Int
  let rows: Int
  let channels: Int

  /// Statistics of all pixels, or those of each index of the first axis.
  init(_ shape: Shape, perImage: Bool) {
    channels = shape[-1]
    outer = perImage ? shape[0] : 1
    rows = shape.dropLast().reduce(1, *) / Swift.max(outer, 1)
  }

  /// Rows a part: fixed, so that sums do not depend on the number of threads.
  private var part: Int { rowGrain(channels) }
  private var parts: Int { Swift.max((rows - 1) / part + 1, 1) }

  /// Adds up what `compute` finds in each part: `values` numbers a channel.
  ///
  /// - Returns: For each value, `outer * channels` sums.
  func sums(
    _ values: Int, _ compute: (UnsafeMutablePointer<Double>, Int, Int, Int) -> Void
  ) -> [[Double]] {
    let length = values * channels
    var partial = [Double](repeating: 0, count: outer * parts * length)
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      guard let partial = partial.baseAddress else { return }
      parallelFor(outer * parts) { range in
        for index in range {
          let (image, begin) = (index / parts, index % parts * part)
          // Safe: each part has `length` numbers of its own.
          unsafe compute(partial + index * length, image, begin, Swift.min(begin + part, rows))
        }
      }
    }
    return (0..<values).map { value in
      var total = [Double](repeating: 0, count: outer * channels)
      for index in 0..<outer * parts {
        for c in 0..<channels {
          total[index / parts * channels + c] += partial[index * length + value * channels + c]
        }
      }
      return total
    }
  }

  /// The sum of each channel.
  func sums(of x: Tensor) -> [Double] {
    unsafe sums(1) { into, image, begin, end in
      unsafe ck_reduce_part(
        ck_reduce_sum, into, x.storage.floats + image * rows * channels, channels, begin, end)
    }[0]
  }

  /// The sum of squared differences from a mean each channel.
  func squares(of x: Tensor, around mean: [Float]) -> [Double] {
    unsafe sums(1) { into, image, begin, end in
      unsafe mean.withUnsafeBufferPointer { mean in
        guard let mean = mean.baseAddress else { return }
        unsafe ck_squares_part(
          into, x.storage.floats + image * rows * channels, mean + image * channels, channels,
          begin, end)
      }
    }[0]
  }

  /// For each channel the sum of the gradient, and of its product with the normalised input.
  func gradientSums(
    _ upstream: Tensor, _ x: Tensor, mean: [Float], scale: [Float]
  ) -> (plain: [Double], normalized: [Double]) {
    let found = unsafe sums(2) { into, image, begin, end in
      unsafe mean.withUnsafeBufferPointer { mean in
        unsafe scale.withUnsafeBufferPointer { scale in
          guard let mean = mean.baseAddress, let scale = scale.baseAddress else { return }
          let start = image * rows * channels
          unsafe ck_normalization_sums_part(
            into, into + channels, upstream.storage.floats + start, x.storage.floats + start,
            mean + image * channels, scale + image * channels, channels, begin, end)
        }
      }
    }
    return (found[0], found[1])
  }

  /// `x * scale + shift`, with `outer * channels` of each.
  func affine(_ x: Tensor, scale: [Float], shift: [Float]) -> Tensor {
    let result = Tensor(uninitialized: x.shape)
    each { image, begin, end in
      let start = image * rows * channels
      unsafe scale.withUnsafeBufferPointer { scale in
        unsafe shift.withUnsafeBufferPointer { shift in
          guard let scale = scale.baseAddress, let shift = shift.baseAddress else { return }
          unsafe ck_channel_affine(
            result.storage.floats + start, x.storage.floats + start, scale + image * channels,
            shift + image * channels, channels, begin, end)
        }
      }
    }
    withExtendedLifetime(x) {}
    return result
  }

  /// `upstream * a + x * b + c`, with `outer * channels` of each.
  func combine(_ upstream: Tensor, _ x: Tensor, _ a: [Float], _ b: [Float], _ c: [Float]) -> Tensor
  {
    let result = Tensor(uninitialized: x.shape)
    each { image, begin, end in
      let (start, first) = (image * rows * channels, image * channels)
      let last = first + channels
      let (a, b, c) = (Array(a[first..<last]), Array(b[first..<last]), Array(c[first..<last]))
      unsafe ck_channel_combine(
        result.storage.floats + start, upstream.storage.floats + start, x.storage.floats + start,
        a, b, c, channels, begin, end)
    }
    withExtendedLifetime((x, upstream)) {}
    return result
  }

  private func each(_ body: (Int, Int, Int) -> Void) {
    guard channels > 0 else { return }
    parallelFor(outer * parts) { range in
      for index in range {
        let begin = index % parts * part
        body(index / parts, begin, Swift.min(begin + part, rows))
      }
    }
  }
}
