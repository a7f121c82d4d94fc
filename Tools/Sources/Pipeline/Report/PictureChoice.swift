internal import Datasets

/// Chooses pictures by their names alone, so that nobody picked the pretty ones: each time one of
/// the class that was shown least, in an order that a hash of the names gives.
///
/// - Parameters:
///   - pictures: Their names and classes.
///   - count: How many at the most.
/// - Returns: Positions in `pictures`, in the order of the names.
package func choosePictures(_ pictures: [(id: String, labels: [Int])], count: Int) -> [Int] {
  let order = pictures.map { contentHash($0.id) }
  var left = pictures.indices.sorted { order[$0] < order[$1] }
  var shown: [Int: Int] = [:]
  for label in pictures.flatMap(\.labels) { shown[label] = 0 }
  var chosen: [Int] = []
  while chosen.count < count, !left.isEmpty {
    let rarest = shown.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    let next = left.firstIndex { picture in
      rarest.map { pictures[picture].labels.contains($0) } ?? true
    }
    guard let next else {
      // Every picture of that class is chosen.
      if let rarest { shown[rarest] = nil }
      continue
    }
    chosen.append(left.remove(at: next))
    for label in pictures[chosen[chosen.count - 1]].labels { shown[label]? += 1 }
  }
  return chosen.sorted { pictures[$0].id < pictures[$1].id }
}

extension Array where Element == ImageRecord {
  /// Some of the pictures, chosen by their names.
  func chosen(_ count: Int) -> [ImageRecord] {
    choosePictures(map { ($0.id, $0.labels) }, count: count).map { self[$0] }
  }
}
