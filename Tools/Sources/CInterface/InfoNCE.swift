internal import Autograd
internal import CFBR
internal import Contrast
internal import Tensor

/// See `fbr.h`.
@c(fbr_info_nce) @implementation
public func fbr_info_nce(
  _ features: UnsafePointer<Float>?, _ rows: Int64, _ depth: Int64,
  _ queryRows: UnsafePointer<Int32>?, _ queryClasses: UnsafePointer<Int32>?, _ queries: Int64,
  _ prototypes: UnsafePointer<Float>?, _ prototypeClasses: UnsafePointer<Int32>?,
  _ prototypeCount: Int64, _ negatives: UnsafePointer<Float>?, _ negativeRows: Int64,
  _ draws: UnsafePointer<Int32>?, _ drawCount: Int64, _ temperature: Float,
  _ loss: UnsafeMutablePointer<Float>?, _ gradient: UnsafeMutablePointer<Float>?,
  _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int64
) -> Int32 {
  unsafe reporting(error, errorSize) {
    _ = try elements("features", [rows, depth])
    let lists = try elements("draws", [queries, drawCount], atLeast: 0)
    _ = try elements("prototypes", [prototypeCount], atLeast: 0)
    try expect(temperature > 0, "temperature \(temperature), expected above 0")
    let chosen = try unsafe array("query_rows", queryRows, Int(queries))
    try checkRange("query_rows", chosen, below: rows)
    let drawn = try unsafe array("draws", draws, lists)
    try checkRange("draws", drawn, below: negativeRows)
    let classes = try unsafe array("query_classes", queryClasses, Int(queries))
    let positives = try unsafe array("prototype_classes", prototypeClasses, Int(prototypeCount))
    for (name, list) in [("query_classes", classes), ("prototype_classes", positives)] {
      try expect(
        zip(list, list.dropFirst()).allSatisfy { $0 <= $1 }, "\(name) do not ascend")
    }
    try expect(Set(positives).count == positives.count, "prototype_classes name a class twice")
    let grouped = Queries(pixels: chosen, classes: classes.map { Int($0) })
    let input = Variable(
      try unsafe tensor("features", features, [rows, depth]),
      requiresGradient: unsafe gradient != nil)
    let result = infoNCE(
      input, queries: grouped,
      prototypes: Prototypes(
        classes: positives.map { Int($0) },
        embeddings: try unsafe tensor("prototypes", prototypes, [prototypeCount, depth])),
      negatives: try unsafe tensor("negatives", negatives, [negativeRows, depth]),
      draws: NegativeDraws(
        lists: IndexTensor(drawn, shape: [Int(queries), Int(drawCount)]),
        listOfQuery: (0..<Int32(queries)).map { $0 }),
      temperature: temperature)
    if result.requiresGradient { result.backward() }
    unsafe loss?.pointee = result.value.scalar
    unsafe copy(input.gradient ?? .zeros(input.shape), to: gradient)
  }
}

private func checkRange(_ name: String, _ values: [Int32], below bound: Int64) throws {
  if let wrong = values.first(where: { $0 < 0 || Int64($0) >= bound }) {
    throw ArgumentError("\(name) names row \(wrong), there are \(bound)")
  }
}
