/// The stages of a run, in order.
public enum StageName: String, CaseIterable, Codable, Sendable, Comparable {
  /// Trains a multi-label classifier.
  case classify
  /// Class activation maps of the training pictures.
  case cam
  /// Confident labels from those maps.
  case seed
  /// Trains AMN on the seeds with the FBR losses.
  case fbr
  /// Maps of that network.
  case activate
  /// Confident labels from the better maps.
  case relabel
  /// Trains the affinities between pixels.
  case boundary
  /// Pseudo masks: the maps, walked over the affinities.
  case propagate
  /// Trains the segmentation network on the pseudo masks.
  case segment
  /// Predictions for the validation pictures.
  case predict
  /// Scores of every stage against ground truth.
  case evaluate
  /// A page about the run.
  case report

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// Whether a stage comes before another.
  public static func < (lhs: StageName, rhs: StageName) -> Bool { lhs.order < rhs.order }
}
