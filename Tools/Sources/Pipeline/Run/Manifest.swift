internal import Foundation

/// What the stages of a run were made from, and what became of them.
public struct Manifest: Codable, Sendable, Equatable {
  /// A stage's entry.
  public struct Entry: Codable, Sendable, Equatable {
    /// How far a stage is.
    public enum State: String, Codable, Sendable {
      /// Begun; what its folder holds belongs to `basis`.
      case begun
      /// Finished.
      case done
    }

    /// How far it is.
    public var state: State
    /// What it was made from.
    public var basis: StageBasis
    /// The hash of what it wrote.
    public var outputs: String?
    /// Names, sizes and times of what it wrote, to see quickly that nobody changed it.
    public var stamp: String?
    /// Seconds of all processes that worked on it.
    public var seconds: Double
    /// Seconds of all cores together.
    public var cpuSeconds: Double
    /// The most memory a process held.
    public var peakMiB: Double
    /// When it ended, in ISO 8601.
    public var finished: String?
    /// The program that ended it.
    public var version: String
    /// Numbers it found worth telling.
    public var figures: [String: Double]
    /// What it warned of; `nil` where of nothing.
    public var warnings: [String]?
    /// The machine that worked on it last.
    public var machine: String?

    func json() throws(PipelineError) -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      guard let data = try? encoder.encode(self) else {
        throw PipelineError(.files, "the manifest holds numbers that are none")
      }
      return data
    }
  }

  /// The state of a file, a folder or a part of the data set that stages read.
  public struct Source: Codable, Sendable, Equatable {
    /// Names, sizes and times: where they are the same, nobody changed it.
    public var stamp: String
    /// The hash of what it holds.
    public var content: String
  }

  /// The stages that were begun.
  public var stages: [String: Entry] = [:]
  /// What stages that were begun anew made before, kept until they are done.
  public var earlier: [String: Entry]?
  /// What stages read from outside of the run, by what it is; `nil` where nothing yet.
  public var sources: [String: Source]?

  /// The entry of a stage.
  public subscript(stage: StageName) -> Entry? {
    get { stages[stage.rawValue] }
    set { stages[stage.rawValue] = newValue }
  }

  init() {}

  /// Reads the manifest of a run; one that is missing is empty.
  ///
  /// - Throws: `PipelineError` where the file is there but broken.
  public init(contentsOf path: String) throws(PipelineError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch is DecodingError {
      throw PipelineError(
        .data,
        "\(path): is no manifest of a run, or damaged; put it back, or begin in another folder")
    } catch {
      throw PipelineError(.files, "\(path): cannot be read")
    }
  }

  func write(to path: String) throws(PipelineError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      throw PipelineError(.files, "\(path): the manifest holds numbers that are none")
    }
    try RunFolder.write(data, to: path)
  }
}

/// Everything a stage's result depends on.
public struct StageBasis: Codable, Sendable, Equatable {
  /// The number of the stage's code; raised where a change of code changes results.
  public var code: Int
  /// Every setting it reads, by key.
  public var settings: [String: String]
  /// Hashes of what it reads, by what it is.
  public var inputs: [String: String]

  /// How this differs from an earlier basis, for people; empty where it does not.
  func changes(since old: StageBasis) -> [String] {
    var changes: [String] = []
    if code != old.code { changes.append("its code changed") }
    for key in Set(settings.keys).union(old.settings.keys).sorted()
    where settings[key] != old.settings[key] {
      changes.append(
        "\(key) is \(settings[key] ?? "gone"), was \(old.settings[key] ?? "not there")")
    }
    for name in Set(inputs.keys).union(old.inputs.keys).sorted()
    where inputs[name] != old.inputs[name] {
      changes.append("\(name) changed")
    }
    return changes
  }
}
