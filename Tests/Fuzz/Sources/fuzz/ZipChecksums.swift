/// Sets the check sums of a zip archive's stored entries to what their data has now, so that the
/// damage reaches what reads the entries.
func repairChecksums(_ bytes: inout [UInt8]) {
  let central: [UInt8] = [0x50, 0x4b, 1, 2]
  var place = 0
  while place + 46 <= bytes.count {
    guard Array(bytes[place..<place + 4]) == central else {
      place += 1
      continue
    }
    let size = integer(bytes, place + 20, 4)
    let local = integer(bytes, place + 42, 4)
    if integer(bytes, place + 10, 2) == 0, local + 30 <= bytes.count {
      let start = local + 30 + integer(bytes, local + 26, 2) + integer(bytes, local + 28, 2)
      if start + size <= bytes.count {
        let sum = checksum(bytes[start..<start + size])
        for offset in 0..<4 {
          let byte = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(offset)))
          bytes[place + 16 + offset] = byte
          bytes[local + 14 + offset] = byte
        }
      }
    }
    place += 46
  }
}

private func integer(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Int {
  (0..<size).reversed().reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
}

func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var sum: UInt32 = 0xffff_ffff
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 0 ? 0 : 0xedb8_8320) }
  }
  return ~sum
}
