extension Tensor: CustomStringConvertible {
  /// The shape, the range and mean of the finite elements, how many are not finite, and the
  /// elements themselves, the middle of long axes left out.
  public var description: String {
    var (low, high, sum, finite) = (Float.infinity, -Float.infinity, 0.0, 0)
    withScalars { scalars in
      for index in scalars.indices where scalars[index].isFinite {
        low = Swift.min(low, scalars[index])
        high = Swift.max(high, scalars[index])
        sum += Double(scalars[index])
        finite += 1
      }
    }
    var summary = "Tensor \(shape)"
    if count > 1, finite > 0 {
      let mean = shortText(Float(sum / Double(finite)))
      summary += ", \(shortText(low)) ... \(shortText(high)), mean \(mean)"
    }
    if finite < count { summary += ", \(count - finite) not finite" }
    return summary + "\n" + ArrayDescription(shape) { shortText(scalarAt($0)) }.text
  }

  private func scalarAt(_ offset: Int) -> Float { withScalars { $0[offset] } }
}

extension LabelMap: CustomStringConvertible {
  /// The shape, how many pixels each label has, and the labels, the middle of long axes left out.
  public var description: String {
    var counts = [Int](repeating: 0, count: 256)
    for label in labels { counts[Int(label)] += 1 }
    let histogram = counts.indices.filter { counts[$0] > 0 }.map { "\($0): \(counts[$0])" }
    return "LabelMap \(shape), pixels a label {\(histogram.joined(separator: ", "))}\n"
      + ArrayDescription(shape) { "\(labels[$0])" }.text
  }
}

extension IndexTensor: CustomStringConvertible {
  /// The shape, the range and the elements, the middle of long axes left out.
  public var description: String {
    var summary = "IndexTensor \(shape)"
    if let low = indices.min(), let high = indices.max(), count > 1 {
      summary += ", \(low) ... \(high)"
    }
    return summary + "\n" + ArrayDescription(shape) { "\(indices[$0])" }.text
  }
}
