import Foundation
import Tensor
import TensorIO
import Testing

@Suite("PyTorch files")
struct TorchTests {
  @Test("tensors, views and plain values are read", arguments: ["zip", "legacy"])
  func checkpoint(format: String) throws {
    let file = try TorchFile(reading: golden("checkpoint_\(format).pth"))
    let state = try #require(file.tensors(at: "state_dict"))
    #expect(state["plain"]?.shape == [2, 3, 4])
    #expect(state["plain"]?.tensor.scalars == (0..<24).map(Float.init))
    #expect(state["part"]?.tensor == Tensor([4, 5, 6, 7, 8, 9], shape: [2, 3]))
    #expect(state["turned"]?.shape == [6, 4])
    #expect(state["turned"]?.tensor[5, 1] == 11)
    #expect(state["stepped"]?.tensor.scalars == [0, 5, 10, 15, 20])
    #expect(state["expanded"]?.tensor == Tensor(repeating: 1.5, shape: [3, 2]))
    #expect(state["half"]?.type == .float16)
    #expect(state["half"]?.tensor.scalars == [0.5, -2])
    #expect(state["brain"]?.tensor.scalars == [1, 3])
    #expect(state["long"]?.integers == [1 << 40, -1])
    #expect(state["flag"]?.integers == [1, 0, 1])
    #expect(state["scalar"]?.integers == [7] && state["scalar"]?.shape == [])
    #expect(state["empty"]?.shape == [0, 4])
    #expect(state["weight"]?.tensor == Tensor([1, 2], shape: [1, 2]))
    let root = file.contents.root
    guard case .integer(3)? = file.contents.member("epoch", of: root),
      case .number(0.5)? = file.contents.member("rate", of: root),
      case .string("a")? = file.contents.member("name", of: root),
      let list = file.contents.member("list", of: root)
    else {
      Issue.record("plain values are missing")
      return
    }
    #expect(file.contents.items(of: list).count == 2)
    #expect(file.tensors()?["state_dict.plain"] != nil)
    #expect(file.tensors(at: "model") == nil)
  }

  @Test("a module's state dictionary is read", arguments: ["zip", "legacy"])
  func module(format: String) throws {
    let state = try #require(
      try TorchFile(reading: golden("module_\(format).pth")).tensors())
    #expect(
      state.keys.sorted() == [
        "0.bias", "0.weight", "1.bias", "1.num_batches_tracked", "1.running_mean",
        "1.running_var", "1.weight",
      ])
    #expect(state["0.weight"]?.tensor == .ones([3, 2]))
    #expect(state["1.bias"]?.tensor == Tensor(repeating: 4, shape: [3]))
  }

  @Test("a file that would run something is refused by the name of it")
  func harmful() {
    #expect(
      message { _ = try TorchFile(reading: golden("harmful.pth")) }.hasSuffix(
        "print': only arrays and plain containers are read"))
  }

  @Test("every truncation is an error, never a crash", arguments: ["zip", "legacy"])
  func truncation(format: String) throws {
    let bytes = try contents(golden("checkpoint_\(format).pth"))
    for length in stride(from: 0, to: bytes.count, by: 7) {
      try withTemporaryFile("a.pth", Array(bytes.prefix(length))) { path in
        #expect(message { _ = try TorchFile(reading: path) }.hasPrefix("a.pth: "))
      }
    }
  }

  /// A legacy file: magic number, protocol and system, then this pickle.
  private func legacy(_ pickle: [UInt8]) throws -> [UInt8] {
    let whole = try contents(golden("module_legacy.pth"))
    // The fourth pickle starts behind the third stop that a protocol mark follows.
    var starts: [Int] = []
    for at in whole.indices where whole[at...].starts(with: [0x2e, 0x80, 2]) {
      starts.append(at + 1)
    }
    return Array(whole.prefix(starts[2])) + pickle
  }

  @Test("chains of containers, loops and missing values do no harm")
  func hostile() throws {
    // A hundred thousand lists, each in the one before; a list in itself; a pop of nothing.
    let lists = [UInt8](repeating: 0x5d, count: 100_000)
    let appends = [UInt8](repeating: 0x61, count: 99_999)
    let chain: [UInt8] = [0x80, 2] + lists + appends + [0x2e]
    let loop: [UInt8] = [0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e]
    for pickle in [chain, loop] {
      try withTemporaryFile("a.pth", try legacy(pickle)) { path in
        #expect(
          message { _ = try TorchFile(reading: path) }
            .hasPrefix("a.pth: is a damaged pickle: it ends"))
      }
    }
    try withTemporaryFile("a.pth", try legacy([0x80, 2, 0x61, 0x2e])) { path in
      #expect(
        message { _ = try TorchFile(reading: path) }
          .hasPrefix("a.pth: is a damaged pickle: a value is missing"))
    }
    // A text of four gigabytes.
    try withTemporaryFile("a.pth", try legacy([0x80, 2, 0x58, 255, 255, 255, 255])) { path in
      #expect(
        message { _ = try TorchFile(reading: path) }
          .hasPrefix("a.pth: is a damaged pickle: it ends"))
    }
  }

  @Test("a file of another kind is refused")
  func otherKinds() throws {
    try withTemporaryFile("a.pth", Array("hello, world".utf8)) { path in
      #expect(message { _ = try TorchFile(reading: path) }.hasPrefix("a.pth: "))
    }
    #expect(
      message { _ = try TorchFile(reading: golden("stored.npz")) }
        == "stored.npz: is a zip file without a data.pkl, so none of PyTorch's")
  }
}
