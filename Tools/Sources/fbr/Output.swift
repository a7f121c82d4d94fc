import ArgumentParser
import Autograd
import Backbone
import Datasets
import Foundation
import Pipeline
import TensorIO

/// Runs a command's work. An error in data ends the program with 65, one of the system with 74.
func endingOnDataErrors<Result>(_ work: () throws -> Result) throws -> Result {
  do {
    return try work()
  } catch
    where error is DatasetError || error is TensorIOError || error is WeightFileError
    || error is StateDictError || error is ONNXError
  {
    printError("\(error)")
    throw ExitCode(failureCode(of: error))
  }
}

/// What the program ends with: 74 where a file or folder cannot be read or written, 64 where the
/// command itself is wrong, else 65.
func failureCode(of error: any Error) -> Int32 {
  switch error {
  case let error as DatasetError: error.isInputOutput ? 74 : 65
  case let error as TensorIOError: error.isInputOutput ? 74 : 65
  case let error as RecipeError: error.isUsage ? 64 : error.isInputOutput ? 74 : 65
  case let error as PipelineError: error.kind == .files ? 74 : 65
  default: 65
  }
}

/// Runs a command's work on runs and models: errors in data end the program with 65, of files with
/// 74.
func endingOnPipelineErrors<Result>(_ work: () throws -> Result) throws -> Result {
  do {
    return try endingOnDataErrors(work)
  } catch  where !(error is ExitCode || error is ValidationError) {
    // Errors of the packages say themselves which file is wrong, and how.
    printError("\(error)")
    throw ExitCode(failureCode(of: error))
  }
}

/// Works, then reports, also of work that failed in part.
func reporting(_ work: () throws -> Void, report: () throws -> Void) throws {
  let outcome = Result(catching: work)
  do {
    try report()
  } catch {
    // The work's own error is told by who catches it.
    if case .failure = outcome { printError("\(error)") } else { throw error }
  }
  try outcome.get()
}

/// Text on standard error. Where that is closed or full, there is nobody to tell.
func writeError(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
}

/// A line, or several, on standard error.
func printError(_ text: String) { writeError("Error: \(text)\n") }

/// How far a long count is, on a terminal's last line; nowhere else.
struct CountLine {
  private let verb: String
  private let isTerminal = isatty(STDERR_FILENO) == 1

  init(_ verb: String) { self.verb = verb }

  func show(_ done: Int, of total: Int) { write("\r\(verb) \(done) of \(total)") }

  func clear() { write("\r\u{1b}[K") }

  private func write(_ text: String) {
    if isTerminal { writeError(text) }
  }
}

/// A line on standard error that tells what was done.
func printProgress(_ text: String) { writeError("\(text)\n") }

/// A value as indented JSON on standard output.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// A number and what it counts: `1 mask`, `2 masks`, `2 classes`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)" + (count == 1 ? "" : noun.hasSuffix("s") ? "es" : "s")
}
