// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Datasets",
  products: [.library(name: "Datasets", targets: ["Datasets"])],
  dependencies: [.package(path: "../Tensor")],
  targets: [
    // libjpeg and libpng with their setjmp error paths, and 8-bit pixel loops.
    .target(
      name: "CImages",
      linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("m")]),
    .target(
      name: "Datasets",
      dependencies: [
        "CImages", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "DatasetsTests",
      dependencies: [
        "Datasets", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
