import Foundation
import Glibc
import PullcordModel

/// Questions to a person at a terminal.
enum Asking {
    /// Whether there is a person: both what is asked and what is answered go over a terminal.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// A line of text, without the blanks around it; empty at the end of the input.
    static func text(_ question: String) -> String {
        StandardError.write(StrangerText.printable(question) + " ")
        return (readLine() ?? "").trimmingCharacters(in: .whitespaces)
    }

    /// One of some values by its number, or another that is typed; nil for the first.
    static func choice(_ question: String, _ values: [String]) -> String? {
        StandardError.writeLine(StrangerText.printable(question))
        for (index, value) in values.enumerated() {
            StandardError.writeLine(StrangerText.printable("  \(index + 1)  \(value)"))
        }
        let answer = text("Number, or another value [1]:")
        if answer.isEmpty { return values.first }
        if let number = Int(answer) {
            return values.indices.contains(number - 1) ? values[number - 1] : values.first
        }
        return answer
    }

    /// A text that the terminal does not show; nil at the end of the input.
    static func secret(_ question: String) -> Secret? {
        var settings = termios()
        let hasSettings = unsafe tcgetattr(STDIN_FILENO, &settings) == 0
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        // Before the question: somebody may paste the answer the moment it stands there.
        if hasSettings { unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) }
        StandardError.write(question + " ")
        defer {
            if hasSettings { unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) }
            StandardError.writeLine("")
        }
        guard let line = readLine(), !line.isEmpty else { return nil }
        return Secret(line)
    }
}
