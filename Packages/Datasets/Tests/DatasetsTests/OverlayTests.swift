import Datasets
import Tensor
import Testing

@Suite("Overlay")
struct OverlayTests {
  @Test("borders are full, insides mixed, background is left")
  func colors() {
    let image = Image(red: 100, green: 50, blue: 200, height: 5, width: 6)
    // A block of label 1, maroon (128, 0, 0), in columns 3 to 5.
    let labels = LabelMap((0..<30).map { $0 % 6 > 2 ? 1 : 0 }, shape: [5, 6])
    let drawn = image.overlaid(with: labels, opacity: 0.25)
    #expect(drawn[2, 2] == (100, 50, 200))
    #expect(drawn[2, 3] == (128, 0, 0))
    #expect(drawn[2, 4] == (107, 38, 150))
    #expect(image.overlaid(with: LabelMap(repeating: 0, shape: [5, 6])) == image)
  }
}
