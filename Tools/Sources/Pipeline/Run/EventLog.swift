internal import Foundation

/// `log.jsonl`: what happened in a run, an object a line.
final class EventLog {
  /// A training step.
  struct Step: Codable {
    var stage: String
    var step: Int
    var epoch: Int
    var losses: [String: Float]
    var learningRate: Double
    var seconds: Double
  }

  private let path: String
  private var handle: FileHandle?

  init(_ path: String) { self.path = path }

  /// Appends a step.
  func append(_ step: Step) throws(PipelineError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do {
      if handle == nil {
        if !FileManager.default.fileExists(atPath: path) {
          try RunFolder.write(Data(), to: path)
        }
        handle = FileHandle(forUpdatingAtPath: path)
        try handle?.seekToEnd()
      }
      guard let handle else { throw PipelineError(.files, "cannot be opened") }
      try handle.write(contentsOf: encoder.encode(step) + Data([0x0A]))
    } catch {
      throw PipelineError(.files, "\(path): cannot be written: \(error)")
    }
  }

  /// Forgets a stage's steps from one on: they will be taken again.
  func truncate(_ stage: StageName, from step: Int) throws(PipelineError) {
    let steps = try Self.steps(path).filter { $0.stage != stage.rawValue || $0.step < step }
    try? handle?.close()
    handle = nil
    try Self.write(steps, to: path)
  }

  /// Writes a stage's steps to another log.
  func copy(_ stage: StageName, to other: String) throws(PipelineError) {
    try Self.write(try Self.steps(path).filter { $0.stage == stage.rawValue }, to: other)
  }

  private static func write(_ steps: [Step], to path: String) throws(PipelineError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var text = Data()
    for step in steps { text += ((try? encoder.encode(step)) ?? Data()) + Data([0x0A]) }
    try RunFolder.write(text, to: path)
  }

  /// The steps in a log; a line that a crash cut short is left out.
  static func steps(_ path: String) throws(PipelineError) -> [Step] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    let decoder = JSONDecoder()
    return data.split(separator: 0x0A).compactMap { try? decoder.decode(Step.self, from: $0) }
  }
}
