public import Tensor

extension Tensor {
  /// Maps `[h, w, K]` at another size, bilinear.
  public func mapsResized(height: Int, width: Int) -> Tensor {
    shape[0] == height && shape[1] == width
      ? self
      : reshaped(1, shape[0], shape[1], shape[2]).resized(height: height, width: width)
        .reshaped(height, width, -1)
  }
}
