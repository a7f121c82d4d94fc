internal import Autograd
internal import Tensor

/// The rows that foreground queries are pushed away from, and how they are drawn.
struct BackgroundNegatives {
  private let rows: Tensor
  /// The rows that may be drawn; `nil` means the first `count`.
  private let allowed: [Int32]?
  private let count: Int

  init(
    _ configuration: FBRConfiguration, background: Tensor, seeds: SeedMap, bank: Tensor,
    bankCount: Int
  ) {
    let depth = background.shape[3]
    switch configuration.background {
    case .regions:
      check(
        bank.rank == 2 && bank.shape[1] == depth && bankCount >= 0 && bankCount <= bank.shape[0],
        "FBRLoss: \(bankCount) filled rows of a bank \(bank.shape), expected [M, \(depth)]")
      (rows, allowed, count) = (bank, nil, bankCount)
    case .pixels:
      let pixels = Self.pixels(seeds)
      (rows, allowed, count) = (background, pixels, pixels.count)
    case .prototype:
      let pixels = Self.pixels(seeds)
      var mean = [Double](repeating: 0, count: depth)
      background.withScalars { span in
        for pixel in pixels {
          for d in 0..<depth {
            mean[d] += Double(span[Int(pixel) * depth + d]) / Double(pixels.count)
          }
        }
      }
      rows = Tensor(mean.map(Float.init), shape: [1, depth])
      (allowed, count) = (nil, pixels.isEmpty ? 0 : 1)
    case .none:
      (rows, allowed, count) = (.zeros([0, depth]), nil, 0)
    }
  }

  private static func pixels(_ seeds: SeedMap) -> [Int32] {
    seeds.labels.labels.indices.filter { seeds.labels.labels[$0] == 0 }.map(Int32.init)
  }

  /// The contrast of the queries with drawn rows; 0 without rows.
  func contrast(
    _ features: Variable, queries: Queries, prototypes: Prototypes,
    _ configuration: FBRConfiguration, using generator: inout PhiloxGenerator
  ) -> Variable {
    guard count > 0 else { return Variable(Tensor(0)) }
    var draws = NegativeDraws.uniform(
      configuration.background == .prototype ? 1 : configuration.negatives, of: count,
      for: queries, sampling: configuration.sampling, using: &generator)
    if let allowed {
      draws = NegativeDraws(
        lists: IndexTensor(
          draws.lists.indices.map { allowed[Int($0)] }, shape: draws.lists.shape),
        listOfQuery: draws.listOfQuery)
    }
    return infoNCE(
      features, queries: queries, prototypes: prototypes, negatives: rows, draws: draws,
      temperature: configuration.temperature, axis: configuration.reference ? .keys : .features)
  }
}
