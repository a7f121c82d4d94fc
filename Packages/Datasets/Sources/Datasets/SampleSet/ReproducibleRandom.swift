internal import Tensor

/// Random numbers whose bits are the same on every machine and with every version of Swift's library:
/// Philox words, turned into numbers by exact arithmetic.
struct ReproducibleRandom {
  private var generator: PhiloxGenerator

  init(seed: UInt64, stream: UInt64) { generator = PhiloxGenerator(seed: seed, stream: stream) }

  /// Uniform in 0..<1, a multiple of 2^-53.
  mutating func unit() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  mutating func integer(below bound: Int) -> Int {
    Int(generator.next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  mutating func one<Element>(of elements: [Element]) -> Element {
    elements[integer(below: elements.count)]
  }

  /// A colour near one of those given.
  mutating func color(_ colors: [Color], spread: Double = 0.06) -> Color {
    let base = one(of: colors)
    let shift = Color(
      uniform(-spread...spread), uniform(-spread...spread), uniform(-spread...spread))
    return (base + shift).clamped(lowerBound: .zero, upperBound: .one)
  }

  mutating func noise() -> Noise { Noise(key: UInt32(truncatingIfNeeded: generator.next())) }
}
