/// Where pictures, labels and, for evaluation, masks are.
public struct DataSettings: Settings {
  /// A form of data set; see datasets.md.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A VOC folder.
    case voc
    /// COCO's `annotations/instances_<list>.json` with a folder of pictures a list.
    case coco
    /// A folder of pictures and a `labels.csv`.
    case labels
    /// A folder a class.
    case folders
    /// A list of pictures with masks in a folder of their own.
    case masks
  }

  /// The form.
  public var kind = Kind.voc
  /// The folder of the data set.
  public var root = ""
  /// The training list: a name of the set's own, for `labels` a `labels.csv`, for `folders` a folder
  /// of classes below `root`; empty there: `root` itself.
  public var train = "train_aug"
  /// The validation list; empty: none, and nothing is predicted or evaluated on it.
  public var validation = "val"
  /// The file of image-level labels of both lists; empty: where the form keeps them.
  public var labels = ""
  /// The folder of masks in `root`; evaluation alone reads it. Empty: the form's own.
  public var masks = ""
  /// The file of class names; empty: the form's own.
  public var classes = ""
  /// The folder of saliency maps of the training list, for `fbr.host` ppc; empty: none.
  public var saliency = ""
  /// Labels for the values stored in masks, for `masks`; those left out become 255. Empty: none
  /// changes.
  public var remapping: [String: Int] = [:]
  /// Whether a picture that cannot be read is passed over and counted instead of ending the run.
  public var skipsBroken = false

  /// Creates the defaults.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.require(!root.isEmpty, "root", "empty", expected: "the folder of the data set")
    rules.require(
      !train.isEmpty || kind == .folders, "train", "empty", expected: "the training list")
    rules.require(
      !classes.isEmpty || ![.labels, .masks].contains(kind), "classes", "empty",
      expected: "a file of class names for data of the kind '\(kind.rawValue)'")
    for (value, label) in remapping.sorted(by: { $0.key < $1.key }) {
      rules.require(
        Int(value).map { (0..<1 << 16).contains($0) } ?? false, "remapping", "'\(value)'",
        expected: "stored values 0...65535")
      rules.require((0...255).contains(label), "remapping", label, expected: "labels 0...255")
    }
  }
}
