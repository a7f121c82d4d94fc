import Tensor

/// Numbers of both signs, the same for the same seed.
func randomTensor(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
  var generator = PhiloxGenerator(seed: seed)
  return generator.uniform(shape: shape, in: -2..<2)
}

/// A tensor from a function of its indices: the plain way to say what a kernel should give.
func tensor(_ shape: Shape, _ element: ([Int]) -> Double) -> Tensor {
  let strides = shape.strides
  let scalars = (0..<shape.elementCount).map { offset in
    Float(element(zip(shape, strides).map { offset / $1 % $0 }))
  }
  return Tensor(scalars, shape: shape)
}

/// An element by its indices.
func at(_ tensor: Tensor, _ indices: [Int]) -> Double {
  let offset = zip(indices, tensor.shape).reduce(0) { $0 * $1.1 + $1.0 }
  return tensor.withScalars { Double($0[offset]) }
}

/// Every list of indices of a shape.
func everyIndex(_ shape: Shape) -> [[Int]] {
  let strides = shape.strides
  return (0..<shape.elementCount).map { offset in
    zip(shape, strides).map { offset / $1 % $0 }
  }
}

/// The bits of all elements: equal for equal results, NaN included.
func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars.map(\.bitPattern) }
