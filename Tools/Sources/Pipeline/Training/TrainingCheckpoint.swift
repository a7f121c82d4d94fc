internal import Autograd
internal import Foundation
internal import Tensor
internal import TensorIO

/// Everything that training needs to go on with the same bits: weights, the optimiser's state, the
/// moving average, the step, and what a stage adds, such as a memory bank.
struct TrainingCheckpoint {
  static let fileName = "checkpoint.safetensors"
  private static let advice = "remove it to train from the start"

  var step: Int
  var model: [String: Tensor]
  var optimizer: OptimizerState
  var average: [String: Tensor]
  /// What a stage keeps beside the trainer.
  var extras: [String: NumericArray]

  func write(to path: String) throws(TensorIOError) {
    var arrays: [String: NumericArray] = [:]
    func add(_ part: String, _ tensors: [String: Tensor]) {
      for (name, tensor) in tensors { arrays["\(part)/\(name)"] = NumericArray(tensor) }
    }
    add("model", model)
    add("optimizer", optimizer.tensors)
    add("average", average)
    for (name, array) in extras { arrays["extra/\(name)"] = array }
    for (name, count) in optimizer.counts {
      arrays["counts/\(name)"] = NumericArray(integers: [count], shape: [])
    }
    try SafetensorsFile(arrays, metadata: ["step": "\(step)"]).write(to: path)
  }

  init(
    step: Int, model: [String: Tensor], optimizer: OptimizerState, average: [String: Tensor],
    extras: [String: NumericArray]
  ) {
    (self.step, self.model, self.optimizer) = (step, model, optimizer)
    (self.average, self.extras) = (average, extras)
  }

  /// Reads a checkpoint; `nil` where there is none.
  init?(contentsOf path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try SafetensorsFile(reading: path)
    guard let step = file.metadata["step"].flatMap({ Int($0) }) else {
      throw PipelineError(
        .data, "\(path): names no step, so it is no checkpoint of training; \(Self.advice)")
    }
    self.step = step
    model = [:]
    average = [:]
    extras = [:]
    optimizer = OptimizerState(tensors: [:], counts: [:])
    for (name, array) in file.arrays {
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw PipelineError(
          .data, "\(path): holds '\(name)', which no checkpoint has; \(Self.advice)")
      }
      let key = parts[1]
      switch parts[0] {
      case "model": model[key] = array.tensor
      case "average": average[key] = array.tensor
      case "optimizer": optimizer.tensors[key] = array.tensor
      case "extra": extras[key] = array
      case "counts": optimizer.counts[key] = array.integers?.first ?? 0
      default:
        throw PipelineError(
          .data, "\(path): holds '\(name)', which no checkpoint has; \(Self.advice)")
      }
    }
  }
}
