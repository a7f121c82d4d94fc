internal import CStreams
import Foundation

/// What becomes of all that commands print, looked at once, when the program ends.
enum StandardOutput {
  /// Has the program end with 74 where what it printed could not be written.
  static func checkAtExit() {
    // Where it is closed, the next file that is opened would get its number, and the text.
    if fcntl(STDOUT_FILENO, F_GETFD) < 0 {
      let nothing = unsafe open("/dev/null", O_RDONLY)
      if nothing >= 0 && nothing != STDOUT_FILENO {
        dup2(nothing, STDOUT_FILENO)
        close(nothing)
      }
    }
    atexit { StandardOutput.check() }
  }

  private static func check() {
    let code = streams_flush_output()
    // A reader that has seen enough, such as `head`, is no error.
    if code == 0 || code == EPIPE { return }
    var state = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    if unsafe poll(&state, 1, 0) == 1 && Int32(state.revents) & Int32(POLLERR) != 0 { return }
    let reason = code > 0 ? ": \(unsafe String(cString: strerror(code)))" : ""
    printError("standard output: cannot be written\(reason)")
    _exit(74)
  }
}
