import ArgumentParser
import Foundation
import Glibc
import PullcordAdapter
import PullcordConfig
import PullcordModel

/// Where adapters are looked for by name.
struct AdapterPlaces: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: "The bridge file whose folders and archives are looked in.",
        completion: .file(extensions: ["yaml"]))
    var config: String?

    @Option(
        help: "A folder to look in instead; may be given several times.", completion: .directory)
    var folder: [String] = []

    /// What a command finds without any option: beside the bridge file, else in `adapters`.
    private static let bridge = "pullcord.yaml"

    func catalogue() throws -> AdapterCatalogue {
        guard folder.isEmpty else { return Workplace.loader.catalogue(folders: folder) }
        let file = FileManager.default.fileExists(atPath: Self.bridge) ? Self.bridge : nil
        guard let path = config ?? file else {
            return Workplace.loader.catalogue(folders: ["adapters", "."])
        }
        switch Workplace.loader.catalogue(of: path) {
        case .success(let catalogue): return catalogue
        case .failure(let report): throw report
        }
    }

    /// The file of an adapter, given by its path or by its name, and what it is read through.
    func find(_ text: String) throws -> (path: String, files: FileAccess) {
        if text.hasSuffix(".yaml") || text.hasSuffix(".yml") || text.contains("/") {
            return (text, Workplace.files)
        }
        let catalogue = try catalogue()
        if let entry = catalogue.entry(text) { return (entry.path, catalogue.files) }
        let names = catalogue.entries().map(\.name)
        let near = Suggestion.nearest(to: text, among: names).map { "did you mean \($0)? " }
        throw Problem(
            code: "adapter_unknown", message: "no adapter is called `\(text)`",
            place: catalogue.folders.joined(separator: ", "),
            hint: (near ?? "") + "pullcord adapters lists what there is; a path ends in .yaml")
    }

    /// The adapter itself; complains about all that is wrong with it.
    func adapter(_ text: String) throws -> AdapterSpec {
        let (path, files) = try find(text)
        switch Workplace.loader(over: files).adapter(path) {
        case .success(let spec): return spec
        case .failure(let report): throw report
        }
    }
}

/// Values for an adapter's parameters.
struct ParameterOptions: ParsableArguments {
    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "A parameter's value: NAME=TEXT, NAME=@env:VARIABLE or NAME=@file:PATH.",
            valueName: "name=value"))
    var with: [String] = []

    func values() throws -> [(name: String, value: TrialValue)] {
        try with.map { text in
            guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
                throw ValidationError("--with needs NAME=VALUE, not `\(text)`")
            }
            return (String(text[..<mark]), TrialValue(String(text[text.index(after: mark)...])))
        }
    }
}

/// Asks a person at the terminal for what is missing.
enum Prompt {
    /// Whether somebody sits there.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// One line; a secret is not shown while it is typed.
    ///
    /// nil at the end of the input.
    static func line(_ question: String, isSecret: Bool) -> String? {
        StandardError.write("\(question): ")
        guard isSecret else { return readLine() }
        var settings = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return readLine() }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            StandardError.write("\n")
        }
        return readLine()
    }
}
