import Tensor
import TensorIO
import Testing

@Suite("safetensors")
struct SafetensorsTests {
  @Test("every array and the metadata are read as the library wrote them")
  func read() throws {
    let file = try SafetensorsFile(reading: golden("arrays.safetensors"))
    #expect(file.metadata == ["format": "pt", "note": "a \"quoted\" line\n"])
    #expect(file.arrays["f32"]?.shape == [2, 3, 4])
    #expect(file.arrays["f32"]?.tensor.scalars == (0..<24).map(Float.init))
    #expect(file.arrays["f16"]?.tensor.scalars == [0.5, -2])
    #expect(file.arrays["bf16"]?.tensor.scalars == [1, 3])
    #expect(file.arrays["i64"]?.integers == [1 << 40, -1])
    #expect(file.arrays["flag"]?.integers == [1, 0])
    #expect(file.arrays["scalar"]?.tensor.scalar == 7)
    #expect(file.arrays["empty"]?.shape == [0, 4])
  }

  @Test("text is quoted as JSON wants it")
  func quoted() {
    #expect("a \"b\" \\ é\n\u{1f}".jsonQuoted == #""a \"b\" \\ é\u000a\u001f""#)
  }

  @Test("what is written is read back bit by bit")
  func roundTrip() throws {
    var generator = PhiloxGenerator(seed: 1)
    let tensor = generator.normal(shape: [3, 5])
    var arrays: [String: NumericArray] = [:]
    for type in DataType.allCases {
      arrays["of \"\(type)\"\n"] =
        type.isInteger
        ? NumericArray(integers: [1, 0, 1], shape: [3], as: type) : NumericArray(tensor, as: type)
    }
    try withTemporaryFile("a.safetensors") { path in
      try SafetensorsFile(arrays, metadata: ["é\t": "日本"]).write(to: path)
      let read = try SafetensorsFile(reading: path)
      #expect(read.metadata == ["é\t": "日本"])
      #expect(read.arrays.keys.sorted() == arrays.keys.sorted())
      for (name, array) in arrays {
        #expect(read.arrays[name]?.bytes.array == array.bytes.array)
        #expect(read.arrays[name]?.type == array.type)
      }
    }
  }

  @Test("lying and broken headers are refused with what is wrong")
  func broken() throws {
    func file(_ header: String, _ data: Int) -> [UInt8] {
      let length = header.utf8.count
      return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
        + [UInt8](repeating: 0, count: data)
    }
    let cases: [([UInt8], String)] = [
      ([1, 2], "is not a .safetensors file: it has 2 bytes"),
      (
        [255, 255, 255, 255, 255, 255, 255, 127],
        "is not a .safetensors file, or a damaged one: claims a header of 9223372036854775807 "
          + "bytes, the file has 8"
      ),
      (
        Array("PK\u{3}\u{4}\u{14}\0\0\0\u{8}\0".utf8),
        "is a zip archive, as .pth and .npz are, not a .safetensors file"
      ),
      (file("[]", 0), "has a header that is no JSON object"),
      (file("{\"a\":", 0), "has a broken header: the text ends at byte 5"),
      (
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":1}", 8),
        "has a broken header: 'a' for the second time at byte 57"
      ),
      (
        file("{\"a\":{\"dtype\":\"F8\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8),
        "gives 'a' the unknown dtype 'F8'"
      ),
      (
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8),
        "gives 'a' of shape [-2] and type float32 the bytes 0..<8"
      ),
      (
        file(
          "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0),
        "gives 'a' of shape [4611686018427387904, 4] and type float32 the bytes 0..<0"
      ),
      (
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7),
        "gives 'a' the bytes 0..<8, the data has 7"
      ),
      (
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9),
        "holds 9 bytes of data, its arrays take 8"
      ),
      (
        file(
          "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3),
        "leaves or shares the bytes between 1 and 2, at 'b'"
      ),
      (file("{\"a\":[[[[[[1]]]]]]}", 0), "has a broken header: too many levels at byte 8"),
    ]
    for (bytes, expected) in cases {
      try withTemporaryFile("a.safetensors", bytes) { path in
        #expect(
          message { _ = try SafetensorsFile(reading: path) } == "a.safetensors: \(expected)")
      }
    }
  }
}
