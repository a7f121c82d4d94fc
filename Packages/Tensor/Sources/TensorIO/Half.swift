/// 16-bit floats, by their bits: not every CPU that Swift runs on has them.
enum Half {
  static func float(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1f
    let fraction = UInt32(bits) & 0x3ff
    switch exponent {
    case 0:
      // Zero, or a subnormal number: fraction * 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The nearest half, ties to even; beyond 65 504 infinity.
  static func bits(_ value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16) & 0x8000
    if value.isNaN { return sign | 0x7e00 }
    let magnitude = value.magnitude
    // The largest number that still rounds to 65 504.
    if magnitude >= 65_520 { return sign | 0x7c00 }
    if magnitude < 0x1p-14 {
      // Subnormal: a multiple of 2^-24.
      return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    // A carry out of the fraction moves on into the exponent, as it should.
    let bits = magnitude.bitPattern - (112 << 23)
    return sign | UInt16((bits + 0xfff + (bits >> 13 & 1)) >> 13)
  }

  /// The nearest `bfloat16`, ties to even.
  static func brainBits(_ value: Float) -> UInt16 {
    if value.isNaN { return 0x7fc0 }
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (UInt64(bits) + 0x7fff + UInt64(bits >> 16 & 1)) >> 16)
  }
}
