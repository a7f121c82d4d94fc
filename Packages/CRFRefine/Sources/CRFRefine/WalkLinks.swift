internal import CCRFRefine
internal import Tensor

/// The links of a graph to a power, and the loop over steps.
struct WalkLinks {
  let layout: WalkLayout
  /// `[reach + H][links][stride]` between zeros.
  private let weights: Tensor

  init(_ graph: AffinityGraph, beta: Float) throws(CRFRefineError) {
    let layout = WalkLayout(graph)
    var valid = [Int32](repeating: 1, count: layout.height)
    // Safe: the rows of links are set below, all else to 0.
    weights = unsafe Tensor(unsafeUninitialized: [layout.linkSize]) { weights in
      unsafe weights[..<layout.linkOrigin].update(repeating: 0)
      unsafe weights[(layout.linkSize - WalkLayout.lanes)...].update(repeating: 0)
      let links = unsafe weights.baseAddress.map { unsafe $0 + layout.linkOrigin }
      unsafe graph.affinities.withUnsafeScalars { affinities in
        unsafe valid.withUnsafeMutableBufferPointer { valid in
          unsafe layout.withGrid { grid in
            parallelFor(layout.height) { range in
              for y in range {
                // Safe: row `y` lies in both, and no other call writes it.
                unsafe valid[y] = cw_weights(grid, beta, affinities.baseAddress, links, y, y + 1)
              }
            }
          }
        }
      }
    }
    if valid.contains(0) { try graph.affinities.expectRange("affinities", 0, 1) }
    self.layout = layout
  }

  /// 1 / the sum of each pixel's links, that of 1 to itself among them; laid out as a map.
  func inverseSums() -> Tensor {
    var (ones, sums, inverse) = (layout.maps(1), layout.maps(1), layout.maps(1))
    ones.withMutableScalars { ones in
      for y in 0..<layout.height {
        for pixel in layout.row(y)..<layout.row(y) + layout.width { ones[pixel] = 1 }
      }
    }
    run(maps: 1, steps: 1, &ones, &sums, inverse: nil)
    // 0 beside the map, so that what lies there stays 0.
    inverse.withMutableScalars { inverse in
      sums.withScalars { sums in
        for y in 0..<layout.height {
          for pixel in layout.row(y)..<layout.row(y) + layout.width {
            inverse[pixel] = 1 / (1 + sums[pixel])
          }
        }
      }
    }
    return inverse
  }

  /// Takes steps from `first` to `second` and back; the result is in `second` after an odd number.
  /// The other then holds the step before. Without `inverse`, a step is the weighted sum.
  ///
  /// Bands of rows take several steps at once while their links are in the cache: first each band
  /// alone, on fewer rows from step to step, then what lacks around each border, on more rows. No
  /// band overwrites what another still reads.
  func run(
    maps: Int, steps: Int, _ first: inout Tensor, _ second: inout Tensor,
    inverse: Tensor?
  ) {
    let (reach, origin) = (layout.reach, layout.origin)
    let bands = bandCount(maps: maps)
    let depth = (layout.height / bands / reach + 1) / 2
    let border = { (band: Int) in band * layout.height / bands }
    let shares = unsafe inverse.map { unsafe $0.floats + origin }
    let links = unsafe weights.floats + layout.linkOrigin
    unsafe first.withUnsafeMutableScalars { first in
      unsafe second.withUnsafeMutableScalars { second in
        guard let one = first.baseAddress, let two = second.baseAddress else { return }
        unsafe layout.withGrid { grid in
          func step(_ index: Int, from: Int, to: Int) {
            guard from < to else { return }
            let isEven = index % 2 == 0
            // Safe: rows of the maps, with zeros around them as far as links reach.
            unsafe cw_step(
              grid, maps, links, shares, (isEven ? one : two) + origin,
              (isEven ? two : one) + origin, from, to)
          }
          var done = 0
          while done < steps {
            let deep = max(1, min(depth, steps - done))
            parallelFor(bands) { range in
              for band in range {
                for t in 0..<deep {
                  let from = border(band) + (band > 0 ? reach * t : 0)
                  let to = border(band + 1) - (band + 1 < bands ? reach * t : 0)
                  step(done + t, from: from, to: to)
                }
              }
            }
            parallelFor(deep > 1 ? bands - 1 : 0) { range in
              for band in range {
                for t in 1..<deep {
                  let middle = border(band + 1)
                  step(done + t, from: middle - reach * t, to: middle + reach * t)
                }
              }
            }
            done += deep
          }
        }
      }
    }
    withExtendedLifetime((weights, inverse)) {}
  }

  /// Bands whose links fit a core's cache, but deep enough for four steps at once, which in wide maps
  /// saves more than a smaller band's nearer cache; and no fewer than threads.
  private func bandCount(maps: Int) -> Int {
    let rowBytes = 4 * layout.stride * (layout.linkCount + 2 * maps)
    let rows = max(8 * layout.reach, (640 << 10) / rowBytes)
    let wanted = max((layout.height + rows - 1) / rows, Threads.count)
    return max(1, min(wanted, layout.height / layout.reach))
  }
}

extension Tensor {
  /// The elements; they live no longer than the tensor.
  fileprivate var floats: UnsafePointer<Float> {
    unsafe withUnsafeScalars { scalars in
      guard let start = scalars.baseAddress else { fatalError("a tensor without memory") }
      return unsafe start
    }
  }
}
