internal import Tensor

/// Pixels tile by tile: points that share vertices are near in memory.
struct PixelOrder: Sendable {
  let height: Int
  let width: Int
  let pixels: PooledBuffer<Int32>

  init(height: Int, width: Int, tile: Int = 32) {
    self.height = height
    self.width = width
    pixels = PooledBuffer(count: height * width)
    var point = 0
    for top in stride(from: 0, to: height, by: tile) {
      for left in stride(from: 0, to: width, by: tile) {
        for y in top..<min(top + tile, height) {
          for x in left..<min(left + tile, width) {
            // Safe: every pixel is met once.
            unsafe pixels.base[point] = Int32(truncatingIfNeeded: y &* width &+ x)
            point &+= 1
          }
        }
      }
    }
  }

  var count: Int { height * width }
}
