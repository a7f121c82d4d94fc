public import Tensor
internal import TensorIO

/// Score maps of a picture for the classes in it: `<id>.npz` with `classes` (int32, 1...C) and
/// `maps` (float16, `[H, W, K]`).
public struct MapFile: Sendable {
  /// The classes of the maps, ascending, each 1...C once.
  public let classes: [Int]
  /// A score a pixel and class, `[H, W, K]`.
  public let maps: Tensor

  /// Creates maps.
  ///
  /// - Precondition: There are as many classes as maps.
  public init(classes: [Int], maps: Tensor) {
    check(
      maps.rank == 3 && maps.shape[2] == classes.count,
      "MapFile: classes \(classes) for maps of shape \(maps.shape)")
    (self.classes, self.maps) = (classes, maps)
  }

  /// Reads a file.
  ///
  /// - Parameter path: `.npz` as written here; or a `.npy` dictionary of IRN's code, `keys` (0...C-1)
  ///   and `high_res` or else `cam` (K, H, W), or of PSA's, a map (H, W) for each class 0...C-1.
  /// - Throws: `PipelineError` naming the file and what is wrong with it.
  public init(contentsOf path: String) throws(PipelineError) {
    let (classes, maps) = try path.hasSuffix(".npy") ? IRNMaps.read(path) : Self.readArchive(path)
    guard classes.count == maps.shape[2], Set(classes).count == classes.count,
      classes.allSatisfy({ (1...254).contains($0) })
    else {
      throw PipelineError(
        .data,
        "\(path): classes \(classes) for maps of shape \(maps.shape), expected K different classes "
          + "of 1...254")
    }
    if let wrong = maps.scalars.firstIndex(where: { !$0.isFinite }) {
      let (pixel, index) = wrong.quotientAndRemainder(dividingBy: classes.count)
      throw PipelineError(
        .data,
        "\(path): the score of class \(classes[index]) at [\(pixel / maps.shape[1]), "
          + "\(pixel % maps.shape[1])] is \(maps.scalars[wrong]), expected a finite number")
    }
    self.init(classes: classes, maps: maps)
  }

  private static func readArchive(
    _ path: String
  ) throws(PipelineError) -> (classes: [Int], maps: Tensor) {
    let arrays: [String: NumericArray]
    do {
      arrays = try NPZFile.read(path)
    } catch {
      throw PipelineError(error.isInputOutput ? .files : .data, error.description)
    }
    guard let classes = arrays["classes"], let maps = arrays["maps"] else {
      throw PipelineError(
        .data, "\(path): holds \(arrays.keys.sorted()), expected 'classes' and 'maps' (H x W x K)")
    }
    guard let numbers = classes.integers else {
      throw PipelineError(
        .data, "\(path): 'classes' is of type \(classes.type.rawValue), expected whole numbers")
    }
    guard maps.shape.count == 3 else {
      throw PipelineError(.data, "\(path): 'maps' has shape \(maps.shape), expected H x W x K")
    }
    return (numbers, maps.tensor)
  }

  /// Writes a file as a whole.
  ///
  /// - Throws: `PipelineError` where it cannot be written, or a score is not finite, as those of a
  ///   network are that diverged in training.
  public func write(to path: String) throws(PipelineError) {
    guard maps.scalars.allSatisfy(\.isFinite) else {
      throw PipelineError(
        .data,
        "\(path): the network's scores are not finite: it diverged; lower its learning rate")
    }
    do {
      try NPZFile.write(
        [
          "classes": NumericArray(integers: classes, shape: [classes.count], as: .int32),
          "maps": NumericArray(maps, as: .float16),
        ], to: path, compressing: true)
    } catch {
      throw PipelineError(.files, "\(error)")
    }
  }

  /// The maps with other classes in between and around, 0 for those: `[H, W, C]`.
  func expanded(to count: Int) -> Tensor {
    let pixels = maps.shape[0] * maps.shape[1]
    var all = [Float](repeating: 0, count: pixels * count)
    maps.withScalars { maps in
      for pixel in 0..<pixels {
        for (index, label) in classes.enumerated() where label <= count {
          all[pixel * count + label - 1] = maps[pixel * classes.count + index]
        }
      }
    }
    return Tensor(all, shape: [maps.shape[0], maps.shape[1], count])
  }
}

extension Tensor {
  /// Each channel of `[H, W, K]` divided by its maximum (+1e-5), negative values set to 0.
  func dividedByMaxima() -> Tensor {
    let positive = relu()
    return positive / (positive.max([0, 1], keepingAxes: true) + 1e-5)
  }
}

/// The name of a picture's file: ids of any form become one name each.
func fileName(_ id: String, _ suffix: String) -> String {
  var name = ""
  for character in id.unicodeScalars {
    switch character {
    case "%": name += "%25"
    case "/": name += "%2F"
    case "." where name.isEmpty: name += "%2E"
    case "\0": name += "%00"
    default: name.unicodeScalars.append(character)
    }
  }
  return name + suffix
}
