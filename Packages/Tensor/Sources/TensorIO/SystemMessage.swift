internal import Foundation

/// The system's words for the last failed call on this thread.
public func systemMessage() -> String { unsafe String(cString: strerror(errno)) }
