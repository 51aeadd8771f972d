import Foundation
import Glibc

/// Standard output, whole lines at a time.
enum StandardOutput {
    static func write(_ text: String) { writeAll(text, to: STDOUT_FILENO) }
    static func writeLine(_ text: String = "") { writeAll(text + "\n", to: STDOUT_FILENO) }

    /// Whether a person looks at it and wants colours: a terminal, and no `NO_COLOR`.
    static var hasColours: Bool {
        isatty(STDOUT_FILENO) == 1 && Environment.value(of: "NO_COLOR") == nil
    }

    /// Columns of the terminal; nil if there is none, and then nothing need be cut.
    static var width: Int? {
        var size = winsize()
        let answer = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        return answer == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }
}

/// Standard error, for complaints and logs.
enum StandardError {
    static func write(_ text: String) { writeAll(text, to: STDERR_FILENO) }
    static func writeLine(_ text: String) { writeAll(text + "\n", to: STDERR_FILENO) }

    static var hasColours: Bool {
        isatty(STDERR_FILENO) == 1 && Environment.value(of: "NO_COLOR") == nil
    }
}

/// Writes all bytes in as few calls as the system allows; a reader that has gone away is no
/// reason to fail.
private func writeAll(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}

/// The process's environment.
enum Environment {
    static var all: [String: String] { ProcessInfo.processInfo.environment }

    static func value(of name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }
}

/// Colours for a terminal, or nothing where they are not wanted.
struct Palette {
    let isOn: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func cyan(_ text: String) -> String { wrap(text, "36") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
