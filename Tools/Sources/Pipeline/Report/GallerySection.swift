internal import Datasets
internal import Foundation
internal import Metrics
internal import Tensor

extension RunMaterial {
  /// Pictures with what each stage made of them; nothing where the recipe wants none.
  func gallerySection() throws -> PageSection? {
    guard recipe.report.pictures > 0 else { return nil }
    let training = try train.records.chosen(recipe.report.pictures).html { record in
      try row(record, stages: [.cam, .seed, .activate, .relabel, .propagate], of: train)
    }
    let tested = try validation.map { source in
      try source.records.chosen(recipe.report.pictures).html { record in
        try row(record, stages: [.predict], of: source)
      }
    }
    return PageSection(
      title: "Pictures",
      lead: """
        Chosen by their names so that each class is shown, not by their results. Maps are the fuller \
        the higher the score; numbers are the mean IoU of that picture.
        """,
      content: """
        \(legend)<h3>Training list</h3>\(training)\
        \(tested.map { "<h3>Validation list</h3><div class=\"pairs\">\($0)</div>" } ?? .nothing)
        """)
  }

  private var legend: HTML {
    let chips = train.classes.names.enumerated().html { chip($0.offset + 1, $0.element) + " " }
    return """
      <p class="legend">\(chips)<span class="chip"><i class="unknown"></i>unknown (255)</span></p>
      """
  }

  /// A picture, what some stages made of it, and the ground truth where there is one.
  private func row(
    _ record: ImageRecord, stages: [StageName], of source: any ImageSource
  ) throws -> HTML {
    let classes = record.labels.html { chip($0, names[$0]) }
    let content =
      try unlessBroken { try shots(record, stages: stages, of: source) }
      ?? "<p class=\"broken\">cannot be shown, see the warnings</p>"
    return """
      <div><div class="name"><b>\(record.id)</b>\(classes)</div>\
      <div class="shots\(stages.count == 1 ? " three" : "")">\(content)</div></div>
      """
  }

  private func shots(
    _ record: ImageRecord, stages: [StageName], of source: any ImageSource
  ) throws -> HTML {
    let thumbnail = Thumbnail(try source.image(of: record))
    var shots = try shot(thumbnail.image, record, "picture", quality: 82)
    for stage in stages {
      let products = Self.product(stage.rawValue)
      let what = products.hasSuffix("s") ? String(products.dropLast()) : products
      if [.cam, .activate].contains(stage) {
        guard let path = file(stage, record.id, ".npz") else { continue }
        shots += try shot(thumbnail.overlaid(with: MapFile(contentsOf: path)), record, what)
      } else if let path = file(stage, record.id, ".png") {
        let score = subject(stage)?.pictures?.first { $0.id == record.id }?.meanIoU
        shots += try shot(
          thumbnail.overlaid(with: LabelMap(contentsOf: path)), record, what,
          note: score.map { " " + Figures.percent($0) } ?? "")
      }
    }
    if let mask = try source.mask(of: record) {
      shots += try shot(thumbnail.overlaid(with: mask), record, "ground truth")
    }
    return shots
  }

  private func shot(
    _ image: Image, _ record: ImageRecord, _ what: String, note: String = "", quality: Int = 90
  ) throws -> HTML {
    let shown = record.labels.map { names[$0] }.joined(separator: ", ")
    return """
      <figure>\(try image.embedded("\(what) of \(record.id): \(shown)", quality: quality))\
      <figcaption>\(what)\(note)</figcaption></figure>
      """
  }

  /// The pictures with the worst and the best pseudo masks and predictions.
  func extremesSection() throws -> PageSection? {
    let count = min(recipe.report.pictures, 4)
    guard count > 0 else { return nil }
    let content = try [StageName.propagate, .predict].html { stage -> HTML in
      guard let pictures = subject(stage)?.pictures, !pictures.isEmpty,
        let source = stage == .predict ? validation : train
      else { return .nothing }
      let sorted = pictures.sorted { ($0.meanIoU, $0.id) < ($1.meanIoU, $1.id) }
      let records = Dictionary(
        source.records.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      func part(_ title: String, _ some: some Sequence<RunScores.Picture>) throws -> HTML {
        let rows = try some.compactMap { records[$0.id] }.html {
          try row($0, stages: [stage], of: source)
        }
        return """
          <h3>\(title) \(Self.product(stage.rawValue))</h3><div class="pairs">\(rows)</div>
          """
      }
      return try part("Worst", sorted.prefix(count))
        + part("Best", sorted.dropFirst(count).suffix(count).reversed())
    }
    guard content != .nothing else { return nil }
    return PageSection(
      title: "Worst and best", lead: "By the mean IoU of the single picture.", content: content)
  }
}
