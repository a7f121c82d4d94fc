internal import CKernels

/// How two operands are walked to make a result of a shape they stretch to.
///
/// Axes along which both advance alike are merged, so that the inner loop is as long as it can be.
struct BroadcastPlan {
  private(set) var plan = ck_broadcast()

  private struct Axis {
    var size: Int
    var left: Int
    var right: Int
  }

  init(_ left: Shape, _ right: Shape, result: Shape) {
    let (leftStrides, rightStrides) = (
      Self.strides(of: left, in: result), Self.strides(of: right, in: result)
    )
    var axes: [Axis] = []
    for (axis, size) in result.enumerated() where size != 1 {
      let next = Axis(size: size, left: leftStrides[axis], right: rightStrides[axis])
      // An outer step that equals the whole of the inner axis continues it.
      if let last = axes.last, last.left == next.left * size, last.right == next.right * size {
        axes[axes.count - 1] = Axis(size: last.size * size, left: next.left, right: next.right)
      } else {
        axes.append(next)
      }
    }
    let inner = axes.popLast() ?? Axis(size: 1, left: 0, right: 0)
    check(
      axes.count <= Int(ck_max_rank), "broadcast: \(left) and \(right) have too many axes")
    plan.inner = inner.size
    plan.left_step = inner.left
    plan.right_step = inner.right
    plan.rank = Int32(axes.count)
    unsafe withUnsafeMutableBytes(of: &plan.sizes) { bytes in
      for (index, axis) in axes.enumerated() {
        unsafe bytes.storeBytes(of: axis.size, toByteOffset: index * 8, as: Int.self)
      }
    }
    unsafe withUnsafeMutableBytes(of: &plan.left_strides) { bytes in
      for (index, axis) in axes.enumerated() {
        unsafe bytes.storeBytes(of: axis.left, toByteOffset: index * 8, as: Int.self)
      }
    }
    unsafe withUnsafeMutableBytes(of: &plan.right_strides) { bytes in
      for (index, axis) in axes.enumerated() {
        unsafe bytes.storeBytes(of: axis.right, toByteOffset: index * 8, as: Int.self)
      }
    }
  }

  /// The operand's strides along the result's axes; 0 where it is repeated.
  private static func strides(of operand: Shape, in result: Shape) -> [Int] {
    let missing = result.rank - operand.rank
    let own = operand.strides
    return (0..<result.rank).map { axis in
      axis < missing || operand[axis - missing] == 1 ? 0 : own[axis - missing]
    }
  }
}
