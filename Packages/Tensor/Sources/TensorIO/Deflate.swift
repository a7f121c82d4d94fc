internal import CZlib
internal import Foundation

/// zlib's deflate, and its check sum.
enum Deflate {
  /// Expands raw deflate data to exactly `size` bytes.
  static func inflate(_ bytes: Bytes, to size: Int) throws(FormatError) -> Bytes {
    // Deflate makes at most 1032 bytes of one: a larger claim is a lie, not a reason to allocate.
    guard size / 1032 <= bytes.count + 1 else {
      throw FormatError("claims \(size) bytes from \(bytes.count) compressed ones")
    }
    var stream = unsafe z_stream()
    guard
      unsafe inflateInit2_(
        &stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw FormatError("cannot start zlib") }
    defer { unsafe inflateEnd(&stream) }
    var status = Z_OK
    let result = unsafe Bytes(copying: size) { out in
      unsafe bytes.withUnsafeBytes { input in
        // Safe: zlib gets the bounds of both buffers, in pieces that fit its 32-bit counters.
        var (consumed, produced) = (0, 0)
        let piece = 1 << 30
        repeat {
          let (inputCount, outputCount) = (
            min(piece, input.count - consumed), min(piece, size - produced)
          )
          unsafe stream.next_in = UnsafeMutablePointer(
            mutating: UnsafeRawBufferPointer(rebasing: input[consumed...]).assumingMemoryBound(
              to: UInt8.self
            ).baseAddress)
          unsafe stream.avail_in = uInt(inputCount)
          unsafe stream.next_out =
            UnsafeMutableRawBufferPointer(rebasing: out[produced...])
            .assumingMemoryBound(to: UInt8.self).baseAddress
          unsafe stream.avail_out = uInt(outputCount)
          status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
          let (used, made) = unsafe (
            inputCount - Int(stream.avail_in), outputCount - Int(stream.avail_out)
          )
          consumed += used
          produced += made
          if used == 0 && made == 0 { break }
        } while status == Z_OK
        if produced != size { status = Z_DATA_ERROR }
      }
    }
    // An empty output ends before zlib says so.
    guard status == Z_STREAM_END || (size == 0 && status != Z_DATA_ERROR) else {
      throw FormatError("has damaged compressed data")
    }
    return result
  }

  /// Raw deflate data of some bytes.
  static func deflate(_ bytes: Bytes) -> Bytes? {
    guard bytes.count < 1 << 31 else { return nil }
    var stream = unsafe z_stream()
    guard
      unsafe deflateInit2_(
        &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY,
        ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { unsafe deflateEnd(&stream) }
    let bound = unsafe Int(deflateBound(&stream, uLong(bytes.count)))
    var made = 0
    let result = unsafe Bytes(copying: bound) { out in
      unsafe bytes.withUnsafeBytes { input in
        // Safe: zlib gets the bounds of both buffers; the bound is always enough.
        unsafe stream.next_in = UnsafeMutablePointer(
          mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        unsafe stream.avail_in = uInt(input.count)
        unsafe stream.next_out = out.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.avail_out = uInt(bound)
        if unsafe CZlib.deflate(&stream, Z_FINISH) == Z_STREAM_END {
          made = unsafe bound - Int(stream.avail_out)
        }
      }
    }
    return made > 0 ? result.slice(0, made) : nil
  }

  static func checksum(_ bytes: Bytes) -> UInt32 {
    unsafe bytes.withUnsafeBytes { buffer in
      // Safe: the pieces lie in the buffer and fit zlib's counter.
      var sum = uLong(0)
      var start = 0
      while start < buffer.count {
        let count = min(1 << 30, buffer.count - start)
        sum = unsafe crc32(
          sum,
          UnsafeRawBufferPointer(rebasing: buffer[start...]).assumingMemoryBound(to: UInt8.self)
            .baseAddress, uInt(count))
        start += count
      }
      return UInt32(truncatingIfNeeded: sum)
    }
  }
}
