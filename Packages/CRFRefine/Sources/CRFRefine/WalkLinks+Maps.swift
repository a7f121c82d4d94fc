internal import CCRFRefine
internal import Foundation
internal import Tensor

extension WalkLinks {
  /// Walks maps `[H, W, K]`, a few at a time, each multiplied by 1 - `damping` first.
  func walk(
    _ maps: Tensor, damping boundary: Tensor?, _ settings: RandomWalk
  ) -> (maps: Tensor, steps: Int) {
    let (classes, most) = (maps.shape[2], cw_most_maps)
    let inverse = inverseSums()
    var out = maps
    var longest = 0
    // Groups of equal size: 5 maps go as 3 and 2, as a link is loaded once a group.
    let groups = (classes - 1) / most + 1
    for group in 0..<groups {
      let range = group * classes / groups..<(group + 1) * classes / groups
      var now = packed(maps, range, boundary, power: settings.mapPower)
      var next = layout.maps(range.count)
      var taken = 0
      while taken < settings.steps {
        // The other map is the step before the last: what a walk that may stop looks at now and then.
        let steps = settings.tolerance == nil ? settings.steps : min(8, settings.steps - taken)
        run(maps: range.count, steps: steps, &now, &next, inverse: inverse)
        if steps % 2 == 1 { swap(&now, &next) }
        taken += steps
        if let tolerance = settings.tolerance, hasConverged(now, next, tolerance) { break }
      }
      longest = max(longest, taken)
      unpack(now, range, into: &out)
    }
    return (out, longest)
  }

  private func hasConverged(_ now: Tensor, _ before: Tensor, _ tolerance: Float) -> Bool {
    var (change, size) = (Float(0), Float(0))
    unsafe now.withUnsafeScalars { now in
      unsafe before.withUnsafeScalars { before in
        // Safe: both have `count` elements; what is no pixel is 0.
        unsafe cw_change(now.baseAddress, before.baseAddress, 0, now.count, &change, &size)
      }
    }
    return change <= tolerance * size
  }

  private func packed(
    _ maps: Tensor, _ range: Range<Int>, _ boundary: Tensor?, power: Float
  ) -> Tensor {
    let (classes, width) = (maps.shape[2], layout.width)
    var packed = layout.maps(range.count)
    packed.withMutableScalars { packed in
      maps.withScalars { maps in
        for (map, index) in range.enumerated() {
          for y in 0..<layout.height {
            let row = layout.row(y, map: map)
            for x in 0..<width {
              let score = maps[(y * width + x) * classes + index]
              packed[row + x] = power == 1 ? score : pow(score, power)
            }
          }
        }
      }
      boundary?.withScalars { boundary in
        for map in range.indices {
          for y in 0..<layout.height {
            let row = layout.row(y, map: map - range.lowerBound)
            for x in 0..<width { packed[row + x] *= 1 - boundary[y * width + x] }
          }
        }
      }
    }
    return packed
  }

  private func unpack(_ packed: Tensor, _ range: Range<Int>, into maps: inout Tensor) {
    let (classes, width) = (maps.shape[2], layout.width)
    maps.withMutableScalars { maps in
      packed.withScalars { packed in
        for (map, index) in range.enumerated() {
          for y in 0..<layout.height {
            let row = layout.row(y, map: map)
            for x in 0..<width { maps[(y * width + x) * classes + index] = packed[row + x] }
          }
        }
      }
    }
  }
}
