public import Foundation
public import Tensor

/// Numbers of a peer library, stored as JSON by a committed `golden*.py` script.
///
/// `{"versions": {...}, "cases": [{"name": ..., "attributes": {...}, "tensors": {...}}]}`, as
/// `Tests/Golden/golden_file.py` writes it.
public struct GoldenFile: Decodable, Sendable {
  /// An array: its sizes and its values, row-major.
  struct Array: Decodable, Sendable {
    let shape: [Int]
    let values: [Float]
  }

  /// One computation of the peer: what went in and what came out.
  public struct Case: Decodable, Sendable {
    /// What the case is about; unique in its file.
    public let name: String
    /// Numbers that parametrise the computation, such as `stride`.
    public let attributes: [String: Double]
    let tensors: [String: Array]

    /// An array of the case.
    ///
    /// - Precondition: The case holds an array of that name.
    public subscript(tensor: String) -> Tensor {
      guard let array = tensors[tensor] else {
        fatalError("golden case '\(name)' has no tensor '\(tensor)'")
      }
      return Tensor(array.values, shape: Shape(array.shape))
    }

    /// Whether the case holds an array of that name.
    public func has(_ tensor: String) -> Bool { tensors[tensor] != nil }

    /// A whole-number attribute.
    ///
    /// - Precondition: The case has an attribute of that name.
    public func integer(_ attribute: String) -> Int { Int(number(attribute)) }

    /// An attribute.
    ///
    /// - Precondition: The case has an attribute of that name.
    public func number(_ attribute: String) -> Double {
      guard let value = attributes[attribute] else {
        fatalError("golden case '\(name)' has no attribute '\(attribute)'")
      }
      return value
    }
  }

  /// The versions of the libraries that made the numbers.
  public let versions: [String: String]
  /// The cases, in the script's order.
  public let cases: [Case]

  /// Reads `Golden/<name>.json` from a test target's bundle: `try GoldenFile("pooling", in: .module)`.
  ///
  /// - Throws: Where the file is missing or is not of this format.
  public init(_ name: String, in bundle: Bundle) throws {
    let url = bundle.bundleURL.appendingPathComponent("Golden/\(name).json")
    self = try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: url))
  }

  /// The case of that name.
  ///
  /// - Precondition: The file holds it.
  public subscript(name: String) -> Case {
    guard let found = cases.first(where: { $0.name == name }) else {
      fatalError("golden file has no case '\(name)'; it has \(cases.map(\.name))")
    }
    return found
  }
}
