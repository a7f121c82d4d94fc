internal import Tensor

extension SampleSet {
  /// What was written.
  public struct Summary: Hashable, Sendable {
    /// The number of training pictures with each class, class 1 first.
    public let trainingCounts: [Int]
    /// The number of validation pictures with each class.
    public let validationCounts: [Int]
    /// The validation pictures whose objects are in their usual places.
    public let usualCount: Int
    /// The validation pictures whose objects are elsewhere.
    public let brokenCount: Int
  }

  /// Writes the set as a VOC folder, which `VOCFolder` reads.
  ///
  /// `JPEGImages` (PNG files, stored without compression so that their bytes are the same
  /// everywhere), `Annotations`, `SegmentationClass`, `SegmentationObject`, `saliency`, `classes.txt`,
  /// `labels.csv`, and in `ImageSets/Segmentation` the lists `train`, `val`, `trainval`, and of
  /// the validation pictures `val_usual` and `val_broken`.
  ///
  /// - Parameter root: The folder; made where it is missing.
  /// - Returns: How many pictures of each class were written.
  /// - Throws: `DatasetError` where a file cannot be written.
  @discardableResult
  public func write(to root: String) throws(DatasetError) -> Summary {
    let classes = Self.classes
    let lists = root + "/ImageSets/Segmentation"
    for folder in [
      "JPEGImages", "Annotations", "SegmentationClass", "SegmentationObject", "saliency",
    ] {
      try OutputFile.makeFolder(root + "/" + folder)
    }
    try OutputFile.makeFolder(lists)
    let results = concurrentMap(Array(0..<count + validationCount)) { index -> WriteResult in
      do throws(DatasetError) {
        let scene = scene(index)
        try scene.write(to: root, classes: classes)
        return .success(Written(id: scene.id, labels: scene.labels, isUsual: scene.isUsual))
      } catch {
        return .failure(error)
      }
    }
    var written: [Written] = []
    for result in results { written.append(try result.get()) }
    let (training, validation) = (written[trainingRange], written[validationRange])
    try OutputFile.write(training.list, to: lists + "/train.txt")
    try OutputFile.write(validation.list, to: lists + "/val.txt")
    try OutputFile.write(written[...].list, to: lists + "/trainval.txt")
    try OutputFile.write(validation.filter(\.isUsual)[...].list, to: lists + "/val_usual.txt")
    try OutputFile.write(
      validation.filter { !$0.isUsual }[...].list, to: lists + "/val_broken.txt")
    try classes.write(to: root + "/classes.txt")
    try LabelTable(classes: classes, entries: written.map { ($0.id, $0.labels) })
      .write(to: root + "/labels.csv")
    return Summary(
      trainingCounts: training.counts(classes), validationCounts: validation.counts(classes),
      usualCount: validation.filter(\.isUsual).count,
      brokenCount: validation.filter { !$0.isUsual }.count)
  }
}

private typealias WriteResult = Result<Written, DatasetError>

private struct Written {
  let id: String
  let labels: [Int]
  let isUsual: Bool
}

extension ArraySlice<Written> {
  fileprivate var list: String { map { $0.id + "\n" }.joined() }

  fileprivate func counts(_ classes: ClassTable) -> [Int] {
    (1...classes.count).map { label in filter { $0.labels.contains(label) }.count }
  }
}

extension SampleScene {
  fileprivate func write(to root: String, classes: ClassTable) throws(DatasetError) {
    let (height, width) = (image.height, image.width)
    for (folder, pixels) in [
      ("JPEGImages", image.pixels), ("SegmentationClass", mask.labels),
      ("SegmentationObject", objectMask.labels),
    ] {
      try OutputFile.write(
        StoredPNG.encode(pixels, height: height, width: width), to: "\(root)/\(folder)/\(id).png")
    }
    try OutputFile.write(
      StoredPNG.encode(saliency.values, height: height, width: width, asGray: true),
      to: "\(root)/saliency/\(id).png")
    try OutputFile.write(annotation(classes), to: "\(root)/Annotations/\(id).xml")
  }

  /// VOC's annotation: the objects with the boxes around what is seen of them.
  private func annotation(_ classes: ClassTable) -> String {
    var text = """
      <annotation>
        <filename>\(id).png</filename>
        <size><width>\(image.width)</width><height>\(image.height)</height><depth>3</depth></size>
        <segmented>1</segmented>

      """
    for (index, label) in objectLabels.enumerated() {
      var (left, top, right, bottom) = (image.width, image.height, 0, 0)
      for (pixel, object) in objectMask.labels.enumerated() where Int(object) == index + 1 {
        let (x, y) = (pixel % image.width + 1, pixel / image.width + 1)
        (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
      }
      text += """
          <object>
            <name>\(classes.names[label - 1])</name>
            <difficult>0</difficult>
            <bndbox><xmin>\(left)</xmin><ymin>\(top)</ymin><xmax>\(right)</xmax><ymax>\(bottom)</ymax></bndbox>
          </object>

        """
    }
    return text + "</annotation>\n"
  }
}
