extension Recipe {
  /// The stages that a run goes through, in order: the last four, and those whose files they read.
  public var stages: [StageName] {
    var needed: Set<StageName> = [.segment, .predict, .evaluate, .report]
    for name in StageName.allCases.reversed() where needed.contains(name) {
      needed.formUnion(stage(name).inputs)
    }
    return needed.sorted()
  }

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
