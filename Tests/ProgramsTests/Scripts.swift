import Foundation
import PullcordTransfer

/// A folder with programs that a test has written, and what runs them.
final class Scripts: Sendable {
    let folder: URL
    let exchange: ProgramExchangeBox

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-programs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "runs"), withIntermediateDirectories: true)
        exchange = ProgramExchangeBox(folder: folder.appending(path: "runs").path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a program; without a first line of its own it is one of the shell's.
    func write(_ text: String, to name: String = "program") throws {
        let file = folder.appending(path: name)
        let whole = text.hasPrefix("#!") ? text : "#!/bin/sh\n" + text
        let draft = folder.appending(path: "\(name).text")
        try whole.write(to: draft, atomically: true, encoding: .utf8)
        // Another process writes it: a child that any other test makes at this moment would inherit
        // the descriptor, and a file that is open for writing cannot be run (ETXTBSY).
        let install = Process()
        install.executableURL = URL(filePath: "/usr/bin/install")
        install.arguments = ["-m", "755", draft.path, file.path]
        try install.run()
        install.waitUntilExit()
    }

    func call(_ arguments: [String] = [], program: String = "./program") -> ProgramCall {
        ProgramCall(command: [program] + arguments, folder: folder.path)
    }

    func text(of name: String) -> String {
        let bytes = FileManager.default.contents(atPath: folder.appending(path: name).path)
        return String(decoding: bytes ?? Data(), as: UTF8.self)
    }

    /// What runs have left behind.
    var leftovers: [String] {
        (try? FileManager.default.contentsOfDirectory(
            atPath: folder.appending(path: "runs").path)) ?? []
    }
}

extension HTTPResponse {
    /// The whole body, wherever it is.
    var text: String {
        let bytes = file.map { (try? $0.bytes(at: 0, count: $0.count)) ?? [] } ?? body
        return String(decoding: bytes, as: UTF8.self)
    }
}
