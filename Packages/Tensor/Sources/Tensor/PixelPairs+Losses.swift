internal import CKernels

extension PixelPairs {
  /// Rows of first pixels that one call of a kernel takes; fixed, so that sums do not depend on the
  /// number of threads.
  private static let band = 16

  /// The number of pairs of each kind.
  ///
  /// - Parameters:
  ///   - labels: 0 background, 1...254 foreground, 255 to ignore every pair of a pixel;
  ///     `[H, W]` or `[N, H, W]`.
  ///   - sources: Which pixels are the first of a pair.
  /// - Returns: The counts over all images.
  public func counts(_ labels: LabelMap, sources: Sources = .inner) -> PairLoss.Counts {
    let bands = Bands(labels, self, sources)
    var counts = [Int64](repeating: 0, count: 3 * bands.count)
    unsafe counts.withUnsafeMutableBufferPointer { counts in
      unsafe withTables { tables in
        unsafe bands.forEach(labels) { index, map, rows in
          // Safe: each band has three counters of its own.
          guard let own = unsafe counts.baseAddress.map({ unsafe $0 + 3 * index }) else { return }
          unsafe ck_count_pairs(tables, map, rows.lowerBound, rows.upperBound, own)
        }
      }
    }
    func total(_ kind: Int) -> Int {
      stride(from: kind, to: counts.count, by: 3).reduce(0) { $0 + Int(counts[$1]) }
    }
    return PairLoss.Counts(background: total(0), foreground: total(1), different: total(2))
  }

  /// IRN's loss of boundaries and displacements, with its gradients.
  ///
  /// Of a pair with path maximum m: `-log(1 - m + 1e-5)` where the labels agree, else
  /// `-log(m + 1e-5)`. Of equal maxima on a path the one farthest along it, as in PyTorch, gets the
  /// gradient.
  ///
  /// - Parameters:
  ///   - boundary: Probabilities of boundaries, `[N, H, W, 1]`.
  ///   - displacement: Ways to the object's centre, vertical first, in pixels: `[N, H, W, 2]`.
  ///   - labels: 0 background, 1...254 foreground, 255 ignore: `[N, H, W]`.
  ///   - sources: Which pixels are the first of a pair.
  ///   - wantsGradients: Of which inputs to compute the gradient.
  /// - Returns: The loss; memory needed is three maps of the inputs' size.
  ///
  /// Ahn et al., CVPR 2019 (https://arxiv.org/abs/1904.05044), equations 4 to 7.
  public func boundaryLoss(
    boundary: Tensor, displacement: Tensor?, labels: LabelMap, sources: Sources = .inner,
    wantsGradients: (boundary: Bool, displacement: Bool) = (true, true)
  ) -> PairLoss {
    let shape = boundary.shape
    check(
      shape.rank == 4 && shape[3] == 1
        && shape.dimensions.dropLast() == labels.shape.dimensions[...]
        && displacement.map { $0.shape.dimensions == shape.dimensions.dropLast() + [2] } ?? true,
      "boundaryLoss: boundary \(shape), displacement \(displacement?.shape ?? []), labels "
        + "\(labels.shape), expected [N, H, W, 1], [N, H, W, 2], [N, H, W]")
    let counts = counts(labels, sources: sources)
    let scales = PairLoss.scales(counts)
    let bands = Bands(labels, self, sources)
    let planes = displacement?.transposed([0, 3, 1, 2])
    let (pixels, slab) = (bands.height * bands.width, (Self.band + radius - 1) * bands.width)
    let wantsDisplacement = wantsGradients.displacement && planes != nil
    // One slab a band and map: bands overlap in the rows their pairs reach.
    let slabs = [wantsGradients.boundary, wantsDisplacement, wantsDisplacement].map {
      $0 ? Tensor.zeros([bands.count, Self.band + radius - 1, bands.width]) : nil
    }
    var sums = [Double](repeating: 0, count: 5 * bands.count)
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe withTables { tables in
        unsafe bands.forEach(labels) { index, map, rows in
          let offset = index / bands.perImage * pixels
          let down = unsafe planes.map { unsafe UnsafePointer($0.storage.floats) + 2 * offset }
          func own(_ map: Int) -> UnsafeMutablePointer<Float>? {
            unsafe slabs[map].map { unsafe $0.storage.floats + index * slab }
          }
          guard let ownSums = unsafe sums.baseAddress.map({ unsafe $0 + 5 * index }) else { return }
          // Safe: maps of `pixels` floats lie at the offset, and a slab holds the rows a band reaches.
          unsafe ck_boundary_pair_loss(
            tables, map,
            ck_boundary_maps(
              boundary: boundary.storage.floats + offset, vertical: down,
              horizontal: down.map { unsafe $0 + pixels }, boundary_gradient: own(0),
              vertical_gradient: own(1), horizontal_gradient: own(2)),
            scales, rows.lowerBound, rows.upperBound, ownSums)
        }
      }
    }
    withExtendedLifetime((boundary, planes, slabs)) {}
    return PairLoss(
      counts: counts, sums: bands.total(sums),
      gradient: slabs[0].map { bands.joined([$0], height: Self.band + radius - 1) },
      displacementGradient: slabs[1].flatMap { down in
        slabs[2].map { bands.joined([down, $0], height: Self.band + radius - 1) }
      })
  }

  /// PSA's loss of affinities `a = exp(-mean |f_i - f_j|)`, with its gradient.
  ///
  /// Of a pair: `-log(a + 1e-5)` where the labels agree, else `-log(1 - a + 1e-5)`.
  ///
  /// - Parameters:
  ///   - features: `[N, H, W, C]`.
  ///   - labels: 0 background, 1...254 foreground, 255 ignore: `[N, H, W]`.
  ///   - sources: Which pixels are the first of a pair.
  ///   - wantsGradient: Whether to compute the gradient.
  /// - Returns: The loss, without displacements.
  ///
  /// Ahn and Kwak, CVPR 2018 (https://arxiv.org/abs/1803.10464), equations 4 to 6.
  public func featureLoss(
    features: Tensor, labels: LabelMap, sources: Sources = .inner, wantsGradient: Bool = true
  ) -> PairLoss {
    let shape = features.shape
    check(
      shape.rank == 4 && shape[3] > 0
        && shape.dimensions.dropLast() == labels.shape.dimensions[...],
      "featureLoss: features \(shape), labels \(labels.shape), expected [N, H, W, C], [N, H, W]")
    let counts = counts(labels, sources: sources)
    let scales = PairLoss.scales(counts)
    let bands = Bands(labels, self, sources)
    let (height, width, channels) = (bands.height, bands.width, shape[3])
    let slopes = Tensor(uninitialized: [shape[0], height, offsets.count, width])
    fillAffinities(slopes, features, sources)
    var sums = [Double](repeating: 0, count: 3 * bands.count)
    let gradient = wantsGradient ? Tensor(uninitialized: shape) : nil
    unsafe withTables { tables in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        unsafe bands.forEach(labels) { index, map, rows in
          let offset = index / bands.perImage * height * width * offsets.count
          guard let ownSums = unsafe sums.baseAddress.map({ unsafe $0 + 3 * index }) else { return }
          // Safe: an image's affinities lie at the offset; each band has rows and sums of its own.
          unsafe ck_feature_pair_loss(
            tables, map, bands.sources.rows.upperBound, channels, scales,
            slopes.storage.floats + offset, rows.lowerBound, rows.upperBound, ownSums)
        }
      }
      guard let gradient else { return }
      parallelFor(shape[0] * height) { rows in
        for row in rows {
          let (image, y) = (row / height, row % height)
          let offset = image * height * width
          // Safe: row `y` of image `image` lies in all three, and no other call writes it.
          unsafe ck_feature_pair_gradient(
            tables, height, width, channels, features.storage.floats + offset * channels,
            slopes.storage.floats + offset * offsets.count,
            gradient.storage.floats + offset * channels, y, y + 1)
        }
      }
    }
    withExtendedLifetime((features, slopes, gradient)) {}
    return PairLoss(counts: counts, sums: bands.total(sums), gradient: gradient)
  }

  /// The maps of a batch cut into bands of rows of first pixels.
  private struct Bands {
    let images, height, width: Int
    let sources: (rows: Range<Int>, columns: Range<Int>)

    init(_ labels: LabelMap, _ pairs: PixelPairs, _ sources: Sources) {
      let shape = labels.shape
      check(
        shape.rank == 2 || shape.rank == 3, "pairs: labels \(shape), expected [H, W] or [N, H, W]")
      images = shape.rank == 3 ? shape[0] : 1
      (height, width) = (shape[-2], shape[-1])
      self.sources = pairs.sources(sources, height: height, width: width)
    }

    var perImage: Int { (height + band - 1) / band }
    var count: Int { images * perImage }

    /// Calls `body` on all threads with a band's number, its image's map, and its first rows.
    func forEach(_ labels: LabelMap, _ body: (Int, ck_pair_map, Range<Int>) -> Void) {
      unsafe labels.labels.withUnsafeBufferPointer { labels in
        parallelFor(count) { indices in
          for index in indices {
            let (image, first) = (index / perImage, index % perImage * band)
            // Safe: the batch holds `images` maps of that size.
            let map = unsafe ck_pair_map(
              height: height, width: width, left: sources.columns.lowerBound,
              right: sources.columns.upperBound,
              labels: labels.baseAddress.map { unsafe $0 + image * height * width })
            unsafe body(index, map, first..<max(first, min(first + band, sources.rows.upperBound)))
          }
        }
      }
    }

    /// The bands' sums added up, in their order.
    func total(_ sums: [Double]) -> [Double] {
      let kinds = count > 0 ? sums.count / count : 5
      return (0..<kinds).map { kind in
        stride(from: kind, to: sums.count, by: kinds).reduce(0) { $0 + sums[$1] }
      }
    }

    /// Slabs `[bands, rows, W]`, one a channel, added where they overlap: `[N, H, W, channels]`.
    func joined(_ slabs: [Tensor], height rows: Int) -> Tensor {
      let channels = slabs.count
      var out = Tensor.zeros([images, height, width, channels])
      unsafe out.withUnsafeMutableScalars { out in
        parallelFor(images * height) { range in
          for row in range {
            let (image, y) = (row / height, row % height)
            for index in max(0, (y - rows) / band)...y / band where y - index * band < rows {
              let start = ((image * perImage + index) * rows + y - index * band) * width
              for (channel, slab) in slabs.enumerated() {
                let source = unsafe slab.storage.floats + start
                for x in 0..<width {
                  // Safe: the row lies in the slab and in the result, which no other call writes.
                  unsafe out[(row * width + x) * channels + channel] += source[x]
                }
              }
            }
          }
        }
      }
      withExtendedLifetime(slabs) {}
      return out
    }
  }
}
