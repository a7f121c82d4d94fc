// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Backbone",
  products: [.library(name: "Backbone", targets: ["Backbone"])],
  dependencies: [.package(path: "../Tensor"), .package(path: "../Autograd")],
  targets: [
    .target(
      name: "Backbone",
      dependencies: [
        .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
      ],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .testTarget(
      name: "BackboneTests",
      dependencies: [
        "Backbone", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
        .product(name: "AutogradTestSupport", package: "Autograd"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
