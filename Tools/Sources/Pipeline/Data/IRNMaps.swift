internal import Tensor
internal import TensorIO

/// Maps as the codes of IRN and PSA save them: `numpy.save` of a dictionary.
///
/// Such a file is a pickle; the restricted unpickler reads arrays, tensors and plain containers, and
/// refuses a file that names anything else.
enum IRNMaps {
  /// Reads IRN's `keys` and `high_res` or `cam`, or PSA's map for each class.
  ///
  /// - Returns: The classes, counted from 1, ascending; and their maps `[H, W, K]`.
  static func read(_ path: String) throws(PipelineError) -> (classes: [Int], maps: Tensor) {
    let pickle: Pickle
    do {
      pickle = try NPYFile.readObject(path)
    } catch {
      throw PipelineError(error.isInputOutput ? .files : .data, error.description)
    }
    let found =
      if let keys = pickle.member("keys", of: pickle.root) {
        try irn(pickle, keys, path)
      } else {
        psa(pickle)
      }
    guard let (keys, maps) = found else {
      let names = pickle.pairs(of: pickle.root).map { describe($0.key) }.joined(separator: ", ")
      throw PipelineError(
        .data,
        "\(path): a pickle \(names.isEmpty ? "without entries" : "of \(names)"), expected IRN's "
          + "'keys' and 'high_res' or 'cam' (K x H x W), or PSA's map (H x W) for each class 0, 1..."
      )
    }
    guard keys.allSatisfy({ (0...253).contains($0) }) else {
      throw PipelineError(
        .data, "\(path): classes \(keys), expected 0...253, background not counted")
    }
    let order = keys.indices.sorted { keys[$0] < keys[$1] }
    return (
      order.map { keys[$0] + 1 },
      maps.gather(IndexTensor(order.map { Int32($0) }), axis: 0).transposed([1, 2, 0])
    )
  }

  private static func irn(
    _ pickle: Pickle, _ keys: Pickle.Value, _ path: String
  ) throws(PipelineError) -> (keys: [Int], maps: Tensor)? {
    let classes: [Int]? =
      switch keys {
      case .array(let array): array.integers
      default: integers(pickle.items(of: keys))
      }
    let found = ["high_res", "cam"].lazy.compactMap { name -> (String, NumericArray)? in
      guard case .array(let array)? = pickle.member(name, of: pickle.root) else { return nil }
      return (name, array)
    }.first
    guard let (name, maps) = found else { return nil }
    guard let classes else {
      throw PipelineError(.data, "\(path): 'keys' are no whole numbers, expected classes")
    }
    guard maps.shape.count == 3, maps.shape[0] == classes.count, maps.count > 0 else {
      throw PipelineError(
        .data,
        "\(path): '\(name)' has shape \(maps.shape), expected K x H x W with K = \(classes.count), "
          + "the number of 'keys'")
    }
    return (classes, maps.tensor)
  }

  private static func psa(_ pickle: Pickle) -> (keys: [Int], maps: Tensor)? {
    let pairs = pickle.pairs(of: pickle.root)
    let maps = pairs.compactMap { pair -> Tensor? in
      guard case .array(let array) = pair.value, array.shape.count == 2, array.count > 0 else {
        return nil
      }
      return array.tensor.reshaped(1, array.shape[0], array.shape[1])
    }
    guard let keys = integers(pairs.map(\.key)), let first = maps.first, maps.count == keys.count,
      maps.allSatisfy({ $0.shape == first.shape })
    else { return nil }
    return (keys, Tensor(concatenating: maps, axis: 0))
  }

  private static func integers(_ values: [Pickle.Value]) -> [Int]? {
    var result: [Int] = []
    for value in values {
      switch value {
      case .integer(let integer): result.append(integer)
      case .array(let array):
        guard array.count == 1, let integer = array.integers?.first else { return nil }
        result.append(integer)
      default: return nil
      }
    }
    return result
  }

  private static func describe(_ key: Pickle.Value) -> String {
    switch key {
    case .string(let text): "'\(text)'"
    case .integer(let integer): "\(integer)"
    default: "a key that is neither text nor number"
    }
  }
}
