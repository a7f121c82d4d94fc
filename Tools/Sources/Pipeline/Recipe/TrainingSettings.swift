/// How a stage trains: batches, optimiser, schedule.
public struct TrainingSettings: Settings {
  /// An optimiser.
  public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
    /// With momentum.
    case sgd
    /// Decay added to the gradient.
    case adam
    /// Decay apart from the gradient.
    case adamw
  }

  /// Passes over the training list.
  public var epochs = 5
  /// Steps instead of epochs; 0: by epochs.
  public var steps = 0
  /// Pictures a step.
  public var batchSize = 16
  /// Parts that a batch is cut into, one after the other, to save memory.
  public var accumulation = 1
  /// The optimiser.
  public var optimizer = OptimizerKind.sgd
  /// The backbone's learning rate at the start.
  public var learningRate = 0.1
  /// The learning rate of new layers.
  public var headLearningRate = 1.0
  /// SGD's momentum.
  public var momentum = 0.9
  /// Decay of all weights.
  public var weightDecay = 1e-4
  /// The exponent of the polynomial schedule.
  public var power = 0.9
  /// Steps in which the rate rises from 0.
  public var warmUpSteps = 0
  /// The largest norm of all gradients together; 0: no limit.
  public var clipNorm = 0.0
  /// The share of the old value in each step of the moving average of the weights; 0: none is kept.
  public var averaging = 0.0
  /// Whether later stages take the moving average instead of the last weights.
  public var usesAverage = false
  /// Steps between checkpoints.
  public var checkpointSteps = 50

  /// Creates the classifier's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    // Their products with each other and with the number of pictures are whole numbers still.
    rules.require((1...1_000_000).contains(epochs), "epochs", epochs, expected: "1...1000000")
    rules.require(
      (0...1_000_000_000).contains(steps), "steps", steps, expected: "0...1000000000")
    rules.require((1...65_536).contains(batchSize), "batchSize", batchSize, expected: "1...65536")
    rules.require(
      accumulation >= 1 && batchSize >= 1 && batchSize % accumulation == 0, "accumulation",
      accumulation, expected: "a divisor of batchSize, \(batchSize)")
    rules.requireNotNegative("learningRate", learningRate)
    rules.requireNotNegative("headLearningRate", headLearningRate)
    rules.require((0..<1).contains(momentum), "momentum", momentum, expected: "0 up to 1")
    rules.requireNotNegative("weightDecay", weightDecay)
    rules.requireNotNegative("power", power)
    rules.require(warmUpSteps >= 0, "warmUpSteps", warmUpSteps, expected: "0 or more")
    rules.requireNotNegative("clipNorm", clipNorm)
    rules.require((0..<1).contains(averaging), "averaging", averaging, expected: "0 up to 1")
    rules.require(
      !usesAverage || averaging > 0, "usesAverage", usesAverage, expected: "averaging above 0")
    rules.requirePositive("checkpointSteps", checkpointSteps)
  }
}
