public import Autograd
public import Tensor

/// Images made larger by a whole factor.
public final class Upsample: Layer {
  /// The factor along both axes.
  public let scale: Int
  /// How pixels between pixels are made.
  public let mode: ResizeMode

  /// Creates a layer.
  public init(scale: Int, _ mode: ResizeMode = .bilinear) {
    check(scale >= 1, "Upsample: scale \(scale), expected 1 or more")
    (self.scale, self.mode) = (scale, mode)
  }

  /// Enlarges `[N, H, W, C]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    input.scaled(by: scale, mode)
  }
}
