import Datasets
import Foundation
import Tensor
import TensorIO
import Testing

/// What a new user gets wrong, and what the program says.
@Suite("fbr, bad input")
struct BadInputTests {
  private struct Case {
    let arguments: String
    let status: Int32
    let message: String
  }

  private func check(_ cases: [Case], in program: Program) throws {
    for item in cases {
      let run = try program.run(item.arguments.split(separator: " ").map(String.init))
      #expect(
        run.status == item.status && run.error.contains("Error: \(item.message)"),
        "\(item.arguments): \(run.status) \(run.error)")
    }
  }

  @Test("recipes and runs") func recipes() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    try program.write("data: {root: x}\nsegment:\n  traning: {steps: 3}\n", "typo.yaml")
    try program.write("data: {root: x}\nfbr:\n  clusters: many\n", "type.yaml")
    let own = "data: {kind: labels, root: ., classes: classes.txt, train: labels.csv}\n"
    try program.write(own, "bare.yaml")
    try program.write(own + "network: {fixedBatchNorm: false}\n", "own.yaml")
    try program.write("cat\ndog\n", "classes.txt")
    try program.write("id,classes\na,cat;unicorn\n", "labels.csv")
    try program.write("id,classes\n", "none.csv")
    try program.makeFolder("images")
    try program.makeFolder("thesis/report")
    try program.write("x", "thesis/report/thesis.tex")
    try program.makeFolder("damaged")
    try program.write("{\"stages\": {\"cam\": 3}}", "damaged/manifest.json")
    try program.write("data: {root: x}\ncam: {}\n\ncam:\n  flip: true\n", "twice.yaml")
    try FileManager.default.copyItem(
      atPath: program.path("image/a.png"), toPath: program.path("images/x.png"))
    try program.write("id,classes\nx,\n", "bare.csv")
    try check(
      [
        Case(
          arguments: "run missing.yaml", status: 74,
          message: "missing.yaml: no such recipe, or it cannot be opened"),
        Case(
          arguments: "run typo.yaml", status: 65,
          message: "typo.yaml:3: unknown key 'segment.traning'; 'segment' has training,"),
        Case(
          arguments: "run type.yaml", status: 65,
          message: "type.yaml:3: fbr.clusters is 'many', expected a whole number"),
        Case(
          arguments: "run own.yaml --set network.nme=resnet50", status: 65,
          message: "--set network.nme=resnet50: unknown key 'network.nme'; 'network' has name,"),
        Case(
          arguments: "run own.yaml --from seed --to cam", status: 64,
          message: "--to cam comes before --from seed"),
        Case(
          arguments: "run own.yaml --from evaluate --force cam", status: 64,
          message: "--force cam lies outside of the stages asked for, evaluate to report"),
        Case(
          arguments: "run own.yaml --set fbr.clusters", status: 64,
          message: "--set fbr.clusters: expected section.key=value\n"),
        Case(
          arguments: "run own.yaml --set fbr.clusters=[1", status: 64,
          message: "--set fbr.clusters=[1: the value is no YAML\n"),
        Case(
          arguments: "run twice.yaml", status: 65,
          message: "twice.yaml:4: key 'cam' for the second time in its section\n"),
        Case(
          arguments: "run own.yaml --run thesis --set data.classes=classes.txt", status: 74,
          message: "thesis: holds report but no manifest.json, so it is no run;"),
        Case(
          arguments: "run own.yaml --run damaged --set data.classes=classes.txt", status: 65,
          message: "damaged/manifest.json: is no manifest of a run, or damaged;"),
        Case(
          arguments: "ablate own.yaml --plan gone.yaml --set data.classes=classes.txt", status: 74,
          message: "gone.yaml: no such plan"),
        Case(
          arguments: "ablate own.yaml --over fbr.clusters=4,4 --set data.classes=classes.txt",
          status: 64, message: "--over: fbr.clusters is to be 4 twice"),
        Case(
          arguments: "run own.yaml --from paint", status: 64,
          message: "The value 'paint' is invalid for '--from <from>'."),
        Case(
          arguments: "run bare.yaml", status: 65,
          message: "bare.yaml:1: network.weights is empty, expected a file of ImageNet weights, or"),
        Case(
          arguments: "run own.yaml --set data.root=nowhere", status: 74,
          message: "nowhere: no such folder"),
        Case(
          arguments: "run own.yaml --set data.classes=none.txt", status: 74,
          message: "./none.txt: No such file or directory"),
        Case(
          arguments: "run own.yaml", status: 65,
          message: "./labels.csv:2: unknown class 'unicorn', expected one of cat, dog"),
        Case(
          arguments: "run own.yaml --set data.train=none.csv", status: 65,
          message: "data: the list 'none.csv' in . holds no picture"),
        Case(
          arguments: "run own.yaml --set data.train=bare.csv", status: 65,
          message: "data: no picture of the list 'bare.csv' in . has a label: there is nothing"),
        Case(
          arguments: "run own.yaml --run /proc/none", status: 74,
          message: "/proc/none: this folder cannot be made:"),
        Case(
          arguments: "stage seed --run nowhere", status: 74,
          message: "nowhere/run.yaml: no such recipe"),
      ], in: program)
  }

  @Test("pictures, masks and maps") func files() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    try LabelMap(repeating: 255, shape: [24, 32]).writePNG(to: program.path("unknown.png"))
    try LabelMap(repeating: 1, shape: [20, 32]).writePNG(to: program.path("small.png"))
    try Image(red: 12, green: 34, blue: 56, height: 24, width: 32)
      .writePNG(to: program.path("rgb.png"))
    try Image(red: 12, green: 34, blue: 56, height: 24, width: 32)
      .writeJPEG(to: program.path("cut.jpg"))
    try FileManager.default.copyItem(
      atPath: program.path("cut.jpg"), toPath: program.path("whole.jpg"))
    let picture = URL(fileURLWithPath: program.path("cut.jpg"))
    try Data(contentsOf: picture).dropLast(200).write(to: picture)
    try NPYFile.write(
      NumericArray(Tensor.zeros([24, 32, 2])), to: program.path("zeros.npy"))
    try NPZFile.write(
      ["classes": NumericArray(Tensor([3])), "maps": NumericArray(Tensor.ones([12, 16, 1]))],
      to: program.path("real.npz"))
    for (name, value) in [("nan", Float.nan), ("logits", 4)] {
      var scores = Tensor(repeating: 0.5, shape: [24, 32, 2])
      scores[3, 4, 1] = value
      try NPYFile.write(NumericArray(scores), to: program.path("\(name).npy"))
    }
    try NPYFile.write(
      NumericArray(Tensor(repeating: 2, shape: [12, 16])), to: program.path("edge2.npy"))
    try program.write("\n", "empty.txt")
    try program.write("a\nghost\n", "ghost.txt")
    try program.makeFolder("empty")
    func crf(_ labels: String) -> String {
      "crf --image image/a.png --labels \(labels) --out o.png"
    }
    try check(
      [
        Case(
          arguments: crf("small.png"), status: 65,
          message: "small.png: 32 x 20 pixels, the picture has 32 x 24"),
        Case(
          arguments: crf("rgb.png"), status: 65,
          message: "rgb.png: is an RGB mask with colours that are not VOC's: (12, 34, 56) at"),
        Case(
          arguments: crf("unknown.png"), status: 65,
          message: "unknown.png: every pixel is 255, unknown; expected a label somewhere"),
        Case(
          arguments: crf("whole.jpg"), status: 65,
          message: "whole.jpg: is a JPEG file, expected a PNG"),
        Case(
          arguments: "crf --image cut.jpg --labels mask/a.png --out o.png", status: 65,
          message: "cut.jpg: cannot be read: the data ends early"),
        Case(
          arguments: crf("mask/a.png --label-count 2"), status: 65,
          message: "mask/a.png: holds label 3, --label-count says 0...1"),
        Case(
          arguments: crf("mask/a.png --preset voc"), status: 64,
          message: "The value 'voc' is invalid for '--preset <preset>'."),
        Case(
          arguments: crf("mask/a.png --probs nan.npy"), status: 64,
          message: "give either --labels or --probs"),
        Case(
          arguments: crf("mask"), status: 65,
          message: "image/a.png and mask: one is a file and the other a folder"),
        Case(
          arguments: "crf --image image/a.png --labels mask/a.png --out /proc/o.png", status: 74,
          message: "/proc/o.png: cannot be written: "),
        Case(
          arguments: "crf --image image --labels mask --list ghost.txt --out o", status: 65,
          message: "image: holds no file of 'ghost' that ends in .jpg"),
        Case(
          arguments: "crf --image image --labels mask --list empty.txt --out o", status: 65,
          message: "empty.txt: an empty list of ids"),
        Case(
          arguments: "crf --image image --labels empty --out o", status: 65,
          message: "empty: holds no file that ends in .png"),
        Case(
          arguments: "crf --image image --labels mask --out small.png", status: 74,
          message: "small.png: is a file, expected a folder"),
        Case(
          arguments: "crf --image image/a.png --probs nan.npy --out o.png", status: 65,
          message: "nan.npy: unary: a probability of label 1 at [3, 4] is nan, expected in 0...1"),
        Case(
          arguments: "crf --image image/a.png --probs logits.npy --out o.png", status: 65,
          message: "logits.npy: 4.0 for label 1 at [3, 4], expected probabilities in 0...1"),
        Case(
          arguments: "crf --image image/a.png --probs zeros.npy --out o.png", status: 65,
          message: "zeros.npy: all probabilities at [0, 0] are 0, expected a sum of 1"),
        Case(
          arguments: "propagate --maps real.npz --out o.png", status: 65,
          message: "real.npz: 'classes' is of type float32, expected whole numbers"),
        Case(
          arguments: "evaluate --pred mask --gt mask/a.png", status: 65,
          message: "mask and mask/a.png: one is a file and the other a folder"),
        Case(
          arguments: "propagate --maps maps/a.npz --edges edge2.npy --out o.png", status: 65,
          message: "edge2.npy: boundary map: 2.0 at [0, 0], expected 0.0...1.0"),
        Case(
          arguments: "propagate --maps maps/a.npz --edges none.npy --out o.png", status: 74,
          message: "none.npy: no such file or folder"),
        Case(
          arguments: "propagate --maps maps/a.npz --crf psa --out o.png", status: 64,
          message: "--crf looks at colours: give --image"),
        Case(
          arguments: "propagate --maps maps/a.npz --map-power 2 --out o.png", status: 64,
          message: "--map-power is the walk's: give --edges or --features too"),
        Case(
          arguments: "propagate --maps maps/a.npz --threshold 2 --out o.png", status: 64,
          message: "The value '2' is invalid for '--threshold <threshold>'"),
      ], in: program)
  }

  @Test("scores and models") func scores() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    try program.write("cat\ndog\n", "two.txt")
    try program.write("cat\ndog\ncat\n", "twice.txt")
    try program.write("version https://git-lfs.github.com/spec/v1\n", "pointer.pth")
    try check(
      [
        Case(
          arguments: "evaluate --pred rough --gt mask --classes two.txt", status: 65,
          message:
            "mask/a.png: confusion matrix: truth has label 3 at [6, 8], expected 0...2 or 255"),
        Case(
          arguments: "evaluate --pred mask --gt mask --classes unicorn", status: 74,
          message: "unicorn: no such file; expected voc, coco or a list of classes"),
        Case(
          arguments: "evaluate --pred mask --gt mask --classes twice.txt", status: 65,
          message: "twice.txt:3: class 'cat' for the second time, after class 1"),
        Case(
          arguments: "evaluate --pred mask", status: 64,
          message: "Missing expected argument '--gt <gt>'"),
        Case(
          arguments: "predict --model nowhere image/a.png --out o", status: 74,
          message: "nowhere: no such model, nor the folder of a run"),
        Case(
          arguments: "predict --model image image/a.png --out o", status: 65,
          message: "image: a folder without segment/model.safetensors"),
        Case(
          arguments: "predict --model pointer.pth image/a.png --out o", status: 65,
          message: "pointer.pth: is a pointer of Git LFS, not the weights"),
      ], in: program)
  }
}
