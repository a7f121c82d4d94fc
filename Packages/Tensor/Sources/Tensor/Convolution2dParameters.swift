/// How a 2-d convolution walks over its image.
public struct Convolution2dParameters: Hashable, Sendable {
  /// The step of the kernel along both axes, 1 or more.
  public var stride: Int
  /// Zeros added around the image.
  public var padding: Padding2d
  /// The distance of the kernel's taps along both axes; 1 is a dense kernel.
  public var dilation: Int
  /// The number of groups channels are split into; as many as channels is a depthwise convolution.
  public var groups: Int

  /// Creates the parameters of a dense, unpadded convolution where nothing else is said.
  ///
  /// - Precondition: `stride`, `dilation` and `groups` are 1 or more.
  public init(
    stride: Int = 1, padding: Padding2d = .none, dilation: Int = 1, groups: Int = 1
  ) {
    check(
      stride >= 1 && dilation >= 1 && groups >= 1,
      "Convolution2dParameters: stride \(stride), dilation \(dilation), groups \(groups): "
        + "each must be 1 or more")
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }
}
