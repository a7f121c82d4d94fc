public import Tensor

/// What the masks of a folder hold, to see at once what went wrong in making them.
public struct MaskSurvey: Hashable, Sendable {
  /// Masks seen.
  public private(set) var imageCount = 0
  /// Pixels of each label 0...C.
  public private(set) var pixels: [Int]
  /// Pixels with label 255.
  public private(set) var unknownPixels = 0
  /// Images whose masks have each label 0...C.
  public private(set) var images: [Int]
  /// Images that are said to show each class 1...C, at its index; 0 for background.
  public private(set) var labeledImages: [Int]
  /// Images without a foreground pixel, though they are said to show a class; sorted.
  public private(set) var allBackground: [String] = []

  /// Creates an empty survey.
  ///
  /// - Parameter classCount: C, foreground classes, 0...254.
  public init(classCount: Int) {
    check((0...254).contains(classCount), "MaskSurvey: \(classCount) classes, expected 0...254")
    pixels = [Int](repeating: 0, count: classCount + 1)
    (images, labeledImages) = (pixels, pixels)
  }

  /// Adds a mask.
  ///
  /// - Parameters:
  ///   - mask: Labels 0...C or 255.
  ///   - id: The image's id.
  ///   - classes: The classes that the image is said to show.
  /// - Throws: `CRFRefineError` where a label or class is over C, or the mask has a class that the
  ///   image is not said to show; nothing is added then.
  public mutating func add(
    _ mask: LabelMap, id: String, classes: [Int]
  ) throws(CRFRefineError) {
    var counts = [Int](repeating: 0, count: 256)
    for label in mask.labels { counts[Int(label)] += 1 }
    if let wrong = classes.first(where: { !(1..<max(pixels.count, 1)).contains($0) }) {
      throw CRFRefineError("\(id): class \(wrong), expected 1...\(pixels.count - 1)")
    }
    for label in 1..<255 where counts[label] > 0 && !classes.contains(label) {
      throw CRFRefineError(
        label < pixels.count
          ? "\(id): the mask has label \(label), the image's classes are \(classes)"
          : "\(id): the mask has label \(label), expected 0...\(pixels.count - 1) or 255")
    }
    imageCount += 1
    for label in pixels.indices {
      pixels[label] += counts[label]
      images[label] += counts[label] > 0 ? 1 : 0
    }
    unknownPixels += counts[255]
    for label in Set(classes) { labeledImages[label] += 1 }
    if !classes.isEmpty, !classes.contains(where: { counts[$0] > 0 }) {
      let place = allBackground.firstIndex { $0 > id } ?? allBackground.endIndex
      allBackground.insert(id, at: place)
    }
  }

  /// Adds what another survey saw, such as that of another part of the folder.
  ///
  /// - Precondition: Both have the same number of classes.
  public mutating func add(_ other: MaskSurvey) {
    check(
      pixels.count == other.pixels.count,
      "MaskSurvey: \(pixels.count - 1) and \(other.pixels.count - 1) classes")
    imageCount += other.imageCount
    unknownPixels += other.unknownPixels
    for label in pixels.indices {
      pixels[label] += other.pixels[label]
      images[label] += other.images[label]
      labeledImages[label] += other.labeledImages[label]
    }
    allBackground = (allBackground + other.allBackground).sorted()
  }

  /// The share of pixels with label 255; 0 without any pixel.
  public var unknownShare: Double {
    let total = pixels.reduce(unknownPixels, +)
    return total > 0 ? Double(unknownPixels) / Double(total) : 0
  }

  /// The classes that images are said to show and no mask has.
  public var missingClasses: [Int] {
    pixels.indices.filter { labeledImages[$0] > 0 && images[$0] == 0 }
  }

  /// The share of images said to show a class whose masks have it; `nil` where there are none.
  public func recall(of label: Int) -> Double? {
    labeledImages[label] > 0 ? Double(images[label]) / Double(labeledImages[label]) : nil
  }

  /// What a user should look into, a sentence each; empty where all is well.
  public var warnings: [String] {
    var warnings: [String] = []
    if !missingClasses.isEmpty {
      let list = missingClasses.map(String.init).joined(separator: ", ")
      warnings.append("no mask has class \(list), though images are labelled with it")
    }
    if !allBackground.isEmpty {
      let first = allBackground.prefix(5).joined(separator: ", ")
      let rest = allBackground.count > 5 ? " and \(allBackground.count - 5) more" : ""
      warnings.append(
        "\(allBackground.count) of \(imageCount) masks are all background: \(first)\(rest)")
    }
    if unknownShare > 0.5 {
      warnings.append("\(Int((unknownShare * 100).rounded())) % of the pixels are unknown (255)")
    }
    return warnings
  }
}
