internal import CPixels
public import Tensor

/// How a network wants its pixels: RGB in 0...255, shifted and scaled.
public struct Normalization: Hashable, Sendable {
  /// Subtracted from red, green and blue.
  public let mean: [Float]
  /// Divides red, green and blue.
  public let standardDeviation: [Float]

  /// Creates a normalisation, in units of 0...255.
  ///
  /// - Precondition: Three numbers each, and no deviation is 0.
  public init(mean: [Float], standardDeviation: [Float]) {
    check(
      mean.count == 3 && standardDeviation.count == 3 && standardDeviation.allSatisfy { $0 != 0 },
      "Normalization: mean \(mean), deviation \(standardDeviation), expected three numbers each, "
        + "no deviation 0")
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The statistics of ImageNet, which torchvision's networks and ResNet-38 were trained with.
  public static let imageNet = Normalization(
    mean: [123.675, 116.28, 103.53], standardDeviation: [58.395, 57.12, 57.375])

  /// `(x - 127) / 128`, which EfficientNet-Lite was trained with.
  public static let efficientNetLite = Normalization(
    mean: [127, 127, 127], standardDeviation: [128, 128, 128])

  /// The colour nearest to the mean; to pad with, since it becomes nearly 0.
  public var meanColor: RGB {
    func byte(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 255).rounded()) }
    return RGB(byte(mean[0]), byte(mean[1]), byte(mean[2]))
  }

  /// A network's input for one picture, `[1, height, width, 3]`.
  public func callAsFunction(_ image: Image) -> Tensor {
    unsafe Tensor(unsafeUninitialized: [1, image.height, image.width, 3]) { buffer in
      unsafe write(image.pixels[...], to: buffer.baseAddress)
    }
  }

  func write(_ pixels: ArraySlice<UInt8>, to out: UnsafeMutablePointer<Float>?) {
    unsafe pixels.withUnsafeBufferPointer { pixels in
      // Safe: the caller has room for as many numbers as there are samples.
      unsafe cp_normalize(pixels.baseAddress, pixels.count / 3, mean, standardDeviation, out)
    }
  }
}
