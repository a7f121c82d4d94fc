public import Tensor

/// Cuts out a window at a random place; a picture smaller than it comes to lie at a random place.
///
/// IRN's `random_crop`: along each axis the window lies inside the picture or the picture inside
/// the window, uniformly. Padding is `fill` in the picture, 255 in the mask, and 0 in saliency and
/// maps; `Sample.content` says where the picture lies.
public struct RandomCrop: Transform {
  /// Rows of the window.
  public let height: Int
  /// Columns of the window.
  public let width: Int
  /// The colour of padding.
  public let fill: RGB

  /// Creates the transform.
  ///
  /// - Precondition: Both sizes are 1 or more.
  public init(height: Int, width: Int, fill: RGB = .imageNetMean) {
    check(height >= 1 && width >= 1, "RandomCrop: to \(width) x \(height) pixels")
    self.height = height
    self.width = width
    self.fill = fill
  }

  /// Creates the transform for a square window.
  ///
  /// - Precondition: `size` is 1 or more.
  public init(_ size: Int, fill: RGB = .imageNetMean) {
    self.init(height: size, width: size, fill: fill)
  }

  /// The sample in a random window.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    func start(_ size: Int, _ window: Int) -> Int {
      size >= window
        ? .random(in: 0...size - window, using: &generator)
        : -.random(in: 0...window - size, using: &generator)
    }
    let top = start(sample.image.height, height)
    let left = start(sample.image.width, width)
    return sample.cropped(
      to: PixelRegion(top: top, left: left, height: height, width: width), fill: fill)
  }
}

/// Cuts out the middle; a picture smaller than the window comes to lie in its middle.
public struct CenterCrop: Transform {
  /// Rows of the window.
  public let height: Int
  /// Columns of the window.
  public let width: Int
  /// The colour of padding.
  public let fill: RGB

  /// Creates the transform.
  ///
  /// - Precondition: Both sizes are 1 or more.
  public init(height: Int, width: Int, fill: RGB = .imageNetMean) {
    check(height >= 1 && width >= 1, "CenterCrop: to \(width) x \(height) pixels")
    self.height = height
    self.width = width
    self.fill = fill
  }

  /// Creates the transform for a square window.
  ///
  /// - Precondition: `size` is 1 or more.
  public init(_ size: Int, fill: RGB = .imageNetMean) {
    self.init(height: size, width: size, fill: fill)
  }

  /// The middle of the sample.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    // As torchvision: a surplus of an odd number of pixels is halved as Python rounds, and an odd
    // padding has its smaller half first.
    func start(_ size: Int, _ window: Int) -> Int {
      size >= window
        ? Int((Double(size - window) / 2).rounded(.toNearestOrEven)) : -((window - size) / 2)
    }
    return sample.cropped(
      to: PixelRegion(
        top: start(sample.image.height, height), left: start(sample.image.width, width),
        height: height, width: width),
      fill: fill)
  }
}
