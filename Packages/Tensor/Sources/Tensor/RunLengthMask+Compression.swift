extension RunLengthMask {
  /// Creates a mask from COCO's "compressed RLE", the text under `counts`.
  ///
  /// Five bits a character, lowest first, and from the fourth run on the difference to the run
  /// before the last.
  ///
  /// - Parameters:
  ///   - compressed: The characters, `0` (48) to `o` (111).
  ///   - height: The number of rows.
  ///   - width: The number of columns.
  /// - Throws: `RunLengthMaskError` where the text is broken or its runs do not sum to the size.
  public init(
    compressed: some Sequence<UInt8>, height: Int, width: Int
  ) throws(RunLengthMaskError) {
    var counts: [Int] = []
    var (value, shift) = (0, 0)
    for (position, character) in compressed.enumerated() {
      guard (48...111).contains(character), shift < 40 else {
        throw RunLengthMaskError(
          "character \(position) of the compressed runs is \(character), expected 48...111"
            + (shift < 40 ? "" : ", eight at most a run"))
      }
      let bits = Int(character) - 48
      value |= (bits & 0x1f) << shift
      shift += 5
      if bits & 0x20 != 0 { continue }
      if bits & 0x10 != 0 { value |= -1 << shift }
      counts.append(counts.count > 2 ? value + counts[counts.count - 2] : value)
      guard counts[counts.count - 1] >= 0, counts[counts.count - 1] <= Self.maximumPixelCount else {
        throw RunLengthMaskError(
          "run \(counts.count - 1) of the compressed runs has \(counts[counts.count - 1]) pixels")
      }
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { throw RunLengthMaskError("the compressed runs end within a run") }
    try self.init(counts: counts, height: height, width: width)
  }

  /// COCO's "compressed RLE" of the mask.
  public var compressed: String {
    var text: [UInt8] = []
    for index in counts.indices {
      var value = index > 2 ? counts[index] - counts[index - 2] : counts[index]
      var isMore = true
      while isMore {
        let bits = value & 0x1f
        value >>= 5
        isMore = bits & 0x10 != 0 ? value != -1 : value != 0
        text.append(UInt8(48 + bits + (isMore ? 0x20 : 0)))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
