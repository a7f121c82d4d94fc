// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Metrics",
  products: [.library(name: "Metrics", targets: ["Metrics"])],
  dependencies: [.package(path: "../Tensor")],
  targets: [
    // Counting loops over pixels.
    .target(
      name: "CMetrics", dependencies: [.product(name: "CKernelSupport", package: "Tensor")]),
    .target(
      name: "Metrics",
      dependencies: ["CMetrics", .product(name: "Tensor", package: "Tensor")],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .testTarget(
      name: "MetricsTests",
      dependencies: [
        "Metrics", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
