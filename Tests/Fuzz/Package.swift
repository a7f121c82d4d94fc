// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Fuzz",
  dependencies: [
    .package(path: "../../Packages/Tensor"), .package(path: "../../Packages/Datasets"),
  ],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "Datasets", package: "Datasets"),
      ],
      swiftSettings: settings)
  ]
)
