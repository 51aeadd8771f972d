import Foundation
import PullcordConfig
import PullcordDrafting
import PullcordModel

/// Where a draft goes, and how it is judged before.
struct DraftPlace {
    let output: String?
    let force: Bool

    /// Whether the draft itself goes to standard output.
    var isStream: Bool { output == "-" }

    /// The file: as said, else in `adapters` where that folder is, else here.
    func path(for draft: AdapterDraft) -> String {
        if let output { return output }
        var isFolder: ObjCBool = false
        let hasFolder = unsafe FileManager.default.fileExists(
            atPath: "adapters", isDirectory: &isFolder)
        return (hasFolder && isFolder.boolValue ? "adapters/" : "") + "\(draft.name).yaml"
    }

    /// Refuses a file that is there before anything is asked of anybody.
    func checkFree(_ path: String) throws {
        guard !isStream, !force, FileManager.default.fileExists(atPath: path) else { return }
        throw Problem(
            code: "file_exists", message: "the file is there already", place: path,
            hint: "--force writes over it, --output names another, --name calls the adapter "
                + "otherwise")
    }

    func write(_ draft: AdapterDraft) throws {
        guard !isStream else {
            StandardOutput.write(draft.text)
            return
        }
        let path = path(for: draft)
        try checkFree(path)
        do {
            try Data(draft.text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            let reason = (error as NSError).localizedFailureReason ?? "the file cannot be written"
            throw Problem(code: "file_unwritable", message: reason, place: path)
        }
    }

    /// Words for people: not where the draft itself goes.
    func say(_ line: String = "") {
        isStream ? StandardError.writeLine(line) : StandardOutput.writeLine(line)
    }

    /// Every error that `pullcord check` finds in a file with this text.
    static func complaints(in text: String) -> [DraftComplaint] {
        report(on: text).diagnostics.filter { $0.severity == .error }.map {
            DraftComplaint(keyPath: $0.keyPath, message: $0.message)
        }
    }

    /// What `pullcord check` says of a file with this text.
    static func report(on text: String) -> DiagnosticReport {
        let name = "draft.yaml"
        let files = FileAccess(
            read: { $0 == name ? .bytes(Array(text.utf8)) : .missing }, list: { _ in [] })
        return Workplace.loader(over: files).check([name])
    }

    /// What `pullcord check` warns of in the written file.
    func warn(of draft: AdapterDraft) {
        let warnings = Self.report(on: draft.text).diagnostics
        guard !warnings.isEmpty else { return }
        say("\npullcord check would warn of:")
        for warning in warnings {
            say("  \(warning.place.line): \(warning.message) [\(warning.code)]")
            if !warning.hint.isEmpty { say("    hint: \(warning.hint)") }
        }
    }

    /// `flags` are what a trial needs besides the file.
    func suggest(_ draft: AdapterDraft, _ flags: String = "") {
        let path = isStream ? "FILE" : path(for: draft)
        say("\nnext:")
        say("  pullcord check \(path)")
        say(
            "  pullcord adapter try \(path)\(flags)     requests, pages and records, live and without "
                + "state")
        say("  pullcord adapter test            once it has a test beside it")
    }
}
