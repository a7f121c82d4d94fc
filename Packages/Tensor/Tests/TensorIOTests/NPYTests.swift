import Tensor
import TensorIO
import Testing

@Suite("npy and npz")
struct NPYTests {
  @Test(
    "every kind of number is read as NumPy wrote it",
    arguments: ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
  func kinds(name: String) throws {
    let array = try NPYFile.read(golden("\(name).npy"))
    #expect(array.shape == [2, 3])
    switch name.first {
    case "f": #expect(array.tensor.scalars == [-1, -0.5, 0, 0.5, 1, 1.5])
    case "i":
      #expect(array.integers == [-2, -1, 0, 1, 2, 3])
      #expect(array.tensor.scalars == [-2, -1, 0, 1, 2, 3])
    default: #expect(array.integers == [0, 1, 2, 3, 4, 5])
    }
  }

  @Test("booleans, scalars, empty arrays, byte order, header versions")
  func forms() throws {
    #expect(try NPYFile.read(golden("bool.npy")).integers == [0, 1, 0, 1, 0, 1])
    let scalar = try NPYFile.read(golden("scalar.npy"))
    #expect(scalar.shape == [] && scalar.tensor.scalar == 2.5)
    let empty = try NPYFile.read(golden("empty.npy"))
    #expect(empty.shape == [0, 3] && empty.tensor.count == 0)
    #expect(try NPYFile.read(golden("big_endian.npy")).integers == [0, 1, 2, 3, 4, 5])
    for version in [2, 3] {
      let array = try NPYFile.read(golden("version\(version).npy"))
      #expect(array.tensor.scalars == [0, 1, 2, 3, 4, 5])
    }
  }

  @Test("Fortran order is turned")
  func fortran() throws {
    let array = try NPYFile.read(golden("fortran.npy"))
    #expect(array.shape == [2, 3, 4])
    #expect(array.tensor.scalars == (0..<24).map(Float.init))
  }

  @Test("members of npz files, stored and deflated")
  func npz() throws {
    let stored = try NPZFile.read(golden("stored.npz"))
    #expect(stored["a"]?.tensor.scalars == [0, 1, 2, 3, 4, 5])
    #expect(stored["b"]?.integers == [1 << 40, -3])
    let deflated = try NPZFile.read(golden("deflated.npz"))
    #expect(deflated["a"]?.tensor == .zeros([50, 40]))
    #expect(deflated["b"]?.integers == [0, 1, 2, 3, 4, 5])
  }

  @Test("a written array is read back bit by bit", arguments: DataType.allCases)
  func roundTrip(type: DataType) throws {
    guard type != .bfloat16 else { return }
    let array =
      type.isInteger
      ? NumericArray(integers: [0, 1, 1, 0, 1, 0], shape: [3, 2], as: type)
      : NumericArray(Tensor([0, 1.5, -2, .infinity, 65504, 6e-8], shape: [3, 2]), as: type)
    try withTemporaryFile("a.npy") { path in
      try NPYFile.write(array, to: path)
      let read = try NPYFile.read(path)
      #expect(read.type == type && read.shape == [3, 2])
      #expect(read.bytes.array == array.bytes.array)
      #expect(try contents(path).count % 64 == array.bytes.count % 64)
    }
    for compressing in [false, true] {
      try withTemporaryFile("a.npz") { path in
        try NPZFile.write(["x/y": array, "b": array], to: path, compressing: compressing)
        let read = try NPZFile.read(path)
        #expect(read.keys.sorted() == ["b", "x/y"])
        #expect(read["x/y"]?.bytes.array == array.bytes.array)
      }
    }
  }

  @Test("halves round to the nearest, ties to even")
  func halves() throws {
    let values: [(Float, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (1, 0x3c00), (65_504, 0x7bff), (65_519.99, 0x7bff),
      (65_520, 0x7c00), (1e9, 0x7c00), (-.infinity, 0xfc00), (0x1p-14, 0x0400), (0x1p-24, 1),
      (0x1p-25, 0), (0x1.8p-24, 2), (1 + 0x1p-11, 0x3c00), (1 + 0x1.8p-10, 0x3c02),
      (2047.5 / 2048, 0x3c00), (0x1.ff8p-15, 0x03ff), (0x1.fffp-15, 0x0400),
    ]
    let array = NumericArray(Tensor(values.map(\.0)), as: .float16)
    for (index, (value, bits)) in values.enumerated() {
      let found = UInt16(array.bytes[2 * index]) | UInt16(array.bytes[2 * index + 1]) << 8
      #expect(found == bits, "\(value)")
    }
    // Every half is its own nearest half.
    let all = (0..<1 << 16).filter { $0 & 0x7c00 != 0x7c00 }
    let halves = NumericArray(
      .float16, [all.count], Bytes(all.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }))
    #expect(NumericArray(halves.tensor, as: .float16).bytes.array == halves.bytes.array)
  }

  @Test("the dictionary that IRN writes is read without running anything")
  func irn() throws {
    #expect(try NPYFile.holdsObject(golden("irn.npy")))
    let pickle = try NPYFile.readObject(golden("irn.npy"))
    let arrays = pickle.arrays()
    #expect(arrays["keys"]?.integers == [3, 7])
    #expect(arrays["cam"]?.shape == [2, 2, 3])
    #expect(arrays["cam"]?.tensor.scalars == (0..<12).map(Float.init))
    #expect(arrays["high_res"]?.tensor.scalars == (0..<24).map(Float.init))
    #expect(arrays["count"]?.integers == [5])
  }

  @Test("lying and broken files are refused with what is wrong")
  func broken() throws {
    let good = try contents(golden("f4.npy"))
    func header(_ text: String) -> [UInt8] {
      let padded = text + String(repeating: " ", count: 118 - text.utf8.count - 1) + "\n"
      return Array(good.prefix(8)) + [118, 0] + Array(padded.utf8) + good.suffix(24)
    }
    let cases: [([UInt8], String)] = [
      ([], "a.npy: is not a .npy file: it does not start with \\x93NUMPY"),
      (Array(good.prefix(40)), "a.npy: ends within its header"),
      (
        Array(good.dropLast()),
        "a.npy: claims shape [2, 3] of float32, 24 bytes, but holds 23"
      ),
      (
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 9), }"),
        "a.npy: claims the impossible shape [4611686018427387904, 9]"
      ),
      (
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 9, 0), }"),
        "a.npy: claims the impossible shape [4611686018427387904, 9, 0]"
      ),
      (
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }"),
        "a.npy: has a broken header: '-2' as a size"
      ),
      (
        header("{'descr': '|O', 'fortran_order': False, 'shape': (), }"),
        "a.npy: holds '|O', which is not a supported kind of number"
      ),
      (
        header("{'descr': '<f4', 'shape': (2, 3), }"),
        "a.npy: has a header without descr, fortran_order or shape"
      ),
    ]
    for (bytes, expected) in cases {
      try withTemporaryFile("a.npy", bytes) { path in
        #expect(message { _ = try NPYFile.read(path) } == expected)
      }
    }
  }

  @Test("a missing file and a folder are errors that name them")
  func missing() {
    #expect(
      message { _ = try NPYFile.read("/nowhere/b.npy") } == "b.npy: No such file or directory")
    #expect(message { _ = try NPZFile.read("/tmp") } == "tmp: not a file")
  }

  @Test("damaged zip members are named")
  func damagedZip() throws {
    var bytes = try contents(golden("stored.npz"))
    // A number in the first array.
    let at = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0, 0, 0x80, 0x3f]) })
    bytes[at] = 1
    try withTemporaryFile("a.npz", bytes) { path in
      #expect(
        message { _ = try NPZFile.read(path) }
          == "a.npz: 'a.npy' is damaged: its check sum differs")
    }
    try withTemporaryFile("a.npz", Array(bytes.prefix(300))) { path in
      #expect(
        message { _ = try NPZFile.read(path) }
          == "a.npz: is not a whole zip file: it has no end record")
    }
  }

  @Test("a file that cannot be written leaves nothing behind")
  func unwritable() throws {
    try withTemporaryFile("a") { path in
      let inside = path + "/b.npy"
      #expect(
        message { try NPYFile.write(NumericArray(.ones([3])), to: inside) }
          == "b.npy: cannot be written: No such file or directory")
    }
    #expect(
      message { try NPYFile.write(NumericArray(.ones([3])), to: "/proc/b.npy") }
        .hasPrefix("b.npy: cannot be written: "))
  }
}
