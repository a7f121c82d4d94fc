internal import Foundation
internal import Tensor

extension ImageSource {
  /// Writes the source as a VOC folder, which `VOCFolder` reads: links to the pictures in
  /// `JPEGImages`, masks in `SegmentationClass`, a list, `classes.txt` and `labels.csv`.
  ///
  /// A folder may hold several lists: labels of other pictures stay in its `labels.csv`.
  ///
  /// - Parameters:
  ///   - root: The folder; made where it is missing.
  ///   - list: The name of the list in `ImageSets/Segmentation`.
  ///   - progress: Told now and then how many of how many pictures are done.
  /// - Returns: The number of masks.
  /// - Throws: `DatasetError` where a mask is broken, a file cannot be written, an id cannot be a
  ///   file's name, or the folder holds a set of other classes.
  @discardableResult
  public func writeVOCFolder(
    _ root: String, list: String, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(DatasetError) -> Int {
    if let record = records.first(where: { $0.id.contains("/") }) {
      throw DatasetError(
        record.origin.path, line: record.origin.line,
        "id '\(record.id)' holds a '/' and cannot be a file's name in \(root)")
    }
    if let record = records.first(where: { !$0.id.isLine }) {
      throw DatasetError(
        record.origin.path, line: record.origin.line,
        "id '\(record.id)' holds a line break, or a space at an end, and cannot be in a list")
    }
    let table = try merged(into: root)
    for folder in ["JPEGImages", "SegmentationClass", "ImageSets/Segmentation"] {
      try OutputFile.makeFolder(root + "/" + folder)
    }
    var log = ProblemLog()
    var maskCount = 0
    var start = 0
    while start < records.count {
      let end = min(start + 256, records.count)
      let results = concurrentMap(Array(records[start..<end])) { record in
        Result { () throws(DatasetError) in try write(record, to: root) }
      }
      for result in results {
        switch result {
        case .success(let hasMask): maskCount += hasMask ? 1 : 0
        case .failure(let error): log.error(error)
        }
      }
      progress(end, records.count)
      start = end
    }
    _ = try log.result(isStrict: true)
    try OutputFile.write(
      records.map { $0.id + "\n" }.joined(), to: "\(root)/ImageSets/Segmentation/\(list).txt")
    try classes.write(to: root + "/classes.txt")
    try table.write(to: root + "/labels.csv")
    return maskCount
  }

  /// The source's labels together with those that the folder's `labels.csv` has already.
  private func merged(into root: String) throws(DatasetError) -> LabelTable {
    let (list, csv) = (root + "/classes.txt", root + "/labels.csv")
    guard InputFile.exists(list), InputFile.exists(csv) else { return labelTable }
    let found = try ClassTable(contentsOf: list)
    guard found == classes else {
      throw DatasetError(
        list,
        "holds the classes of another set: \(LabelTable.expected(found)); expected "
          + LabelTable.expected(classes))
    }
    let own = Set(records.map(\.id))
    let others = try LabelTable(contentsOf: csv, classes: classes).entries
      .filter { !own.contains($0.id) }.map { (id: $0.id, labels: $0.labels) }
    return LabelTable(
      classes: classes, entries: others + records.map { (id: $0.id, labels: $0.labels) })
  }

  /// Links a picture and writes its mask, if it has one.
  private func write(_ record: ImageRecord, to root: String) throws(DatasetError) -> Bool {
    let picture = URL(fileURLWithPath: record.imagePath).standardizedFileURL
    let link = "\(root)/JPEGImages/\(record.id).\(picture.pathExtension)"
    do {
      if (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != nil {
        try FileManager.default.removeItem(atPath: link)
      }
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: picture.path)
    } catch {
      throw DatasetError(
        link, "the link to \(picture.path) cannot be made", isInputOutput: true)
    }
    guard let mask = try mask(of: record) else { return false }
    try mask.writePNG(to: "\(root)/SegmentationClass/\(record.id).png")
    return true
  }
}
