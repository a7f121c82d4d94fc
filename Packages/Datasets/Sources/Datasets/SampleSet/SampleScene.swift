public import Tensor

/// A picture of the sample set, with all that is known about it.
public struct SampleScene: Sendable {
  /// Its name, `s000001` and so on.
  public let id: String
  /// The picture.
  public let image: Image
  /// The class of each pixel: 0 background, 1...8, 255 the border of objects. For evaluation only.
  public let mask: LabelMap
  /// The object of each pixel, 1, 2, ...; 0 background, 255 the border of objects.
  public let objectMask: LabelMap
  /// The class of each object, object 1 first.
  public let objectLabels: [Int]
  /// Whether every object is in the place its class is mostly found in.
  public let isUsual: Bool

  /// The classes in it, ascending, each once.
  public var labels: [Int] { Set(objectLabels).sorted() }
}
