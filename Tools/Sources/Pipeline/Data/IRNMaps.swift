internal import TensorIO

/// Maps as IRN and its relatives save them: a NumPy file of a pickled dictionary.
enum IRNMaps {
  /// Reads `keys` (0...C-1) and `high_res` or `cam` (K, H, W) as our `classes` and `maps`.
  static func read(_ path: String) throws(PipelineError) -> [String: NumericArray] {
    throw PipelineError(.data, "\(path): maps in .npy dictionaries cannot be read yet")
  }
}
