internal import Foundation

// fuzz FORMAT|all [SECONDS [SEED [FOLDER]]]   or   fuzz FORMAT --file F
do {
  var arguments = Array(CommandLine.arguments.dropFirst())
  let names = Format.all.map(\.name).joined(separator: " ")
  guard !arguments.isEmpty else {
    throw Failure("usage: fuzz FORMAT|all [SECONDS [SEED [FOLDER]]]; formats: \(names)")
  }
  let name = arguments.removeFirst()
  let formats = Format.all.filter { $0.name == name || name == "all" }
  guard let format = formats.first else {
    throw Failure("no format \(name); there are: \(names)")
  }
  switch arguments.first {
  case "--file" where arguments.count == 2:
    try format.read(arguments[1])
    print("read")
  case "--worker" where arguments.count == 5:
    guard let first = Int(arguments[1]), let seconds = Double(arguments[2]),
      let seed = UInt64(arguments[3])
    else { throw Failure("--worker NUMBER SECONDS SEED FOLDER") }
    let folder = URL(fileURLWithPath: arguments[4])
    try Campaign(format: format, seconds: seconds, seed: seed, folder: folder).work(from: first)
  default:
    let seconds = arguments.first.map { Double($0) } ?? 60
    let seed = arguments.dropFirst().first.map { UInt64($0) } ?? 1
    guard let seconds, let seed else { throw Failure("SECONDS and SEED are numbers") }
    let folder = URL(fileURLWithPath: arguments.dropFirst(2).first ?? ".build-fuzz")
    let broken = try formats.reduce(0) {
      $0 + (try Campaign(format: $1, seconds: seconds, seed: seed, folder: folder).supervise())
    }
    exit(broken == 0 ? 0 : 1)
  }
} catch {
  FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
  exit(2)
}
