/// Sets the check sums of a PNG file's chunks to what their data has now.
func repairChunks(_ bytes: inout [UInt8]) {
  var start = 8
  while start + 12 <= bytes.count {
    let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    let end = start + 8 + length
    guard end + 4 <= bytes.count else { return }
    let sum = checksum(bytes[start + 4..<end])
    for offset in 0..<4 {
      bytes[end + offset] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * offset))
    }
    start = end + 4
  }
}
