import Tensor
import Testing

@Suite("Derived forms")
struct DerivedFormsTests {
  @Test("a convolution sees every change of its weight, however often it was used before")
  func changedWeight() {
    let image = Tensor.ones([1, 17, 17, 32])
    let parameters = Convolution2dParameters(padding: Padding2d(1))
    var weight = Tensor.ones([3, 3, 32, 16])
    for value in [1, 2, 3] as [Float] {
      unsafe weight.withUnsafeMutableScalars { unsafe $0.update(repeating: value) }
      for _ in 0..<4 {
        #expect(image.convolution2d(weight, parameters)[0, 8, 8, 0] == 288 * value)
        let gradient = Tensor.ones([1, 17, 17, 16])
          .convolution2dInputGradient(weight, inputShape: image.shape, parameters)
        #expect(gradient[0, 8, 8, 0] == 144 * value)
      }
    }
  }
}
