internal import Tensor

/// Calls `body` with the start of each tensor's elements, `nil` for a missing tensor.
///
/// The pointers must not leave `body`.
func withPointers<Result>(
  _ tensors: Tensor?..., body: ([UnsafePointer<Float>?]) -> Result
) -> Result {
  // Safe: memory stays in place while its tensor lives unchanged, and `tensors` is a constant.
  let pointers = unsafe tensors.map { tensor -> UnsafePointer<Float>? in
    unsafe tensor?.withUnsafeScalars { $0.baseAddress }
  }
  defer { withExtendedLifetime(tensors) {} }
  return unsafe body(pointers)
}

/// Calls `body` with the start of the elements to change, `nil` for a missing tensor.
///
/// The pointer must not leave `body`.
func withMutablePointer<Result>(
  _ tensor: inout Tensor?, _ body: (UnsafeMutablePointer<Float>?) -> Result
) -> Result {
  unsafe tensor?.withUnsafeMutableScalars { unsafe body($0.baseAddress) } ?? body(nil)
}

extension Tensor {
  /// A tensor of any numbers, for a kernel that sets every element.
  static func unset(_ shape: Shape) -> Tensor {
    // Safe: any bits are a float.
    unsafe Tensor(unsafeUninitialized: shape) { _ in }
  }
}
