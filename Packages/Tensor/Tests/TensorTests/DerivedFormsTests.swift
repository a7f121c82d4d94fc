import Tensor
import Testing

@Suite("Derived forms")
struct DerivedFormsTests {
  @Test(
    "a convolution sees every change of its weight, however often it was used before",
    arguments: [3, 5])  // by Winograd and by oneDNN
  func changedWeight(kernel: Int) {
    let image = Tensor.ones([1, 17, 17, 32])
    let parameters = Convolution2dParameters(padding: Padding2d(kernel / 2))
    var weight = Tensor.ones([kernel, kernel, 32, 16])
    for value in [1, 2, 3] as [Float] {
      unsafe weight.withUnsafeMutableScalars { unsafe $0.update(repeating: value) }
      for _ in 0..<4 {
        let output = image.convolution2d(weight, parameters)
        let gradient = Tensor.ones([1, 17, 17, 16])
          .convolution2dInputGradient(weight, inputShape: image.shape, parameters)
        let taps = Float(kernel * kernel) * value
        #expect(abs(output[0, 8, 8, 0] / (32 * taps) - 1) < 1e-6)
        #expect(abs(gradient[0, 8, 8, 0] / (16 * taps) - 1) < 1e-6)
      }
    }
  }
}
