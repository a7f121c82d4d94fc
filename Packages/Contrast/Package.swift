// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Contrast",
  products: [.library(name: "Contrast", targets: ["Contrast"])],
  dependencies: [.package(path: "../Tensor"), .package(path: "../Autograd")],
  targets: [
    .target(
      name: "CContrast", dependencies: [.product(name: "CKernelSupport", package: "Tensor")],
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "Contrast",
      dependencies: [
        "CContrast", .product(name: "Tensor", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
      ],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .testTarget(
      name: "ContrastTests",
      dependencies: [
        "Contrast", .product(name: "Tensor", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
        .product(name: "AutogradTestSupport", package: "Autograd"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
