internal import CKernels

extension PixelPairs {
  /// How near the two pixels of each pair are where boundaries part them: 1 - the largest boundary
  /// on the path between them.
  ///
  /// - Parameters:
  ///   - boundary: The probability of a boundary, `[H, W]`, 0...1.
  ///   - sources: Which pixels are the first of a pair.
  /// - Returns: `[H, offsets.count, W]`: of row y, each offset, and the first pixel's column; 0 where
  ///   there is no pair.
  public func affinities(boundary: Tensor, sources: Sources = .all) -> Tensor {
    check(boundary.rank == 2, "affinities: a boundary map \(boundary.shape), expected [H, W]")
    let (height, width) = (boundary.shape[0], boundary.shape[1])
    let from = self.sources(sources, height: height, width: width)
    let out = Tensor(uninitialized: [height, offsets.count, width])
    unsafe withTables { tables in
      parallelFor(height, grain: 4) { rows in
        // Safe: both tensors have the shapes given, and each call writes its own rows.
        unsafe ck_boundary_affinities(
          tables, height, width, from.columns.lowerBound, from.columns.upperBound,
          from.rows.upperBound, boundary.storage.floats, out.storage.floats, rows.lowerBound,
          rows.upperBound)
      }
    }
    withExtendedLifetime(boundary) {}
    return out
  }

  /// How near the two pixels of each pair are by their features: `exp(-mean |f_i - f_j|)`.
  ///
  /// - Parameters:
  ///   - features: `[H, W, C]`.
  ///   - sources: Which pixels are the first of a pair.
  /// - Returns: `[H, offsets.count, W]`: of row y, each offset, and the first pixel's column; 0 where
  ///   there is no pair.
  public func affinities(features: Tensor, sources: Sources = .all) -> Tensor {
    check(features.rank == 3, "affinities: features \(features.shape), expected [H, W, C]")
    let out = Tensor(uninitialized: [features.shape[0], offsets.count, features.shape[1]])
    fillAffinities(out, features, sources)
    return out
  }

  /// Fills `out`, `[N..., H, offsets.count, W]`, with the affinities of `[N..., H, W, C]`.
  func fillAffinities(_ out: Tensor, _ features: Tensor, _ sources: Sources) {
    let (height, width, channels) = (features.shape[-3], features.shape[-2], features.shape[-1])
    let from = self.sources(sources, height: height, width: width)
    let pixels = height * width
    guard pixels > 0 else { return }
    unsafe withTables { tables in
      parallelFor(out.count / (pixels * offsets.count) * height) { rows in
        for row in rows {
          let (image, y) = (row / height, row % height)
          let source = unsafe features.storage.floats + image * pixels * channels
          let target = unsafe out.storage.floats + image * pixels * offsets.count
          // Safe: row `y` of image `image` lies in both tensors, and no other call writes it.
          unsafe ck_feature_affinities(
            tables, height, width, from.columns.lowerBound, from.columns.upperBound,
            from.rows.upperBound, channels, source, target, y, y + 1)
        }
      }
    }
    withExtendedLifetime((out, features)) {}
  }
}
