import Tensor
import Testing

@Suite("Tensor")
struct TensorTests {
  @Test("a copy does not see changes of the original")
  func copyOnWrite() {
    var original = Tensor([1, 2, 3, 4], shape: [2, 2])
    let copy = original
    original[0, 1] = 9
    #expect(copy.scalars == [1, 2, 3, 4])
    #expect(original.scalars == [1, 9, 3, 4])
  }

  @Test("reshaping works out one size and keeps the order")
  func reshape() {
    let tensor = Tensor((0..<12).map(Float.init), shape: [3, 4])
    #expect(tensor.reshaped(2, -1).shape == [2, 6])
    #expect(tensor.reshaped(2, -1).scalars == tensor.scalars)
  }

  @Test("a wrong shape stops with a message that names both")
  func wrongShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).reshaped(4, 2)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("reshaped: [2, 3] has 6 elements, [4, 2] has 8"))
  }

  @Test("every index is visited once, on any number of threads", arguments: [1, 2, 5])
  func parallel(threads: Int) {
    let before = Threads.count
    Threads.count = threads
    defer { Threads.count = before }
    for (count, grain) in [(0, 1), (1, 4), (17, 4), (1000, 7)] {
      var visits = Tensor.zeros([count])
      unsafe visits.withUnsafeMutableScalars { buffer in
        parallelFor(count, grain: grain) { range in
          for index in range { unsafe buffer[index] += 1 }
        }
      }
      #expect(visits.scalars.allSatisfy { $0 == 1 })
    }
  }
}
