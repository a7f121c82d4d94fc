import Autograd
import Tensor
import Testing

/// Weights, images and checksums made by the formulas of `Golden/shared.py`.
enum SharedNumbers {
  /// Numbers in -1..<1, for images and upstream gradients.
  static func numbers(_ stream: UInt64, _ shape: Shape) -> Tensor {
    var generator = PhiloxGenerator(seed: 1, stream: stream)
    return generator.uniform(shape: shape) * 2 - 1
  }

  /// Sets every parameter and buffer from its name's place in the sorted list.
  static func fill(_ module: some Module) throws {
    var state = module.stateDict
    for (index, name) in state.keys.sorted().enumerated() {
      guard let old = state[name], !name.hasSuffix("num_batches_tracked") else { continue }
      var generator = PhiloxGenerator(seed: 7, stream: UInt64(index))
      let draws = generator.uniform(shape: old.shape)
      if name.hasSuffix("running_var") {
        state[name] = draws + 0.5
      } else if name.hasSuffix("running_mean") || name.hasSuffix("bias") {
        state[name] = (draws - 0.5) * 0.4
      } else if old.rank <= 1 {
        state[name] = draws * 0.5 + 0.75
      } else {
        let inputs = Float(old.count / old.shape[0])
        state[name] = (draws * 2 - 1) * (2 / inputs.squareRoot())
      }
    }
    try module.load(state)
  }

  /// The norm and two random projections, in double precision.
  static func fingerprint(_ tensor: Tensor) -> [Double] {
    var result = [0.0]
    tensor.withScalars { span in
      for index in span.indices { result[0] += Double(span[index]) * Double(span[index]) }
    }
    result[0] = result[0].squareRoot()
    for stream in 0..<2 {
      var generator = PhiloxGenerator(seed: 77, stream: UInt64(stream))
      let draws = generator.uniform(shape: tensor.shape)
      var sum = 0.0
      tensor.withScalars { values in
        draws.withScalars { draws in
          for index in values.indices {
            sum += Double(values[index]) * (Double(draws[index]) * 2 - 1)
          }
        }
      }
      result.append(sum)
    }
    return result
  }

  /// Where a tensor's checksums differ from the golden ones by more than a share of its norm.
  static func mismatch(
    _ tensor: Tensor, _ golden: [Float], relative: Double = 1e-4
  ) -> String? {
    let found = fingerprint(tensor)
    let norm = max(Double(golden[0]), 1e-12)
    let worst = zip(found, golden).map { abs($0 - Double($1)) / norm }.max() ?? 0
    return worst <= relative
      ? nil : "norm and projections \(found), expected \(golden): off by \(worst) of the norm"
  }

  /// The first parameters whose gradients differ from the golden rows.
  static func gradientMismatches(_ module: some Module, _ golden: Tensor) -> [String] {
    let parameters = module.namedParameters.sorted { $0.name < $1.name }
    guard golden.shape == [parameters.count, 3] else {
      return ["\(parameters.count) parameters, golden \(golden.shape)"]
    }
    let rows = golden.scalars
    return parameters.enumerated().compactMap { index, entry in
      let row = Array(rows[3 * index..<3 * index + 3])
      guard let gradient = entry.parameter.gradient else {
        return row[0] == 0 ? nil : "\(entry.name) has no gradient"
      }
      let ours = entry.parameter.checkpointAxes.map { gradient.transposed($0) } ?? gradient
      return mismatch(ours, row).map { "\(entry.name): \($0)" }
    }
  }
}
