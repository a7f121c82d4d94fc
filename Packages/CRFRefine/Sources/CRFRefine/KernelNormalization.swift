/// How a kernel's messages are freed from how many similar pixels there are.
///
/// With n(p) the kernel's sum over all pixels, as filtered by the lattice.
public enum KernelNormalization: String, Sendable, Hashable, CaseIterable {
  /// Sums as they are.
  case none
  /// Each pixel's marginals are divided by n before the filter.
  case before
  /// Each pixel's message is divided by n after the filter: a weighted mean.
  case after
  /// Both are divided by the square root of n, pydensecrf's default.
  case symmetric

  var isBefore: Bool { self == .before || self == .symmetric }
  var isAfter: Bool { self == .after || self == .symmetric }
}
