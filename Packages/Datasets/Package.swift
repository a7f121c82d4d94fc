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
    // libjpeg and libpng with their setjmp error paths.
    .target(
      name: "CImages",
      linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("m")]),
    // Resizing, cropping and colours of 8-bit pixels.
    .target(
      name: "CPixels", dependencies: [.product(name: "CKernelSupport", package: "Tensor")],
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "Datasets",
      dependencies: [
        "CImages", "CPixels", .product(name: "Tensor", package: "Tensor"),
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
