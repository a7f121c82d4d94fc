enum Recording {
  @TaskLocal static var isEnabled = true
  @TaskLocal static var isRecomputing = false
}

/// Runs `body` without recording operations: no graph, and no memory kept for backward.
///
/// Holds for the current task and its children, for the time of the call.
///
/// - Parameter body: Computes; variables it makes from others require no gradient.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try Recording.$isEnabled.withValue(false, operation: body)
}

/// Whether the current task computes a block of `checkpoint` again during backward.
///
/// A layer that counts what it sees, as batch norm does in its running statistics, must not count
/// it twice.
public var isRecomputing: Bool { Recording.isRecomputing }
