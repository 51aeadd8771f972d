/// Runs Python with somebody else's library, to judge what we make.
package enum PythonScript {
    /// Whether Python has all of these modules.
    package static func has(_ modules: String...) -> Bool {
        run("import " + modules.joined(separator: ", "), []) == 0
    }

    /// The exit status; -1 if Python could not be started.
    package static func run(_ script: String, _ arguments: [String]) -> Int32 {
        guard let process = try? ChildProcess("python3", ["-c", script] + arguments) else {
            return -1
        }
        return process.waitUntilEnd()
    }

    /// What it wrote, output and errors; empty for a script that has nothing to say.
    package static func complaint(_ script: String, _ arguments: [String]) throws -> String {
        let process = try ChildProcess("python3", ["-c", script] + arguments, output: .pipe)
        var written: [UInt8] = []
        while case let bytes = process.readAvailable(), !bytes.isEmpty { written += bytes }
        let status = process.waitUntilEnd()
        let text = String(decoding: written, as: UTF8.self)
        return status == 0 || !text.isEmpty ? text : "status \(status)"
    }
}
