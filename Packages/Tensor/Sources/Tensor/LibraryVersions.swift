internal import COneDNN
internal import COpenBLAS

/// The versions of the numeric libraries in use.
public enum LibraryVersions {
  /// oneDNN's version, such as `2.6.3`.
  public static var oneDNN: String { unsafe String(cString: onednn_version()) }

  /// OpenBLAS's own description: version, build options and the kernels it chose for this CPU.
  public static var openBLAS: String { unsafe String(cString: openblas_get_config()) }
}
