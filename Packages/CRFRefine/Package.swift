// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "CRFRefine",
  products: [.library(name: "CRFRefine", targets: ["CRFRefine"])],
  dependencies: [.package(path: "../Tensor")],
  targets: [
    // Loops over lattice points and pixel pairs.
    .target(
      name: "CCRFRefine", dependencies: [.product(name: "CKernelSupport", package: "Tensor")]),
    .target(
      name: "CRFRefine",
      dependencies: [
        "CCRFRefine", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
      ],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .testTarget(
      name: "CRFRefineTests",
      dependencies: [
        "CRFRefine", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
