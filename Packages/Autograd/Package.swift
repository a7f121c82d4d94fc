// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Autograd",
  products: [
    .library(name: "Autograd", targets: ["Autograd"]),
    .library(name: "AutogradTestSupport", targets: ["AutogradTestSupport"]),
  ],
  dependencies: [
    .package(path: "../Tensor")
  ],
  targets: [
    // Loops over gradients and parameters that need run-time CPU dispatch.
    .target(
      name: "CAutograd", dependencies: [.product(name: "CKernelSupport", package: "Tensor")],
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "Autograd",
      dependencies: ["CAutograd", .product(name: "Tensor", package: "Tensor")],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    // Gradients against central differences, for the tests of every package.
    .target(
      name: "AutogradTestSupport",
      dependencies: ["Autograd", .product(name: "Tensor", package: "Tensor")],
      swiftSettings: settings),
    .testTarget(
      name: "AutogradTests",
      dependencies: [
        "Autograd", "AutogradTestSupport",
        .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
