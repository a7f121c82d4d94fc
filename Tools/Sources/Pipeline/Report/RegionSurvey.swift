internal import Autograd
internal import Backbone
internal import Contrast
internal import Datasets
internal import Foundation
internal import NROI
internal import Tensor

/// The negative regions of interest in the memory bank of `fbr`, seen in pictures.
///
/// The bank's rows are centroids of single images. They are grouped once more into a few regions;
/// some training pictures go through the network, and the background pixels nearest to a region
/// show what it stands for. The same pass gives the classes' prototypes.
struct RegionSurvey {
  /// A group of the bank's rows.
  struct Region {
    /// Its share of the bank's rows.
    let share: Double
    /// The nearest places in pictures, nearest first.
    var patches: [(id: String, image: Image)] = []
    /// Of its background pixels, the share in pictures of each class, 1...C at its index.
    var classShares: [Double]
  }

  /// The groups, largest first.
  private(set) var regions: [Region]
  /// The classes that have a prototype.
  let classes: [Int]
  /// The semantic graph: cosines of the prototypes with each other, then with the regions,
  /// `[P, P + R]`.
  let graph: Tensor
  /// How full the bank is.
  let bank: MemoryBank.Statistics
  /// How varied its rows are.
  let diversity: Diversity?
  /// Pictures that went through the network.
  let pictureCount: Int
  /// What the queries in them show; of pictures with a mask.
  let queries: QuerySurvey

  static let regionCount = 12
  static let patchCount = 6
  private static let pictureLimit = 96

  /// - Returns: `nil` where the recipe keeps no bank, or nothing entered it.
  init?(_ context: StageContext, _ source: any ImageSource) throws {
    let path = context.input(.fbr, "bank.safetensors")
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let memory = try MemoryBank(reading: path)
    guard memory.count > 0 else { return nil }
    bank = memory.statistics
    var generator = context.generator("regions")
    diversity = try memory.diversity(sample: 1024, using: &generator)
    let sample = generator.permutation(memory.count).indices.prefix(4096).sorted()
    let groups = try KMeans(clusters: Self.regionCount)
      .cluster(memory.rows.gatherRows(IndexTensor(Array(sample))), using: &generator)
    let sizes = groups.sizes
    let order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    let centroids = groups.centroids.gatherRows(IndexTensor(order.map { Int32($0) }))

    var pass = Pass(centroids, classCount: source.classes.count, context)
    try pass.see(source.records.chosen(Self.pictureLimit), source, context)
    pictureCount = pass.pictureCount
    queries = pass.queries
    regions = order.enumerated().map { region, group in
      Region(
        share: Double(sizes[group]) / Double(sample.count), classShares: pass.classShares(region))
    }
    classes = pass.prototypes.classes
    let all = Tensor(concatenating: [pass.prototypes.embeddings, centroids], axis: 0)
    let directions = all / ((all * all).sum([1], keepingAxes: true).squareRoot() + 1e-8)
    graph = directions.sliced(0..<classes.count, axis: 0)
      .matmul(directions, transposeOther: true)
    for region in regions.indices {
      regions[region].patches = try pass.nearest(region).map { place in
        (place.record.id, try Self.patch(place, source))
      }
    }
  }

  /// The surroundings of a place, a quarter of the picture's shorter side wide.
  private static func patch(_ place: Place, _ source: any ImageSource) throws -> Image {
    let image = try source.image(of: place.record)
    let side = max(min(image.height, image.width) / 4, 1)
    func start(_ share: Double, _ length: Int) -> Int {
      max(0, min(length - side, Int(share * Double(length)) - side / 2))
    }
    let region = PixelRegion(
      top: start(place.row, image.height), left: start(place.column, image.width), height: side,
      width: side)
    return image.cropped(to: region, fill: .imageNetMean).resized(height: 72, width: 72)
  }

  /// A pixel of the network's maps.
  private struct Place {
    let record: ImageRecord
    /// Shares of the picture's height and width.
    let row: Double
    let column: Double
    let distance: Float
  }

  /// One pass over pictures.
  private struct Pass {
    private let centroids: Tensor
    private let squares: [Float]
    private let classCount: Int
    private let settings: FBRSettings
    private let views: ViewSettings
    private var places: [[Place]]
    private var counts: [[Int]]
    private var totals: [Int]
    private var sums: [Int: Tensor] = [:]
    private var seen: [Int: Int] = [:]
    /// Pictures that went through the network.
    private(set) var pictureCount = 0
    private(set) var queries = QuerySurvey()

    init(_ centroids: Tensor, classCount: Int, _ context: StageContext) {
      (self.centroids, self.classCount) = (centroids, classCount)
      settings = context.recipe.fbr
      squares = (centroids * centroids).sum([1]).scalars
      places = Array(repeating: [], count: squares.count)
      counts = Array(
        repeating: Array(repeating: 0, count: classCount + 1), count: squares.count)
      totals = Array(repeating: 0, count: squares.count)
      var views = context.recipe.activate.views
      (views.scales, views.flip) = ([1], false)
      self.views = views
    }

    mutating func see(
      _ records: [ImageRecord], _ source: any ImageSource, _ context: StageContext
    ) throws {
      let random = RandomSource(context.generator("dropout"))
      let host = try context.recipe.fbr.host.make(
        context.recipe, classCount: classCount, random: random, context)
      try context.load(host.network, from: .fbr)
      let (views, normalization) = (views, context.normalization)
      let folder = context.folder.folder(of: .seed)
      try context.forEach(
        records, name: "report regions",
        // A picture that cannot be read shows nothing.
        load: { record -> (views: PictureViews, seeds: LabelMap?, mask: LabelMap?)? in
          guard let image = try? source.image(of: record) else { return nil }
          let seeds = try? LabelMap(contentsOf: "\(folder)/\(fileName(record.id, ".png"))")
          return (
            PictureViews(image, views, normalization), seeds, try? source.mask(of: record)
          )
        },
        finish: { record, loaded in
          guard let loaded else { return }
          pictureCount += 1
          let labels = Tensor.imageLabels(record.labels, classCount: classCount)
          let input = loaded.views.views[0].input
          func sized(_ map: LabelMap) -> LabelMap {
            let map = map.resizedNearestExact(height: input.shape[1], width: input.shape[2])
            return LabelMap(map.labels, shape: [1, input.shape[1], input.shape[2]])
          }
          let (seeds, embeddings) = try withoutGradients {
            try host.seen(Variable(input), labels: labels, seeds: loaded.seeds.map(sized))
          }
          add(record, seeds, embeddings)
          if let mask = loaded.mask {
            let truth = sized(mask)
              .atCells(height: seeds.labels.shape[1], width: seeds.labels.shape[2])
            queries.add(seeds, settings.loss, truth: truth)
          }
        })
    }

    private mutating func add(
      _ record: ImageRecord, _ map: SeedMap, _ embeddings: FBREmbeddings
    ) {
      let prototypes = Prototypes(
        features: embeddings.foreground.value, seeds: map, divisor: settings.loss.prototypeDivisor)
      for (row, label) in prototypes.classes.enumerated() {
        let one = prototypes.embeddings.sliced(row..<row + 1, axis: 0)
        sums[label] = sums[label].map { $0 + one } ?? one
        seen[label, default: 0] += 1
      }
      let background = settings.heads == .dual ? embeddings.background : embeddings.foreground
      let (height, width) = (background.value.shape[1], background.value.shape[2])
      let rows = background.value.reshaped(height * width, -1)
      let products = rows.matmul(centroids, transposeOther: true)
      var nearest: [Int: Place] = [:]
      products.withScalars { products in
        for pixel in 0..<height * width where map.labels.labels[pixel] == 0 {
          // The pixel's own square is the same for all: it is added only where pixels compare.
          func distance(_ region: Int) -> Float {
            squares[region] - 2 * products[pixel * squares.count + region]
          }
          guard let region = squares.indices.min(by: { distance($0) < distance($1) }) else {
            continue
          }
          totals[region] += 1
          for label in record.labels { counts[region][label] += 1 }
          let own = rows.sliced(pixel..<pixel + 1, axis: 0)
          let whole = distance(region) + (own * own).sum().scalar
          if whole < nearest[region]?.distance ?? .infinity {
            nearest[region] = Place(
              record: record, row: (Double(pixel / width) + 0.5) / Double(height),
              column: (Double(pixel % width) + 0.5) / Double(width), distance: whole)
          }
        }
      }
      for (region, place) in nearest { places[region].append(place) }
    }

    /// The mean of the pictures' prototypes.
    var prototypes: Prototypes {
      let classes = sums.keys.sorted()
      let means = classes.compactMap { label in
        sums[label].map { $0 / Float(seen[label] ?? 1) }
      }
      return Prototypes(
        classes: classes,
        embeddings: means.isEmpty
          ? .zeros([0, centroids.shape[1]]) : Tensor(concatenating: means, axis: 0))
    }

    func classShares(_ region: Int) -> [Double] {
      counts[region].map { Double($0) / Double(max(totals[region], 1)) }
    }

    /// The nearest places, one a picture.
    func nearest(_ region: Int) -> [Place] {
      Array(
        places[region].sorted {
          ($0.distance, $0.record.id) < ($1.distance, $1.record.id)
        }.prefix(RegionSurvey.patchCount))
    }
  }
}
