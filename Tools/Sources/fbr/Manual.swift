import ArgumentParser
import Foundation
import Pipeline
import TensorIO

/// Writes the manual pages from the help texts; `make install` calls it.
struct Manual: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Write the manual: a page for the program and for each of its commands.",
    discussion: """
      EXAMPLES
        fbr manual man1 && man -l man1/fbr-crf.1
      """,
    shouldDisplay: false)

  @Argument(help: "The folder for the pages, fbr.1, fbr-crf.1 and so on.", completion: .directory)
  var folder: String

  func run() throws {
    try endingOnPipelineErrors {
      let help = try JSONDecoder().decode(ToolHelp.self, from: Data(FBR._dumpHelp().utf8))
      let results = try ResultFiles(folder, isFolder: true)
      for page in ManualPage.pages(of: help.command, above: []) {
        try AtomicFile.write(
          results.file(page.name, "1"), [Bytes(Array(page.text(version: Run.version).utf8))])
      }
    }
  }
}

/// What argument-parser tells of a program.
private struct ToolHelp: Decodable {
  let command: CommandHelp
}

private struct CommandHelp: Decodable {
  let commandName: String
  let abstract, discussion: String?
  let shouldDisplay: Bool?
  let arguments: [ArgumentHelp]?
  let subcommands: [CommandHelp]?

  struct ArgumentHelp: Decodable {
    struct Name: Decodable {
      let kind, name: String

      var text: String { (kind == "long" ? "--" : "-") + name }
    }

    let kind: String
    let names: [Name]?
    let preferredName: Name?
    let valueName, abstract, discussion, defaultValue, sectionTitle: String?
    let isOptional, isRepeating, shouldDisplay: Bool?

    private var value: String { kind == "flag" ? "" : "<\(valueName ?? "value")>" }

    /// As in a synopsis.
    var usage: String {
      let name = preferredName?.text ?? ""
      let plain =
        [name, value].filter { !$0.isEmpty }.joined(separator: " ")
        + (isRepeating == true ? " ..." : "")
      return isOptional == true ? "[\(plain)]" : plain
    }

    /// All names, and the value.
    var heading: String {
      let names = (names ?? []).map(\.text).joined(separator: ", ")
      return [names, value].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// What it means, and its default.
    var text: String {
      let parts = [abstract, discussion].compactMap { $0 }
      return (parts + (defaultValue.map { ["(default: \($0))"] } ?? [])).joined(separator: " ")
    }
  }
}

/// The page of one command in the language of man.
private struct ManualPage {
  private let command: CommandHelp
  private let words: [String]

  /// The pages of a command and of all below it.
  static func pages(of command: CommandHelp, above: [String]) -> [ManualPage] {
    guard command.shouldDisplay != false, command.commandName != "help" else { return [] }
    let words = above + [command.commandName]
    return [ManualPage(command: command, words: words)]
      + (command.subcommands ?? []).flatMap { pages(of: $0, above: words) }
  }

  var name: String { words.joined(separator: "-") }

  private var arguments: [CommandHelp.ArgumentHelp] {
    (command.arguments ?? []).filter { $0.shouldDisplay != false }
  }

  private var subcommands: [CommandHelp] {
    (command.subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
  }

  func text(version: String) -> String {
    var lines = [
      ".TH \(escaped(name.uppercased())) 1 \"\" \"fbr \(version)\" \"fbr manual\"", ".SH NAME",
      "\(escaped(name)) \\- \(escaped(command.abstract ?? ""))", ".SH SYNOPSIS",
      ".B \(escaped(words.joined(separator: " ")))",
      escaped(
        (subcommands.isEmpty ? arguments.map(\.usage) : ["<command>", "..."])
          .joined(separator: " ")),
    ]
    let parts = (command.discussion ?? "").components(separatedBy: "EXAMPLES\n")
    let description = parts[0].trimmingCharacters(in: .whitespacesAndNewlines)
    if !description.isEmpty {
      lines.append(".SH DESCRIPTION")
      lines += description.components(separatedBy: "\n\n").flatMap { [".PP", escaped($0)] }
    }
    if !subcommands.isEmpty {
      lines.append(".SH COMMANDS")
      for command in subcommands {
        lines += [
          ".TP", ".BR \(escaped("\(name)-\(command.commandName)")) (1)",
          escaped(command.abstract ?? ""),
        ]
      }
    }
    var section: String?
    if !arguments.isEmpty { lines.append(".SH OPTIONS") }
    // Titled groups behind those without a title.
    for argument in arguments.filter({ $0.sectionTitle == nil })
      + arguments.filter({ $0.sectionTitle != nil })
    {
      if argument.sectionTitle != section, let title = argument.sectionTitle {
        lines.append(".SS \(escaped(title))")
      }
      section = argument.sectionTitle
      lines += [".TP", ".B \(escaped(argument.heading))", escaped(argument.text)]
    }
    if parts.count > 1 {
      lines +=
        [".SH EXAMPLES", ".nf"] + parts[1].components(separatedBy: "\n").map(escaped)
        + [".fi"]
    }
    lines += [
      ".SH EXIT STATUS",
      "0 done, 64 wrong usage, 65 input data that cannot be worked with, 74 a file or folder that "
        + "cannot be read or written, 130 stopped on request.",
      ".SH ENVIRONMENT", ".TP", ".B FBR_THREADS",
      "Threads of all kernels; \\-\\-threads goes before it.",
    ]
    if words.count > 1 {
      lines += [".SH SEE ALSO", ".BR \(escaped(words.dropLast().joined(separator: "-"))) (1)"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text as it is, whatever it holds.
  private func escaped(_ text: String) -> String {
    let safe = text.replacingOccurrences(of: "\\", with: "\\e")
      .replacingOccurrences(of: "-", with: "\\-")
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
  }
}
