internal import Tensor

/// One pass over a data set: what is in it, and each thing that is wrong, with file and line.
///
/// Every picture, mask and saliency map is decoded, on all threads; nothing of them is kept.
public struct DatasetCheck: Hashable, Sendable, Encodable {
  /// What was found of one class.
  public struct ClassCount: Hashable, Sendable, Codable {
    /// The class.
    public let name: String
    /// The pictures that have it among their labels.
    public fileprivate(set) var pictures = 0
    /// The pictures that have it in their masks.
    public fileprivate(set) var masks = 0
    /// Its pixels in all masks.
    public fileprivate(set) var pixels = 0
  }

  /// The smallest, the middle and the largest of some sizes.
  public struct Spread: Hashable, Sendable, Codable {
    /// The smallest.
    public let minimum: Int
    /// The middle one.
    public let median: Int
    /// The largest.
    public let maximum: Int

    fileprivate init(_ values: [Int]) {
      let sorted = values.sorted()
      minimum = sorted.first ?? 0
      median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
      maximum = sorted.last ?? 0
    }
  }

  /// The pictures of the list.
  public let pictures: Int
  /// Those that could be decoded.
  public let readable: Int
  /// Those without a label.
  public let unlabeled: Int
  /// Picture files beside those of the list; no fault where the list is a part of the set.
  public let unlisted: Int
  /// The pictures that have a mask.
  public let masks: Int
  /// The pictures that have a saliency map.
  public let saliencyMaps: Int
  /// The classes, in the order of their labels.
  public let classes: [ClassCount]
  /// Pixels of masks that are background.
  public let backgroundPixels: Int
  /// Pixels of masks that count nowhere, 255.
  public let ignoredPixels: Int
  /// The pictures' widths.
  public let widths: Spread
  /// The pictures' heights.
  public let heights: Spread
  /// Each problem: first those of lists and labels, then the pictures' in their order.
  public let problems: [DatasetProblem]

  /// Whether training or evaluation would stop or be wrong.
  public var isBroken: Bool { problems.contains { $0.severity == .error } }

  /// Checks a source.
  ///
  /// - Parameters:
  ///   - source: The source, made with `isStrict: false` so that its lists' problems are kept.
  ///   - progress: Told now and then how many of how many pictures are done.
  public init(_ source: some ImageSource, progress: (Int, Int) -> Void = { _, _ in }) {
    let records = source.records
    var findings: [Finding] = []
    // Kept for the set, not for each picture, so that large sets take little memory.
    var pixels = [Int](repeating: 0, count: 256)
    var masksOfLabel = [Int](repeating: 0, count: 256)
    var start = 0
    while start < records.count {
      let end = min(start + 256, records.count)
      for var finding in concurrentMap(Array(records[start..<end]), { Finding($0, in: source) }) {
        for (label, count) in (finding.pixels ?? []).enumerated() where count > 0 {
          pixels[label] += count
          masksOfLabel[label] += 1
        }
        finding.pixels = nil
        findings.append(finding)
      }
      progress(end, records.count)
      start = end
    }
    let files = FolderContents(records)
    var log = ProblemLog()
    log.append(source.problems)
    // A mask that gives labels was read before, and its faults told.
    let told = Set(source.problems)
    for finding in findings { log.append(finding.log.problems.filter { !told.contains($0) }) }
    log.append(Self.duplicates(records, findings))
    for mask in files.orphanMasks { log.warning(mask, "is the mask of no picture") }

    let found = findings.compactMap(\.size)
    var counts = source.classes.names.map { ClassCount(name: $0) }
    for label in counts.indices {
      counts[label].masks = masksOfLabel[label + 1]
      counts[label].pixels = pixels[label + 1]
    }
    for label in records.flatMap(\.labels) where counts.indices.contains(label - 1) {
      counts[label - 1].pictures += 1
    }
    let lists = Set(records.map(\.origin.path))
    let list = lists.count == 1 ? lists.first ?? "" : "the data set"
    for count in counts where count.pictures == 0 && !records.isEmpty {
      log.warning(list, "no picture has class '\(count.name)'")
    }
    if records.isEmpty && !log.problems.contains(where: { $0.severity == .error }) {
      log.error("the data set", "holds no picture")
    } else if !records.isEmpty && records.allSatisfy(\.labels.isEmpty) {
      log.error(list, "no picture has a label: there is nothing to train on")
    }
    pictures = records.count
    readable = found.count
    unlabeled = records.filter(\.labels.isEmpty).count
    unlisted = files.unlistedPictures
    masks = findings.filter(\.hasMask).count
    saliencyMaps = records.filter { $0.saliencyPath != nil }.count
    classes = counts
    backgroundPixels = pixels[0]
    ignoredPixels = pixels[255]
    widths = Spread(found.map(\.width))
    heights = Spread(found.map(\.height))
    problems = log.problems
  }

  /// Pictures whose files are the same byte for byte.
  private static func duplicates(_ records: [ImageRecord], _ findings: [Finding]) -> ProblemLog {
    var log = ProblemLog()
    var first: [Finding.Content: String] = [:]
    for (record, finding) in zip(records, findings) {
      guard let content = finding.content else { continue }
      if let other = first[content] {
        log.warning(record.imagePath, "has the same bytes as \(other)")
      } else {
        first[content] = record.imagePath
      }
    }
    return log
  }
}

/// What the files of one record hold.
private struct Finding: Sendable {
  struct Content: Hashable {
    let byteCount: Int
    let hash: UInt64
  }

  var log = ProblemLog()
  var size: (width: Int, height: Int)?
  var content: Content?
  var hasMask = false
  /// How many pixels of the mask have each label.
  var pixels: [Int]?

  init(_ record: ImageRecord, in source: some ImageSource) {
    if record.labels.isEmpty {
      log.warning(
        record.origin.path, line: record.origin.line, "picture '\(record.id)' has no label")
    }
    do {
      let bytes = try InputFile.bytes(record.imagePath)
      let image = try Image(encoded: bytes, path: record.imagePath)
      content = Content(byteCount: bytes.count, hash: hash(bytes))
      size = (image.width, image.height)
    } catch {
      log.error(error)
    }
    checkMask(record, source)
    checkSaliency(record, source)
  }

  private mutating func checkMask(_ record: ImageRecord, _ source: some ImageSource) {
    let path = record.maskPath ?? record.origin.path
    do {
      guard let mask = try source.mask(of: record) else { return }
      hasMask = true
      let name = record.maskPath == nil ? "the mask of '\(record.id)'" : "the mask"
      compare((mask.shape[1], mask.shape[0]), name, path)
      var counts = [Int](repeating: 0, count: 256)
      for label in mask.labels { counts[Int(label)] += 1 }
      pixels = counts
      let present = try mask.classes(in: source.classes, path: path)
      for label in present where !record.labels.contains(label) {
        log.warning(
          path,
          "\(name) holds class '\(source.classes.names[label - 1])', which is no label of "
            + "the picture")
      }
      for label in record.labels where !present.contains(label) {
        log.warning(
          path, "\(name) lacks class '\(source.classes.names[label - 1])', a label of the picture")
      }
    } catch {
      log.error(error)
    }
  }

  private mutating func checkSaliency(_ record: ImageRecord, _ source: some ImageSource) {
    do {
      guard let map = try source.saliency(of: record) else { return }
      compare((map.width, map.height), "the saliency map", record.saliencyPath ?? "")
    } catch {
      log.error(error)
    }
  }

  private mutating func compare(_ other: (width: Int, height: Int), _ name: String, _ path: String)
  {
    guard let size, size != other else { return }
    log.error(
      path,
      "\(name) has \(other.width) x \(other.height) pixels, the picture "
        + "\(size.width) x \(size.height)")
  }
}

/// 64-bit FNV-1a over words of eight bytes.
private func hash(_ bytes: [UInt8]) -> UInt64 {
  unsafe bytes.withUnsafeBytes { buffer in
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let words = buffer.count / 8
    for index in 0..<words {
      // Safe: the word lies in the buffer.
      let word = unsafe buffer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
      hash = (hash ^ word) &* 0x100_0000_01b3
      hash ^= hash >> 29
    }
    for index in words * 8..<buffer.count { hash = unsafe (hash ^ UInt64(buffer[index])) &* 0x1b3 }
    return hash
  }
}

/// What lies in the folders of a source's pictures and masks besides its own files.
private struct FolderContents {
  var unlistedPictures = 0
  var orphanMasks: [String] = []

  init(_ records: [ImageRecord]) {
    let images = Set(records.map(\.imagePath))
    let masks = Set(records.compactMap(\.maskPath))
    var stems: Set<String> = []
    for folder in Self.folders(of: images) {
      for name in Self.pictures(in: folder) {
        stems.insert(ImageFolder.stem(name))
        if !images.contains(folder + "/" + name) { unlistedPictures += 1 }
      }
    }
    // Where masks bear other names than their pictures, nothing tells whose they are.
    let bearNames = records.allSatisfy { record in
      record.maskPath.map { ImageFolder.stem($0) == ImageFolder.stem(record.imagePath) } ?? true
    }
    guard bearNames else { return }
    for folder in Self.folders(of: masks) {
      for name in Self.pictures(in: folder) where !stems.contains(ImageFolder.stem(name)) {
        orphanMasks.append(folder + "/" + name)
      }
    }
  }

  private static func folders(of paths: Set<String>) -> [String] {
    Set(paths.map { path in path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "." }).sorted()
  }

  private static func pictures(in folder: String) -> [String] {
    ((try? InputFile.names(in: folder)) ?? []).filter(ImageFolder.isPicture)
  }
}
