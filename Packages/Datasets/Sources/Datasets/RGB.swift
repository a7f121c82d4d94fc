/// A colour, 8 bits a channel.
public struct RGB: Hashable, Sendable {
  /// Its red.
  public let red: UInt8
  /// Its green.
  public let green: UInt8
  /// Its blue.
  public let blue: UInt8

  /// Creates a colour.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The mean of ImageNet's pixels, rounded.
  public static let imageNetMean = RGB(124, 116, 104)
}
