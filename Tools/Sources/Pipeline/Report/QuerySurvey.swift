internal import Contrast
internal import Datasets
internal import Tensor

/// What the queries of the FBR losses really show, by ground truth.
///
/// Both contrasts pull a query to the class it is labelled with, and away from background: they
/// help where that is right, and teach the mistake where it is not.
struct QuerySurvey {
  /// Pixels labelled with a class whose truth is known, queries or not.
  private(set) var labelled = 0
  /// The queries among them.
  private(set) var count = 0
  /// Queries that show their class.
  private(set) var right = 0
  /// Queries that show background.
  private(set) var background = 0

  /// Queries that show another class.
  var other: Int { count - right - background }

  /// Adds the queries of a picture; `truth` is its mask at the seeds' pixels.
  mutating func add(_ seeds: SeedMap, _ loss: FBRConfiguration, truth: LabelMap) {
    let labels = zip(seeds.labels.labels, truth.labels)
    let unknown = LabelMap.ignoreIndex
    labelled += labels.filter { $0 != 0 && $0 != unknown && $1 != unknown }.count
    for pixel in Queries(seeds, loss).pixels.map(Int.init) where truth.labels[pixel] != unknown {
      count += 1
      if truth.labels[pixel] == 0 { background += 1 }
      if truth.labels[pixel] == seeds.labels.labels[pixel] { right += 1 }
    }
  }
}
