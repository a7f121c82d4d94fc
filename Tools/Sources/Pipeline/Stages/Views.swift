internal import Autograd
internal import Datasets
internal import Tensor

/// A picture at the scales of a recipe, ready for a network.
struct PictureViews: Sendable {
  let views: [InferenceView]
  let height: Int
  let width: Int

  init(_ image: Image, _ settings: ViewSettings, _ normalization: Normalization) {
    (height, width) = (image.height, image.width)
    let longest = max(height, width)
    let factor =
      settings.longSide > 0 && longest > 0 ? Double(settings.longSide) / Double(longest) : 1
    views = image.inferenceViews(
      scales: settings.scales.map { $0 * factor }, withFlips: settings.flip,
      normalization: normalization)
  }

  /// The mean over all views of what a network makes of them, at the picture's size.
  ///
  /// - Parameters:
  ///   - cells: Where the network's pixels lie in a view; `nil` stretches them to it, as is done
  ///     where no labels told them a place.
  ///   - channels: The channels wanted; all where `nil`.
  ///   - network: Makes maps `[1, h, w, C]`, here without gradients.
  /// - Returns: `[H, W, K]`.
  func mean(
    _ cells: CellGrid? = nil, channels: [Int]? = nil, _ network: (Variable) -> Variable
  ) -> Tensor {
    let maps = views.map { view -> Tensor in
      var map = withoutGradients { network(Variable(view.input)).value }
      if let channels {
        map = map.gather(IndexTensor(channels.map { Int32($0) }), axis: 3)
      }
      map =
        cells?.enlarged(
          map, from: (view.input.shape[1], view.input.shape[2]), to: (height, width))
        ?? map.resized(height: height, width: width)
      return view.isFlipped ? map.flipped([2]) : map
    }
    let sum = maps.dropFirst().reduce(maps[0]) { $0 + $1 }
    return (sum / Float(maps.count)).reshaped(height, width, -1)
  }
}
