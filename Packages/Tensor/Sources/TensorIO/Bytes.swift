internal import Foundation

/// A stretch of bytes in memory or in a mapped file; slices share, nothing is copied.
public struct Bytes: Sendable {
  private let storage: ByteStorage
  private let range: Range<Int>

  private init(_ storage: ByteStorage, _ range: Range<Int>) {
    self.storage = storage
    self.range = range
  }

  /// The bytes of an array.
  public init(_ array: [UInt8]) {
    unsafe self.init(copying: array.count) { buffer in
      // Safe: the buffer has the array's size.
      unsafe buffer.copyBytes(from: array)
    }
  }

  /// New bytes that `fill` sets.
  init(copying count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let storage = ByteStorage(allocating: count)
    unsafe fill(storage.buffer)
    self.init(storage, 0..<count)
  }

  /// Maps a file into memory: pages are read when they are looked at.
  ///
  /// The file must not be shortened by another process while it is in use.
  ///
  /// - Throws: `TensorIOError` where the file is missing, unreadable or a folder.
  public init(mapping path: String) throws(TensorIOError) {
    let storage = try ByteStorage(mapping: path)
    self.init(storage, 0..<storage.count)
  }

  /// The number of bytes.
  public var count: Int { range.count }

  /// One byte.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count)
    // Safe: checked above.
    return unsafe storage.buffer[range.lowerBound + index]
  }

  /// A part, or `nil` where it does not lie within; sizes from a file may be given as they are.
  func slice(_ start: Int, _ length: Int) -> Bytes? {
    let (end, overflow) = start.addingReportingOverflow(length)
    guard start >= 0, length >= 0, !overflow, end <= count else { return nil }
    return Bytes(storage, range.lowerBound + start..<range.lowerBound + end)
  }

  /// Calls `body` with the bytes, which must not leave it.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    // Safe: the range lies within the storage, which lives during the call.
    return try unsafe body(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(storage.buffer)[range]))
  }

  /// A copy as an array.
  public var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }

  /// A little-endian unsigned integer of `size` bytes; `nil` where it does not lie within.
  func integer(_ start: Int, size: Int) -> UInt64? {
    guard let part = slice(start, size) else { return nil }
    var value: UInt64 = 0
    for index in (0..<size).reversed() { value = value << 8 | UInt64(part[index]) }
    return value
  }

  /// The text of the bytes; `nil` where they are not UTF-8.
  var text: String? { unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) } }
}

/// Owned memory: allocated, or a mapped file.
// @unchecked Sendable: written only while it is made.
@safe private final class ByteStorage: @unchecked Sendable {
  let buffer: UnsafeMutableRawBufferPointer
  private let isMapped: Bool
  var count: Int { unsafe buffer.count }

  init(allocating count: Int) {
    unsafe buffer = .allocate(byteCount: count, alignment: 64)
    isMapped = false
  }

  init(mapping path: String) throws(TensorIOError) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw TensorIOError(path, systemMessage()) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw TensorIOError(path, systemMessage()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw TensorIOError(path, "not a file") }
    let count = Int(status.st_size)
    if count == 0 {
      unsafe buffer = .allocate(byteCount: 0, alignment: 64)
      isMapped = false
      return
    }
    guard let base = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0),
      unsafe base != MAP_FAILED
    else { throw TensorIOError(path, "cannot be mapped: \(systemMessage())") }
    unsafe buffer = UnsafeMutableRawBufferPointer(start: base, count: count)
    isMapped = true
  }

  deinit {
    if isMapped {
      unsafe munmap(buffer.baseAddress, buffer.count)
    } else {
      unsafe buffer.deallocate()
    }
  }
}
