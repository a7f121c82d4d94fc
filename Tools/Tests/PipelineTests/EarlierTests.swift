import Foundation
import Pipeline
import Testing

/// What a run keeps of a stage that begins anew, and of what is not its own.
@Suite("Run, earlier results", .serialized)
struct EarlierTests {
  private let diverging = [
    "classify.training.learningRate=1e30", "classify.training.headLearningRate=1e30",
  ]

  private func log(_ tiny: TinyRun) throws -> String {
    try String(contentsOfFile: tiny.folder + "/a/log.jsonl", encoding: .utf8)
  }

  private func files(_ tiny: TinyRun) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: tiny.folder + "/a"))
  }

  @Test("a setting that cannot be followed costs nothing that is done")
  func typos() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let first = try tiny.execute(tiny.recipe(), in: "a", [.classify, .cam])
    let (steps, content) = (try log(tiny), try files(tiny))
    try Data("x".utf8).write(to: URL(fileURLWithPath: tiny.folder + "/bad.pth"))
    for settings in [
      ["network.weights=\(tiny.folder)/nope.pth"], ["network.weights=\(tiny.folder)/bad.pth"],
      ["data.root=/nowhere"], diverging,
    ] {
      #expect(throws: (any Error).self) {
        try tiny.execute(tiny.recipe(settings), in: "a", [.classify])
      }
      let manifest = try Manifest(contentsOf: tiny.folder + "/a/manifest.json")
      #expect(manifest.stages == first.stages && manifest.earlier == nil, "\(settings)")
      #expect(try log(tiny) == steps)
      #expect(try files(tiny).subtracting(["not-finite.json"]) == content)
      let stored = try Recipe(contentsOf: tiny.folder + "/a/run.yaml")
      #expect(try stored == tiny.recipe())
    }
    // Once it has a checkpoint it goes on; the first settings bring back what there was.
    let late = diverging + ["classify.training.checkpointSteps=1"]
    #expect(throws: PipelineError.self) {
      try tiny.execute(tiny.recipe(late), in: "a", [.classify])
    }
    #expect(try Manifest(contentsOf: tiny.folder + "/a/manifest.json").earlier?.count == 1)
    #expect(try tiny.execute(tiny.recipe(), in: "a", [.classify, .cam]).stages == first.stages)
    #expect(try log(tiny) == steps)
    let other = try tiny.recipe(["classify.training.headLearningRate=2e-3"])
    #expect(try tiny.execute(other, in: "a", [.classify]).earlier == nil)
    #expect(try files(tiny).subtracting(["not-finite.json"]) == content)
  }

  @Test("killed while a stage begins anew, a run has what the stage made before")
  func kills() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let first = try tiny.execute(tiny.recipe(), in: "a", [.classify])
    let steps = try log(tiny)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<12 {
      let process = try tiny.start([
        "run", tiny.recipePath, "--run", tiny.folder + "/a", "--to", "classify", "--set",
        "classify.training.headLearningRate=2e-3", "classify.training.steps=2000",
      ])
      usleep(.random(in: 10_000...200_000, using: &random))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if Bool.random(using: &random) { continue }
      #expect(try tiny.execute(tiny.recipe(), in: "a", [.classify]).stages == first.stages)
    }
    let last = try tiny.execute(tiny.recipe(), in: "a", [.classify])
    #expect(last.stages == first.stages && last.earlier == nil)
    #expect(try log(tiny) == steps)
  }

  @Test("folders that no run made are refused, and what a link leads to is left alone")
  func foreign() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let (manager, thesis) = (FileManager.default, tiny.folder + "/thesis")
    func write(_ path: String) throws {
      try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/thesis.tex"))
    }
    try write(thesis + "/report")
    #expect { _ = try RunFolder(thesis) } throws: { "\($0)".contains("so it is no run") }
    #expect(try manager.contentsOfDirectory(atPath: thesis) == ["report"])

    let first = try tiny.execute(tiny.recipe(), in: "a", [.classify])
    try write(tiny.folder + "/a/cam")
    #expect {
      _ = try tiny.execute(tiny.recipe(["randomSeed=2"]), in: "a", [.classify, .cam])
    } throws: { error in
      "\(error)".contains("is in the place of the stage cam, but no stage of this run made it")
    }
    #expect(try Manifest(contentsOf: tiny.folder + "/a/manifest.json") == first)
    try manager.removeItem(atPath: tiny.folder + "/a/cam")
    try manager.createSymbolicLink(
      atPath: tiny.folder + "/a/cam", withDestinationPath: thesis + "/report")
    #expect(throws: PipelineError.self) { try tiny.execute(tiny.recipe(), in: "a", [.cam]) }
    try manager.removeItem(atPath: tiny.folder + "/a/cam")

    // A stage that lies elsewhere through a link begins anew here.
    _ = try tiny.execute(tiny.recipe(), in: "a", [.cam])
    try manager.moveItem(atPath: tiny.folder + "/a/cam", toPath: thesis + "/cam")
    try manager.createSymbolicLink(
      atPath: tiny.folder + "/a/cam", withDestinationPath: thesis + "/cam")
    let count = try manager.contentsOfDirectory(atPath: thesis + "/cam").count
    _ = try tiny.execute(tiny.recipe(["cam.normPower=1"]), in: "a", [.cam])
    #expect(try manager.contentsOfDirectory(atPath: thesis + "/cam").count >= count)
    #expect(try manager.contentsOfDirectory(atPath: thesis + "/report") == ["thesis.tex"])
  }

  @Test("stages that were made with other settings are told of, now and in the report")
  func outdated() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    _ = try tiny.execute(tiny.recipe(), in: "a")
    _ = try tiny.execute(tiny.recipe(["predict.views.scales=[0.5]"]), in: "a", [.predict])
    let told = "predict.views.scales is [1], was [0.5]"
    let messages = Messages()
    _ = try tiny.execute(tiny.recipe(), in: "a", [.evaluate, .report], console: messages.console)
    #expect(
      messages.texts.filter { $0.hasPrefix("predict was not made") } == [
        "predict was not made as the recipe now says, and is taken as it is: \(told)"
      ])
    func page() throws -> String {
      try String(contentsOfFile: tiny.folder + "/a/report/index.html", encoding: .utf8)
    }
    #expect(try page().contains("predict: was not made as the recipe of this page says"))
    #expect(try page().contains(told))
    let mended = Messages()
    _ = try tiny.execute(tiny.recipe(), in: "a", console: mended.console)
    #expect(!mended.texts.contains { $0.contains("was not made") })
    #expect(try !page().contains("was not made"))
  }

  @Test("a closed terminal ends a run in order; forced, it goes on from there")
  func hangUp() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe([
      "classify.training.steps=40", "classify.training.checkpointSteps=1000",
    ])
    let first = try tiny.execute(recipe, in: "a", [.classify])
    let process = try tiny.start([
      "stage", "classify", "--run", tiny.folder + "/a", "--force", "--quiet",
    ])
    // It has begun anew once the log has less steps.
    for _ in 0..<2000 {
      let count = try log(tiny).split(separator: "\n").count
      if (3...30).contains(count) { break }
      usleep(5000)
    }
    kill(process.processIdentifier, SIGHUP)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let messages = Messages()
    let folder = try RunFolder(tiny.folder + "/a")
    try Run(recipe, in: folder, console: messages.console)
      .execute([.classify], forcing: [.classify])
    #expect(messages.texts.contains("classify: goes on"))
    let last = try Manifest(contentsOf: folder.manifestPath)
    #expect(last.stages["classify"]?.outputs == first.stages["classify"]?.outputs)
  }
}
