import ArgumentParser
import Foundation
import Pipeline

@main
struct FBR: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fbr",
    abstract: "Weakly supervised semantic segmentation: from image labels to a model.",
    discussion: """
      Results go to standard output, progress and errors to standard error. Ends with 0 when done, 64 \
      for wrong usage, 65 for input data that cannot be worked with, 74 for files that cannot be read \
      or written, 130 when stopped on request.

      EXAMPLES
        fbr dataset make-sample sample
        fbr run Tools/Recipes/sample.yaml --set data.root=sample --run runs/sample
        fbr predict --model runs/sample pictures --out masks --overlay
        fbr evaluate --pred masks --gt truth --classes sample/classes.txt
      """,
    version: Run.version,
    subcommands: [
      RunCommand.self, StageCommand.self, Ablate.self, DatasetCommands.self,
      WeightsCommands.self,
      Predict.self, Evaluate.self, CRF.self, Propagate.self, Cluster.self, NetworkCommand.self,
      Export.self, Bench.self, Doctor.self, Manual.self,
    ])

  static func main() async {
    StandardOutput.checkAtExit()
    if let threads = ProcessInfo.processInfo.environment["FBR_THREADS"], !threads.isEmpty,
      Int(threads).map(ThreadCount.allowed.contains) != true
    {
      printError("FBR_THREADS is '\(threads)', expected \(ThreadCount.allowed)")
      exit(withError: ExitCode(64))
    }
    await main(nil)
  }
}
