// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Tensor",
  products: [
    .library(name: "Tensor", targets: ["Tensor"]),
    .library(name: "TensorIO", targets: ["TensorIO"]),
    .library(name: "TensorTestSupport", targets: ["TensorTestSupport"]),
    // Run-time CPU dispatch and vector math, for the C loops of other packages.
    .library(name: "CKernelSupport", targets: ["CKernelSupport"]),
    // For benchmarks that put the bare primitives beside ours.
    .library(name: "COneDNN", targets: ["COneDNN"]),
  ],
  targets: [
    // C loops that need run-time CPU dispatch, the memory pool and the thread team.
    .target(name: "CKernelSupport"),
    .target(
      name: "CKernels", dependencies: ["CKernelSupport"],
      linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),
    // One C API over oneDNN 2.x and 3.x.
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "Tensor", dependencies: ["CKernels", "COneDNN", "COpenBLAS"],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "TensorIO", dependencies: ["Tensor", "CZlib"], swiftSettings: settings),
    // Golden files and closeness, for the tests of every package.
    .target(name: "TensorTestSupport", dependencies: ["Tensor"], swiftSettings: settings),
    .testTarget(
      name: "TensorTests", dependencies: ["Tensor", "TensorTestSupport", "CKernels"],
      resources: [.copy("Golden")], swiftSettings: settings),
    .testTarget(
      name: "TensorIOTests", dependencies: ["TensorIO", "Tensor", "TensorTestSupport"],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
