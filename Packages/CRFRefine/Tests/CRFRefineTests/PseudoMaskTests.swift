import CRFRefine
import Tensor
import Testing

@Suite("Pseudo masks")
struct PseudoMaskTests {
  func text(_ body: () throws -> Any) -> String {
    do { return "\(try body())" } catch { return "\(error)" }
  }

  /// A disc of class scores that fall off as walked maps do, over a low background.
  func disc(_ size: Int, center: (Int, Int), radius: Float, peak: Float = 1) -> Tensor {
    var map = Tensor.zeros([size, size, 1])
    for y in 0..<size {
      for x in 0..<size {
        let (dy, dx) = (Float(y - center.0), Float(x - center.1))
        let isInside = dy * dy + dx * dx < radius * radius
        map[y, x, 0] = isInside ? peak * (0.3 + 0.7 * Float(x % 5) / 4) : 0.002
      }
    }
    return map
  }

  @Test("labels are the largest share above the threshold, with a report")
  func constant() throws {
    let maps = Tensor([0, 0, 4, 0, 1, 0, 0.4, 1.2], shape: [2, 2, 2])
    let mask = try PseudoMasks(threshold: .constant(0.25)).mask(
      maps: maps, classes: [9, 4], height: 2, width: 2)
    #expect(mask.labels == LabelMap([0, 9, 0, 4], shape: [2, 2]))
    #expect(mask.threshold == 0.25 && mask.keptClasses == [9, 4] && !mask.isAllBackground)
    #expect(mask.classes.map(\.pixelCount) == [1, 1] && mask.classes.map(\.share) == [0.25, 0.25])
    #expect(mask.classes.map(\.confidence) == [1, 0.3] && mask.unknownShare == 0)
  }

  @Test("the automatic threshold lies in the gap, however bright the scores are")
  func automatic() throws {
    for peak in [1, 0.01, 300] as [Float] {
      let maps = disc(40, center: (18, 20), radius: 9) * peak
      let mask = try PseudoMasks().mask(maps: maps, classes: [3], height: 40, width: 40)
      #expect(mask.threshold > 0.004 && mask.threshold < 0.29, "\(mask.threshold)")
      let wanted = maps.scalars.map { $0 > 0.1 * peak ? UInt8(3) : 0 }
      #expect(mask.labels.labels == wanted)
    }
    // Nothing to split: all of one score is object.
    let flat = try PseudoMasks().mask(maps: .ones([3, 3, 1]), classes: [1], height: 3, width: 3)
    #expect(flat.labels == LabelMap(repeating: 1, shape: [3, 3]))
  }

  @Test("Otsu's threshold parts unwalked scores in two")
  func otsu() throws {
    // Low scores of two kinds, which the fourth root would part.
    let maps = Tensor([0.9, 1, 0.8, 0.2, 0.25, 0.0001, 0, 0], shape: [2, 4, 1])
    let mask = try PseudoMasks(threshold: .otsu).mask(
      maps: maps, classes: [2], height: 2, width: 4)
    #expect(mask.threshold > 0.25 && mask.threshold < 0.8, "\(mask.threshold)")
    #expect(mask.labels == LabelMap([2, 2, 2, 0, 0, 0, 0, 0], shape: [2, 4]))
  }

  @Test("maps of stride 4 are enlarged and cropped, others stretched")
  func sizes() throws {
    var maps = Tensor.zeros([3, 4, 1])
    maps[2, 3, 0] = 1
    let recipe = PseudoMasks(threshold: .constant(0.25))
    let strided = try recipe.mask(maps: maps, classes: [1], height: 9, width: 13)
    // The last of 3 x 4 pixels covers rows 8...11 and columns 12...15, of which one is left.
    #expect(strided.labels.labels.enumerated().filter { $0.element == 1 }.map(\.offset).last == 116)
    #expect(strided.labels.shape == [9, 13])
    let stretched = try recipe.mask(maps: maps, classes: [1], height: 2, width: 40)
    #expect(stretched.labels.shape == [2, 40] && stretched.keptClasses == [1])
  }

  @Test("no classes, maps of zeros and one pixel")
  func degenerate() throws {
    let none = try PseudoMasks().mask(maps: .zeros([2, 3, 0]), classes: [], height: 8, width: 9)
    #expect(none.labels == LabelMap(repeating: 0, shape: [8, 9]) && none.isAllBackground)
    let dark = try PseudoMasks().mask(maps: .zeros([2, 3, 1]), classes: [5], height: 8, width: 9)
    #expect(dark.isAllBackground && dark.classes.map(\.label) == [5])
    #expect(dark.classes[0].confidence == 0)
    let pixel = try PseudoMasks().mask(maps: .ones([1, 1, 1]), classes: [5], height: 1, width: 1)
    #expect(pixel.labels == LabelMap([5], shape: [1, 1]))
  }

  @Test("pixels decided by little become unknown")
  func unknown() throws {
    let maps = Tensor([1, 0.28, 0.2, 0.9], shape: [1, 2, 2])
    let mask = try PseudoMasks(threshold: .constant(0.25), unknownMargin: 0.2).mask(
      maps: maps, classes: [1, 2], height: 1, width: 2)
    #expect(mask.labels.labels == [1, 2])
    let near = Tensor([1, 0.9, 0.2, 0.1], shape: [1, 2, 2])
    let unsure = try PseudoMasks(threshold: .constant(0.25), unknownMargin: 0.25).mask(
      maps: near, classes: [1, 2], height: 1, width: 2)
    #expect(unsure.labels.labels == [255, 255] && unsure.unknownShare == 1)
  }

  @Test("a CRF draws the mask to the picture's edges", arguments: [CRFPreset.irnSeed, .psa])
  func crf(preset: CRFPreset) throws {
    let size = 40
    var image = [UInt8](repeating: 30, count: size * size * 3)
    for y in 0..<size {
      for x in 20..<size { for c in 0..<3 { image[(y * size + x) * 3 + c] = 220 } }
    }
    var maps = Tensor(repeating: 0.15, shape: [size, size, 1])
    for y in 0..<size { for x in 23..<size { maps[y, x, 0] = 1 } }
    let mask = try PseudoMasks(threshold: .constant(0.25), crf: preset).mask(
      maps: maps, classes: [6], height: size, width: size, image: image)
    let wanted = (0..<size * size).map { UInt8($0 % size >= 20 ? 6 : 0) }
    let wrong = zip(mask.labels.labels, wanted).count { $0 != $1 }
    #expect(wrong <= size * size / 100, "\(wrong)")
  }

  @Test("what cannot be is refused with its reason")
  func refusals() {
    func made(
      _ recipe: PseudoMasks = PseudoMasks(), _ maps: Tensor = .ones([2, 2, 1]),
      _ classes: [Int] = [1], height: Int = 2
    ) -> String {
      text { try recipe.mask(maps: maps, classes: classes, height: height, width: 2) }
    }
    var broken = Tensor.ones([2, 2, 1])
    broken[1, 0, 0] = .nan
    #expect(
      made(PseudoMasks(), broken) == "score maps: nan at [1, 0, 0], expected 0 or more, finite")
    #expect(
      made(PseudoMasks(), .ones([2, 2, 1]), [1, 2])
        == "pseudo mask: maps [2, 2, 1] for 2 classes, expected [H, W, 2]")
    #expect(made(PseudoMasks(), .ones([2, 2, 1]), [0]) == "pseudo mask: class 0, expected 1...254")
    #expect(made(height: 0) == "pseudo mask: an image of 0 x 2, expected 1 x 1 or more")
    #expect(
      made(PseudoMasks(threshold: .constant(2))) == "pseudo mask: threshold 2.0, expected 0...1")
    #expect(
      made(PseudoMasks(unknownMargin: 1)) == "pseudo mask: unknown margin 1.0, expected 0..<1")
    #expect(
      made(PseudoMasks(crf: .irnSeed)) == "CRF: an image of 0 bytes, expected 2 x 2 x 3")
  }

  @Test("a survey counts and warns")
  func survey() throws {
    var survey = MaskSurvey(classCount: 3)
    #expect(survey.warnings.isEmpty && survey.unknownShare == 0)
    try survey.add(LabelMap([0, 1, 1, 255], shape: [2, 2]), id: "a", classes: [1, 2])
    try survey.add(LabelMap([0, 0], shape: [1, 2]), id: "b", classes: [1])
    var other = MaskSurvey(classCount: 3)
    try other.add(LabelMap([0], shape: [1, 1]), id: "0", classes: [])
    survey.add(other)
    #expect(survey.imageCount == 3 && survey.pixels == [4, 2, 0, 0] && survey.unknownPixels == 1)
    #expect(survey.images == [3, 1, 0, 0] && survey.labeledImages == [0, 2, 1, 0])
    #expect(survey.missingClasses == [2] && survey.allBackground == ["b"])
    #expect(survey.recall(of: 1) == 0.5 && survey.recall(of: 3) == nil)
    #expect(
      survey.warnings == [
        "no mask has class 2, though images are labelled with it",
        "1 of 3 masks are all background: b",
      ])
    let before = survey
    #expect(
      text { try survey.add(LabelMap([2], shape: [1, 1]), id: "c", classes: [1]) }
        == "c: the mask has label 2, the image's classes are [1]")
    #expect(
      text { try survey.add(LabelMap([9], shape: [1, 1]), id: "c", classes: [1]) }
        == "c: the mask has label 9, expected 0...3 or 255")
    #expect(
      text { try survey.add(LabelMap([0], shape: [1, 1]), id: "c", classes: [4]) }
        == "c: class 4, expected 1...3")
    #expect(survey == before)
  }
}
