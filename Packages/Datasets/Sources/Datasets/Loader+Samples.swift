internal import Tensor

extension Loader where Content == Batch {
  /// Creates a loader of transformed samples, and starts its workers.
  ///
  /// - Parameters:
  ///   - records: The pictures.
  ///   - classCount: C, the number of classes.
  ///   - transform: Changes each sample with its own generator.
  ///   - normalization: How pixels become numbers.
  ///   - options: Batch size, order, place to start, workers.
  ///   - sample: Reads a picture with its companions; called on several threads at once.
  /// - Throws: `DatasetError` where there is no picture, or no full batch though `dropsLast`.
  public convenience init(
    _ records: [ImageRecord], classCount: Int, transform: any Transform,
    normalization: Normalization = .imageNet, options: LoaderOptions,
    sample: @escaping @Sendable (ImageRecord) throws -> Sample
  ) throws {
    try self.init(
      count: records.count, options: options,
      load: { index, generator in
        transform(try sample(records[index]), using: &generator)
      },
      collate: { try Batch($0, classCount: classCount, normalization: normalization) })
  }
}
