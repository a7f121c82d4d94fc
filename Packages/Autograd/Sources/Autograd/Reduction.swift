/// How the losses of pixels or elements become one result, as PyTorch's `reduction`.
public enum Reduction: Sendable {
  /// Their mean; 0 where there is nothing to average (PyTorch: NaN).
  case mean
  /// Their sum.
  case sum
  /// Each by itself.
  case none
}
