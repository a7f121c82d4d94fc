/// What kernels worked out from a weight and want again, such as oneDNN's blocked layout.
///
/// A form is kept from the second time it is asked for: a weight in training changes before that,
/// and would only hold twice its memory.
struct DerivedForms: Sendable {
  /// What a form is.
  enum Kind: Hashable, Sendable {
    /// The weight in the layout a oneDNN kernel works on.
    case oneDNN(layout: UInt64)
    /// The weight scaled by a batch norm.
    case normalized(epsilon: Float)
  }

  /// A form and the state of everything but the weight that it is made from.
  struct Key: Hashable, Sendable {
    private struct Source: Hashable, Sendable {
      let storage: Storage
      let version: Int

      static func == (lhs: Source, rhs: Source) -> Bool {
        lhs.storage === rhs.storage && lhs.version == rhs.version
      }
      func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(storage)) }
    }

    let kind: Kind
    private let sources: [Source]

    init(kind: Kind, sources: [Storage]) {
      self.kind = kind
      self.sources = sources.map { Source(storage: $0, version: $0.version) }
    }
  }

  // A network uses a weight in one or two forms; more would be old shapes'.
  private static let limit = 4
  private var entries: [(key: Key, form: Storage?)] = []

  func find(_ key: Key) -> Storage? { entries.first { $0.key == key }?.form }

  /// Remembers that a form was asked for; keeps it where that is not the first time.
  mutating func note(_ key: Key, _ form: Storage) {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].form = form
    } else {
      if entries.count == Self.limit { entries.removeFirst() }
      entries.append((key, nil))
    }
  }

  mutating func removeAll() { entries = [] }
}
