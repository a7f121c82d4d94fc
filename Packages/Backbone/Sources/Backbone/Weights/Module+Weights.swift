public import Autograd
internal import Tensor
public import TensorIO

extension Module {
  /// Sets parameters and buffers from a file, all of them or, on an error, none.
  ///
  /// The number of batches a norm has seen may be missing, as in files from before PyTorch 0.4.1.
  ///
  /// - Parameters:
  ///   - file: The weights.
  ///   - prefix: Only names that start so are taken, without it: `backbone.` for that part of a
  ///     larger model.
  ///   - excluded: Starts of names that are left out on purpose, in the file and in the model:
  ///     `fc.` for a classifier.
  /// - Returns: What was loaded and left out.
  /// - Throws: `StateDictError` with every other difference: missing, unexpected and misshapen
  ///   names.
  @discardableResult
  public func loadWeights(
    _ file: WeightFile, prefix: String = "", leavingOut excluded: [String] = []
  ) throws(StateDictError) -> WeightReport {
    var state: [String: Tensor] = [:]
    var leftOut: [String] = []
    for (fullName, tensor) in file.tensors {
      let name = String(fullName.dropFirst(prefix.count))
      if !fullName.hasPrefix(prefix) || excluded.contains(where: { name.hasPrefix($0) }) {
        leftOut.append(fullName)
      } else {
        state[name] = tensor
      }
    }
    let kept = try load(
      state, from: file.path,
      allowingDifferences: excluded.map { $0 + "*" } + ["*num_batches_tracked"])
    // The count of a norm that the model does not have is no difference worth an error.
    let unused = Set(kept).intersection(state.keys)
    return WeightReport(
      path: file.path, loaded: state.keys.filter { !unused.contains($0) }.sorted(),
      leftOut: (leftOut + unused.map { prefix + $0 }).sorted(),
      kept: kept.filter { state[$0] == nil }.sorted())
  }

  /// Writes all parameters and buffers as `.safetensors`, with PyTorch's names and layout.
  ///
  /// - Parameters:
  ///   - path: The file; replaced as a whole.
  ///   - metadata: Free text by name, such as the network's.
  /// - Throws: `TensorIOError` where the file cannot be written.
  public func saveWeights(
    to path: String, metadata: [String: String] = [:]
  ) throws(TensorIOError) {
    try SafetensorsFile(stateArrays, metadata: metadata).write(to: path)
  }

  /// All parameters and buffers as files hold them, with PyTorch's names, layout and kinds of number.
  public var stateArrays: [String: NumericArray] {
    Dictionary(
      uniqueKeysWithValues: stateDict.map { name, tensor in
        let isCount = name.hasSuffix("num_batches_tracked")
        return (
          name,
          isCount
            ? NumericArray(integers: [Int(tensor.scalar)], shape: []) : NumericArray(tensor)
        )
      })
  }
}

extension FeatureExtractor {
  /// Sets the network's weights from a published file; its classifier is left out where this
  /// network has none.
  ///
  /// - Parameter file: The weights, under the names of the network alone.
  /// - Returns: What was loaded and left out.
  /// - Throws: `StateDictError` with every difference that is not the classifier's.
  @discardableResult
  public func loadWeights(_ file: WeightFile) throws(StateDictError) -> WeightReport {
    let names = namedParameters.map(\.name)
    let absent = classifierPrefixes.filter { prefix in
      !names.contains { $0.hasPrefix(prefix) }
    }
    return try loadWeights(file, leavingOut: absent)
  }
}
