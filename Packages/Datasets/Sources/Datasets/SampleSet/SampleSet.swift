internal import Tensor

/// A small set of drawn pictures in VOC's manner, to try everything on without a download.
///
/// Each class is mostly over a ground of its own: boats on water, trains on rails. A classifier
/// that learns from image labels takes the ground for a part of the object; in half of the
/// validation pictures the objects are elsewhere, which shows it. Each object has a part that is
/// easily known, such as a cow's head, and a larger body whose colours others have too.
///
/// The same seed gives the same bytes on every machine: integers, and only those operations of
/// Double that IEEE 754 fixes to the bit.
public struct SampleSet: Hashable, Sendable {
  /// What every random choice comes from.
  public let seed: UInt64
  /// The number of training pictures.
  public let count: Int
  /// The number of validation pictures; every second is one of broken co-occurrence.
  public let validationCount: Int
  /// The longer side of a picture in pixels; the shorter is 0.75 to 1 of it.
  public let size: Int

  /// The classes: boat, train, bird, car, cow, fish, house, plant.
  public static var classes: ClassTable { ClassTable(trusted: Figure.classes.map(\.name)) }

  /// Describes a set; its pictures are drawn when they are asked for.
  ///
  /// - Parameters:
  ///   - seed: What every random choice comes from.
  ///   - count: The number of training pictures, 1 or more.
  ///   - validationCount: The number of validation pictures; `nil` takes three for ten of `count`.
  ///   - size: The longer side in pixels, 64...4096.
  /// - Returns: The set.
  public static func make(
    seed: UInt64 = 1, count: Int = 400, validationCount: Int? = nil, size: Int = 128
  ) -> SampleSet {
    check(count >= 1, "SampleSet: \(count) pictures, expected 1 or more")
    let validationCount = validationCount ?? max(count * 3 / 10, 2)
    check(validationCount >= 0, "SampleSet: \(validationCount) validation pictures")
    check((64...4096).contains(size), "SampleSet: size \(size), expected 64...4096")
    return SampleSet(seed: seed, count: count, validationCount: validationCount, size: size)
  }

  /// The indices of the training pictures.
  public var trainingRange: Range<Int> { 0..<count }

  /// The indices of the validation pictures.
  public var validationRange: Range<Int> { count..<count + validationCount }

  /// Draws one picture; from any thread.
  ///
  /// - Parameter index: In `trainingRange` or `validationRange`.
  /// - Returns: The picture and all that is known about it.
  public func scene(_ index: Int) -> SampleScene {
    check(
      index >= 0 && index < count + validationCount,
      "SampleSet: scene \(index), expected 0..<\(count + validationCount)")
    let role: SceneComposer.Role =
      index < count ? .training : (index - count) % 2 == 0 ? .usual : .broken
    // Classes in turn; in validation each in both its roles.
    let turn = index < count ? index : (index - count) / 2
    return SceneComposer.scene(
      seed: seed, index: index, role: role, mainLabel: turn % Figure.classes.count + 1, size: size)
  }
}
