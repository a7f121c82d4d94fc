// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let package = Package(
  name: "Tools",
  products: [
    .executable(name: "fbr", targets: ["fbr"]),
    .library(name: "Pipeline", targets: ["Pipeline"]),
    .library(name: "Benchmarks", targets: ["Benchmarks"]),
    // libfbrc.so, for C and Python.
    .library(name: "fbrc", type: .dynamic, targets: ["CInterface"]),
  ],
  dependencies: [
    .package(path: "../Packages/Tensor"),
    .package(path: "../Packages/Autograd"),
    .package(path: "../Packages/Backbone"),
    .package(path: "../Packages/Contrast"),
    .package(path: "../Packages/CRFRefine"),
    .package(path: "../Packages/Datasets"),
    .package(path: "../Packages/Metrics"),
    .package(path: "../Packages/NROI"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // A fast hash of files, to see whether they changed.
    .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
    // The stages of the method, and what runs them.
    .target(
      name: "Pipeline",
      dependencies: [
        "CXXHash", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
        .product(name: "Backbone", package: "Backbone"),
        .product(name: "Contrast", package: "Contrast"),
        .product(name: "CRFRefine", package: "CRFRefine"),
        .product(name: "Datasets", package: "Datasets"),
        .product(name: "Metrics", package: "Metrics"),
        .product(name: "NROI", package: "NROI"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    // The machine's peak, to compare kernels with.
    .target(name: "CBenchmarks"),
    .target(
      name: "Benchmarks",
      dependencies: [
        "CBenchmarks", .product(name: "Tensor", package: "Tensor"),
        .product(name: "COneDNN", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
        .product(name: "Backbone", package: "Backbone"),
        .product(name: "Contrast", package: "Contrast"),
        .product(name: "CRFRefine", package: "CRFRefine"),
        .product(name: "Datasets", package: "Datasets"),
        .product(name: "Metrics", package: "Metrics"),
        .product(name: "NROI", package: "NROI"),
      ],
      swiftSettings: settings),
    // The C library's standard output, which Swift 6 cannot name.
    .target(name: "CStreams"),
    .executableTarget(
      name: "fbr",
      dependencies: [
        "Benchmarks", "CStreams", "Pipeline", .product(name: "Autograd", package: "Autograd"),
        .product(name: "Backbone", package: "Backbone"),
        .product(name: "CRFRefine", package: "CRFRefine"),
        .product(name: "Datasets", package: "Datasets"),
        .product(name: "Metrics", package: "Metrics"),
        .product(name: "NROI", package: "NROI"),
        .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    // Contrast and NROI over raw float buffers.
    .target(name: "CFBR"),
    .target(
      name: "CInterface",
      dependencies: [
        "CFBR", .product(name: "Tensor", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
        .product(name: "Contrast", package: "Contrast"),
        .product(name: "NROI", package: "NROI"),
      ],
      swiftSettings: settings),
    .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks"], swiftSettings: settings),
    .testTarget(
      name: "CInterfaceTests",
      dependencies: [
        "CFBR", "CInterface", .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "Autograd", package: "Autograd"),
        .product(name: "Contrast", package: "Contrast"),
        .product(name: "NROI", package: "NROI"),
      ],
      swiftSettings: settings),
    // The program as a user calls it.
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "fbr", "Pipeline", .product(name: "Autograd", package: "Autograd"),
        .product(name: "Backbone", package: "Backbone"),
        .product(name: "CRFRefine", package: "CRFRefine"),
        .product(name: "Datasets", package: "Datasets"),
        .product(name: "Metrics", package: "Metrics"),
        .product(name: "NROI", package: "NROI"),
        .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "PipelineTests",
      dependencies: [
        "fbr", "Pipeline", .product(name: "Autograd", package: "Autograd"),
        .product(name: "Backbone", package: "Backbone"),
        .product(name: "Contrast", package: "Contrast"),
        .product(name: "Datasets", package: "Datasets"),
        .product(name: "Metrics", package: "Metrics"),
        .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorIO", package: "Tensor"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
    // Packages that know nothing of each other, together on real pictures.
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        .product(name: "Autograd", package: "Autograd"),
        .product(name: "Backbone", package: "Backbone"),
        .product(name: "CRFRefine", package: "CRFRefine"),
        .product(name: "Datasets", package: "Datasets"),
        .product(name: "Metrics", package: "Metrics"),
        .product(name: "Tensor", package: "Tensor"),
        .product(name: "TensorTestSupport", package: "Tensor"),
      ],
      resources: [.copy("Golden")], swiftSettings: settings),
  ]
)
