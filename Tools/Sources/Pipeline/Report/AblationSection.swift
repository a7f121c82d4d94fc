extension RunMaterial {
  /// The scores of the recipe's variants; nothing where there are none.
  var ablationSection: PageSection? {
    guard let ablation else { return nil }
    let columns =
      [PageTable.Column(title: "setting"), .init(title: "value")]
      + ablation.names.map { .init(title: $0, isNumber: true) }
    let rows = ablation.rows.map { row -> [HTML] in
      [
        row.setting.isEmpty ? "this recipe" : "<code>\(row.setting)</code>",
        "\(row.value.isEmpty ? "–" : row.value)",
      ]
        + ablation.names.map { name in
          PageTable.bar(row.mean(name), row.meanAndSpread(name))
        }
    }
    return PageSection(
      title: "Ablation",
      lead: """
        Variants of this recipe, in percent. \(ablation.note)
        """,
      content: PageTable(columns: columns, rows: rows).html
        + ablation.failures.html { "<p class=\"broken\">Failed: \($0)</p>" })
  }
}
