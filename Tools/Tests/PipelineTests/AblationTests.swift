import Foundation
import Pipeline
import Testing

@Suite("Ablation")
struct AblationTests {
  @Test("variants share what they have in common, and each has its row")
  func shares() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    _ = try tiny.recipe()
    var plan = AblationPlan()
    try plan.vary("fbr.contrast=true,false")
    (plan.seeds, plan.seedKey) = (2, "fbr.randomSeed")
    let folder = tiny.folder + "/ablation"
    let ablation = try Ablation(tiny.recipePath, overrides: [], plan: plan, last: .activate)
    let table = try ablation.run(in: folder, console: .silent)
    #expect(table.rows.map(\.value) == ["", "true", "false"])
    #expect(table.names == ["classify mAP", "cam mIoU", "seed mIoU", "activate mIoU"])
    #expect(table.rows.allSatisfy { $0.scores.values.allSatisfy { $0.count == 2 } })
    // The recipe's own value is the recipe: nothing is run for it.
    #expect(table.rows[0].scores == table.rows[1].scores)
    #expect(!FileManager.default.fileExists(atPath: folder + "/fbr.contrast=true"))

    func manifest(_ run: String) throws -> Manifest {
      try Manifest(contentsOf: "\(folder)/\(run)/manifest.json")
    }
    let runs = try ["recipe/seed-1", "recipe/seed-2", "fbr.contrast=false/seed-1"].map(manifest)
    for stage in ["classify", "cam", "seed"] {
      #expect(Set(runs.map { $0.stages[stage]?.outputs }).count == 1)
      #expect(Set(runs.map { $0.stages[stage]?.seconds }).count == 1, "\(stage) was run again")
    }
    #expect(Set(runs.map { $0.stages["activate"]?.outputs }).count == 3)
    // Curves come along.
    let logs = try ["recipe/seed-1", "fbr.contrast=false/seed-2"].map {
      try String(contentsOfFile: "\(folder)/\($0)/log.jsonl", encoding: .utf8)
        .split(separator: "\n").filter { $0.contains(#""stage":"classify""#) }
    }
    #expect(logs[0] == logs[1] && !logs[0].isEmpty)
    // Done: the same again, at once.
    let again = try ablation.run(in: folder, console: .silent)
    #expect(again.text == table.text)
    // Another ablation takes over all of it from the runs of this one.
    let donors = ["recipe", "fbr.contrast=false"].flatMap { name in
      (1...2).map { "\(folder)/\(name)/seed-\($0)" }
    }
    let copy = tiny.folder + "/copy"
    #expect(try ablation.run(in: copy, reusing: donors, console: .silent).text == table.text)
    for run in ["recipe/seed-2", "fbr.contrast=false/seed-1"] {
      let copied = try Manifest(contentsOf: "\(copy)/\(run)/manifest.json")
      #expect(try copied.stages["fbr"]?.seconds == manifest(run).stages["fbr"]?.seconds)
    }
    let note = "Mean ± standard deviation of 2 runs a line, fbr.randomSeed 1...2."
    #expect(table.text.contains(note))
    let page = try String(
      contentsOfFile: folder + "/recipe/seed-1/report/index.html", encoding: .utf8)
    #expect(page.contains(note) && page.contains("<code>fbr.contrast</code>"))
  }

  @Test("a variant that fails has no scores and stops no other; all of them failing is an error")
  func failing() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    _ = try tiny.recipe()
    var plan = AblationPlan()
    try plan.vary("classify.training.headLearningRate=1e30,2e-3")
    let table = try Ablation(tiny.recipePath, overrides: [], plan: plan, last: .cam)
      .run(in: tiny.folder + "/ablation", console: .silent)
    #expect(table.rows.map(\.scores.isEmpty) == [false, true, false])
    #expect(table.failures.count == 1)
    #expect(
      table.text.contains(
        "Failed: classify.training.headLearningRate 1e30, randomSeed 1: classify: the loss is"))
    let page = try String(
      contentsOfFile: tiny.folder + "/ablation/recipe/seed-1/report/index.html", encoding: .utf8)
    #expect(page.contains("Failed: classify.training.headLearningRate 1e30"))
    let nowhere = try Ablation(
      tiny.recipePath, overrides: ["data.root=/nowhere"], plan: plan, last: .cam)
    #expect {
      _ = try nowhere.run(in: tiny.folder + "/none", console: .silent)
    } throws: { error in
      "\(error)".contains("/nowhere")
    }
  }

  @Test("a run lends what it wrote, copied or not, and nothing that was changed by hand")
  func changedDonor() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let first = try tiny.execute(tiny.recipe(), in: "a", [.classify, .cam])
    let maps = tiny.folder + "/a/cam/"
    let file = maps + (try #require(FileManager.default.contentsOfDirectory(atPath: maps).first))
    try Data("changed".utf8).write(to: URL(fileURLWithPath: file))
    // As a copy of the run has it.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)],
      ofItemAtPath: tiny.folder + "/a/classify/model.safetensors")
    let run = try RunFolder(tiny.folder + "/b")
    #expect {
      _ = try Run(tiny.recipe(), in: run, reusing: [tiny.folder + "/c"], console: .silent)
    } throws: { error in
      "\(error)" == "\(tiny.folder)/c: is no run: holds no manifest.json"
    }
    try Run(tiny.recipe(), in: run, reusing: [tiny.folder + "/a"], console: .silent)
      .execute([.classify, .cam])
    let second = try Manifest(contentsOf: run.manifestPath)
    #expect(second.stages["classify"]?.seconds == first.stages["classify"]?.seconds)
    #expect(second.stages["cam"]?.outputs == first.stages["cam"]?.outputs)
    #expect(second.stages["cam"]?.seconds != first.stages["cam"]?.seconds)
  }

  @Test(
    "plans are read, and wrong ones named",
    arguments: [
      ("over: [1]", "plan.yaml:1: over is no section of settings and lists of values"),
      ("over: {fbr.heads: dual}", "plan.yaml:1: over: fbr.heads has no list of values"),
      ("seeds: 0\nover: {}", "plan.yaml:1: seeds is 0, expected 1 or more"),
      ("variants: {x: 1}", "plan.yaml:1: variants: x has no settings"),
      ("variants: {x: {}}", "plan.yaml:1: variants: x has no settings"),
      ("variants: 1", "plan.yaml:1: variants is no section of names and their settings"),
      ("over: {a.b: [1, 1]}", "plan.yaml:1: over: a.b is to be 1 twice"),
      ("sedes: 1", "plan.yaml:1: unknown key 'sedes'; a plan has over, variants, seeds, seedKey"),
    ])
  func plans(_ text: String, _ message: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "plan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("plan.yaml")
    try Data(text.utf8).write(to: path)
    var plan = AblationPlan()
    do {
      try plan.add(contentsOf: path.path)
      Issue.record("no error")
    } catch { #expect("\(error)".hasSuffix(message), "\(error)") }
    try Data("over: {a.b: [1, [2, 3]], c: [x]}\nseeds: 3\nseedKey: fbr.randomSeed".utf8)
      .write(to: path)
    try plan.add(contentsOf: path.path)
    #expect(plan.variants.map(\.name) == ["a.b", "a.b", "c"] && plan.seeds == 3)
    #expect(plan.variants[1].value == "[2, 3]" && plan.variants[1].settings == ["a.b=[2, 3]"])
    #expect(plan.seedKey == "fbr.randomSeed")
    try Data("variants: {both: {d.e: 4, f: [5, 6]}}\nseeds: 2".utf8).write(to: path)
    try plan.add(contentsOf: path.path)
    #expect(plan.variants.map(\.name) == ["a.b", "a.b", "c", "both"] && plan.seeds == 2)
    #expect(plan.variants[3].value == "" && plan.variants[3].settings == ["d.e=4", "f=[5, 6]"])
    #expect(plan.seedKey == "fbr.randomSeed")
  }

  @Test("impossible values and names of a plan are errors before anything is run")
  func impossible() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    _ = try tiny.recipe()
    for (text, message) in [
      ("fbr.clusters=4,0", "--over fbr.clusters=0: fbr.clusters is 0, expected 1 or more"),
      ("fbr.background=none", "is 'fbr.loss.background' meant?"),
    ] {
      var plan = AblationPlan()
      try plan.vary(text)
      do {
        _ = try Ablation(tiny.recipePath, overrides: [], plan: plan, last: .activate)
        Issue.record("no error")
      } catch { #expect("\(error)".contains(message), "\(error)") }
    }
    var plan = AblationPlan()
    #expect(throws: RecipeError.self) { try plan.vary("fbr.heads") }
    #expect(throws: RecipeError.self) { try plan.vary("fbr.clusters=4,4") }
    let path = tiny.folder + "/plan.yaml"
    for name in ["recipe", "twice"] {
      var plan = AblationPlan()
      for clusters in 1...2 {
        try Data("variants: {\(name): {fbr.clusters: \(clusters)}}".utf8)
          .write(to: URL(fileURLWithPath: path))
        try plan.add(contentsOf: path)
      }
      do {
        _ = try Ablation(tiny.recipePath, overrides: [], plan: plan, last: .activate)
        Issue.record("no error")
      } catch { #expect("\(error)".contains("several are called \(name)"), "\(error)") }
    }
  }

  @Test("the plans in Tools/Ablations fit every recipe")
  func shipped() throws {
    let tools = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    func files(_ folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(
        atPath: tools.appendingPathComponent(folder).path
      ).filter { $0.hasSuffix(".yaml") }.map {
        tools.appendingPathComponent("\(folder)/\($0)").path
      }
    }
    let plans = try files("Ablations")
    #expect(plans.count >= 3)
    for plan in plans {
      for recipe in try files("Recipes") {
        var read = AblationPlan()
        try read.add(contentsOf: plan)
        _ = try Ablation(
          recipe, overrides: ["data.root=x", "network.weights=w.pth"], plan: read, last: .activate)
      }
    }
  }
}
