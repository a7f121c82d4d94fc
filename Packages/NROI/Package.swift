// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "NROI",
  products: [.library(name: "NROI", targets: ["NROI"])],
  dependencies: [.package(path: "../Tensor")],
  targets: [
    .target(
      name: "CClustering", dependencies: [.product(name: "CKernelSupport", package: "Tensor")],
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "NROI",
      dependencies: [
        "CClustering", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
      ],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .testTarget(
      name: "NROITests",
      dependencies: [
        "NROI", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
