internal import Datasets
internal import Tensor

extension Format {
  private static let golden = "Packages/Datasets/Tests/DatasetsTests/Golden"

  /// What package Datasets reads.
  static var datasets: [Format] {
    [
      Format(
        name: "jpeg", folder: golden + "/pictures", isSeed: { $0.hasSuffix(".jpg") },
        read: { path in
          _ = try? GrayImage(contentsOf: path)
          _ = try Image(contentsOf: path)
        }),
      Format(
        name: "png", folder: golden + "/pictures", isSeed: { $0.hasSuffix(".png") },
        repair: repairChunks,
        read: { path in
          _ = try? LabelMap(contentsOf: path)
          _ = try? GrayImage(contentsOf: path)
          _ = try Image(contentsOf: path)
        }),
    ]
  }
}
