internal import Tensor

/// Makes a loader's batches, on any thread.
struct BatchMaker<Content: Sendable>: Sendable {
  /// A batch, `nil` where none of its items could be loaded; and what went wrong.
  struct Outcome: Sendable {
    var content: Result<Content?, any Error>
    var failures: [(item: Int, error: any Error)] = []
  }

  private let body: @Sendable (_ number: Int, BatchQueue<Outcome>) -> Outcome

  init<Item: Sendable>(
    plan: LoaderPlan,
    load: @escaping @Sendable (_ index: Int, inout PhiloxGenerator) throws -> Item,
    collate: @escaping @Sendable ([Item]) throws -> Content
  ) {
    body = { number, queue in
      let position = plan.position(number)
      let places = plan.places(position)
      // One after the other on a worker; on all threads where next() itself makes the batch.
      let results = concurrentMap(places) { place in
        Result {
          if queue.hasClosed { throw CancellationError() }
          return try Self.item(place, 0, position.epoch, plan, load)
        }
      }
      var outcome = Outcome(content: .success(nil))
      // Nobody will take this batch.
      if queue.hasClosed { return outcome }
      do {
        var items: [Item] = []
        for (place, result) in zip(places, results) {
          switch result {
          case .success(let item): items.append(item)
          case .failure(let error):
            outcome.failures.append((plan.item(place, epoch: position.epoch), error))
            switch plan.options.failures {
            case .stop: throw error
            case .leaveOut: break
            case .replace:
              items.append(try Self.replacement(of: place, error, position.epoch, plan, load))
            }
          }
        }
        if !items.isEmpty { outcome.content = .success(try collate(items)) }
      } catch { outcome.content = .failure(error) }
      return outcome
    }
  }

  func make(_ number: Int, for queue: BatchQueue<Outcome>) -> Outcome { body(number, queue) }

  /// The item `shift` places further on, with the augmentation of the item at `place`.
  private static func item<Item>(
    _ place: Int, _ shift: Int, _ epoch: Int, _ plan: LoaderPlan,
    _ load: (_ index: Int, inout PhiloxGenerator) throws -> Item
  ) throws -> Item {
    var generator = plan.generator(epoch: epoch, item: plan.item(place, epoch: epoch))
    return try load(plan.item(place + shift, epoch: epoch), &generator)
  }

  /// The first item after a place that can be loaded; the error where there is none.
  private static func replacement<Item>(
    of place: Int, _ error: any Error, _ epoch: Int, _ plan: LoaderPlan,
    _ load: (_ index: Int, inout PhiloxGenerator) throws -> Item
  ) throws -> Item {
    for shift in 1..<max(plan.count, 1) {
      if let item = try? Self.item(place, shift, epoch, plan, load) { return item }
    }
    throw error
  }
}
