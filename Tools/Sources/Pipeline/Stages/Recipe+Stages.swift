extension Recipe {
  /// The stage of a name, with its constants.
  func stage(_ name: StageName) -> any Stage {
    switch name {
    case .classify: ClassifyStage(recipe: self)
    case .cam: CAMStage(recipe: self)
    case .seed: SeedStage(recipe: self, name: .seed)
    case .fbr: FBRStage(recipe: self)
    case .activate: ActivateStage(recipe: self)
    case .relabel: SeedStage(recipe: self, name: .relabel)
    case .boundary: BoundaryStage(recipe: self)
    case .propagate: PropagateStage(recipe: self)
    case .segment: SegmentStage(recipe: self)
    case .predict: PredictStage(recipe: self)
    case .evaluate: EvaluateStage(recipe: self)
    case .report: ReportStage(recipe: self)
    }
  }
}
