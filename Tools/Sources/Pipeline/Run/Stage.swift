internal import Foundation

/// A step of the method: reads files of the run, writes files of the run.
///
/// A stage that is interrupted is run again on the same folder, and goes on where it stopped: it
/// skips what its folder holds. Nothing in the folder is older than its settings and inputs.
public protocol Stage {
  /// Its name, which is also its folder's.
  var name: StageName { get }
  /// Stages whose files it reads.
  var inputs: [StageName] { get }
  /// Stages that it tells of as far as they are.
  var optionalInputs: [StageName] { get }
  /// What it reads of the data set.
  var data: [DataPart] { get }
  /// The sections of the recipe that it reads, by key.
  var settings: [String: any Settings] { get }
  /// Keys of these settings, or of sections of them, that its result does not depend on.
  var unread: [String] { get }
  /// Files outside of the run that it reads, by the key that names them.
  var files: [String: String] { get }
  /// Raised where a change of the code changes results.
  var codeVersion: Int { get }
  /// Files of its folder that are of no use to others, such as checkpoints.
  var privateFiles: Set<String> { get }

  /// Does the work.
  ///
  /// - Parameter context: The run.
  /// - Returns: Figures worth telling, by name.
  /// - Throws: What stops it.
  func run(_ context: StageContext) throws -> [String: Double]
}

extension Stage {
  /// None.
  public var inputs: [StageName] { [] }
  /// None.
  public var optionalInputs: [StageName] { [] }
  /// Nothing.
  public var data: [DataPart] { [] }
  /// None.
  public var unread: [String] { [] }
  /// None.
  public var files: [String: String] { [:] }
  /// The first.
  public var codeVersion: Int { 1 }
  /// The trainer's.
  public var privateFiles: Set<String> { [TrainingCheckpoint.fileName] }
}

extension Stage {
  /// What its result depends on, given the hashes of what it reads.
  func basis(inputs: [String: String], _ recipe: Recipe) -> StageBasis {
    var values = ["randomSeed": "\(recipe.randomSeed)"]
    for (key, section) in settings {
      values.merge(section.flattened(key)) { first, _ in first }
    }
    // What a file holds counts, not where it lies, and where a stage reads none not even that.
    values = values.filter { key, _ in
      !key.hasSuffix("network.weights") && files[key] == nil
        && !unread.contains { key == $0 || key.hasPrefix("\($0).") }
    }
    return StageBasis(code: codeVersion, settings: values, inputs: inputs)
  }
}

/// A part of a data set that a stage may read.
public enum DataPart: String, Sendable, CaseIterable {
  /// Pictures and image-level labels of the training list.
  case train
  /// Saliency maps of the training list.
  case trainSaliency
  /// Pictures and image-level labels of the validation list.
  case validation
  /// Pixel masks of the training list: ground truth.
  case trainMasks
  /// Pixel masks of the validation list: ground truth.
  case validationMasks
}

extension Settings {
  /// Every value by its key, as text; keys joined by dots.
  func flattened(_ prefix: String) -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self),
      let object = try? JSONSerialization.jsonObject(with: data)
    else { return [:] }
    var values: [String: String] = [:]
    func add(_ value: Any, _ key: String) {
      if let section = value as? [String: Any] {
        for (name, inner) in section { add(inner, "\(key).\(name)") }
      } else if let list = value as? [Any] {
        values[key] = "[" + list.map { "\($0)" }.joined(separator: ", ") + "]"
      } else {
        values[key] = "\(value)"
      }
    }
    add(object, prefix)
    return values
  }
}
