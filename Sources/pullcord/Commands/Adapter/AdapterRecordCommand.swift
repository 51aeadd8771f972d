import ArgumentParser
import Foundation
import PullcordAdapter
import PullcordAuthoring
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordTransfer

struct AdapterRecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Poll an API for real, and write that down as an offline test.",
        discussion: """
            What is named is a source of the bridge file, or an adapter's file with its parameters:

              pullcord adapter record tickets
              pullcord adapter record adapters/github.yaml --with owner=octo --with repo=demo

            Nothing is sent to subscribers, and no store is touched: the polls have one of their \
            own. Secrets never come into the file: the same one becomes the same stand-in \
            everywhere. --mask does so with members of bodies. The file is tried out before it is \
            written, and passes pullcord adapter test as it is.
            """)

    @Argument(help: "A source, or the path of an adapter (ends in .yaml).")
    var subject: String

    @Option(
        help:
            "NAME=VALUE for an adapter's parameter, VALUE may hold ${env.NAME}; may be given again."
    )
    var with: [String] = []

    @Option(help: "Only this stream; may be given again.")
    var stream: [String] = []

    @Option(help: "How many polls; what the second one finds has changed in between.")
    var polls = 1

    @Option(help: "Seconds from the start of one poll to the start of the next.")
    var wait = 10

    @Option(help: "A member of bodies that is replaced, as .user.email; may be given again.")
    var mask: [String] = []

    @Option(help: "How many records of each page are kept.")
    var keep: Int?

    @Option(help: "What exists at the start: baseline or emit.")
    var first: FirstPoll?

    @Option(help: "The sentence that the case gets.")
    var name = "what was recorded"

    @Option(help: "For an adapter's file, what `network.allow` would say; may be given again.")
    var allow: [String] = []

    @Option(
        name: .shortAndLong,
        help: "Where to write; default: tests/ADAPTER.yaml beside the adapter.",
        completion: .file(extensions: ["yaml"]))
    var output: String?

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var options: ConfigOption

    func validate() throws {
        guard (1...100).contains(polls) else { throw ValidationError("--polls is 1 to 100") }
        guard (1...86_400).contains(wait) else { throw ValidationError("--wait is 1 to 86400") }
        if let keep, keep < 1 { throw ValidationError("--keep is 1 or more") }
        for item in with where !item.contains("=") {
            throw ValidationError("--with is NAME=VALUE, not \(item)")
        }
        for path in mask where !path.hasPrefix(".") || path.count < 2 {
            throw ValidationError("--mask is a plain path such as .user.email, not \(path)")
        }
    }

    func run() async throws {
        try await explaining { try await record() }
    }

    private func record() async throws {
        let configuration = try await configuration()
        let target = try target(configuration)
        let count = try await TestBench.using { bench in
            let recording = try await poll(configuration, bench)
            for failure in recording.failures {
                StandardError.writeLine("a poll failed: \(failure)")
            }
            let choices = choices(configuration, target)
            let text = try await RecordedTest(configuration, recording, choices).text { text in
                await bench.outcome(of: text, at: target)
            }
            try write(text, to: target)
            return recording.requests
        }
        StandardOutput.writeLine(
            "\(target): \(polls) \(polls == 1 ? "poll" : "polls"), "
                + "\(count) \(count == 1 ? "request" : "requests"); it passes")
    }

    private func poll(
        _ configuration: Configuration, _ bench: TestBench
    ) async throws -> Recording {
        let exchange = try Workplace.exchange(for: configuration)
        let palette = Palette(isOn: StandardError.hasColours)
        let live = LiveRecording(configuration, over: exchange, clock: Workplace.time)
        do {
            let recording = try await live.run(
                polls: polls, wait: .seconds(wait), store: "\(bench.folder)/recorded.db"
            ) {
                Self.show($0, $1, palette)
            }
            await exchange.shutdown()
            return recording
        } catch {
            await exchange.shutdown()
            throw error
        }
    }

    // MARK: What is polled

    private var isAdapter: Bool { subject.hasSuffix(".yaml") || subject.hasSuffix(".yml") }

    private func configuration() async throws -> Configuration {
        let all = isAdapter ? try ofAdapter() : try await options.loadAll()
        guard let source = all.sources.first(where: { isAdapter || $0.spec.name.text == subject })
        else {
            throw Problem(
                code: "unknown_source", message: "there is no source `\(subject)`",
                place: options.config,
                hint: "there is: \(all.sources.map(\.spec.name.text).joined(separator: ", "))")
        }
        try refuseLogins(source)
        var spec = source.spec
        if let first { spec.first = first }
        if !stream.isEmpty {
            let known = source.adapter.streams.map(\.name.text)
            for name in stream where !known.contains(name) {
                throw Problem(
                    code: "stream_unknown", message: "the adapter has no stream `\(name)`",
                    place: source.adapter.place.file,
                    hint: "there is: \(known.joined(separator: ", "))")
            }
            spec.streams = stream.map { LocatedText(text: $0, place: spec.place) }
        }
        var chosen = BoundSource(
            spec: spec, adapter: source.adapter, parameters: source.parameters,
            secrets: source.secrets)
        chosen.files = source.files
        return Configuration(
            bridge: all.bridge, storePath: all.storePath, sources: [chosen], subscriptions: [],
            proxy: all.proxy, warnings: DiagnosticReport())
    }

    /// A bridge file that nobody has written: it is read as one, so that parameters are checked.
    private func ofAdapter() throws -> Configuration {
        let quoted = { (text: String) in
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        let values = with.map { item in
            let name = item.prefix { $0 != "=" }
            return "\(quoted(String(name))): \(quoted(String(item.dropFirst(name.count + 1))))"
        }
        let allowed = allow.map(quoted).joined(separator: ", ")
        let text = """
            network: { allow: [\(allowed)] }
            sources:
              - name: recorded
                adapter: \(quoted(subject))
                every: 60s
                with: { \(values.joined(separator: ", ")) }
            subscriptions: []
            """
        let path = "the command line"
        let files = FileAccess(
            read: { $0 == path ? .bytes(Array(text.utf8)) : Workplace.files.read($0) },
            list: Workplace.files.list)
        switch Workplace.loader(over: files).load(
            path, environment: ProcessInfo.processInfo.environment)
        {
        case .success(let configuration): return configuration
        case .failure(let report): throw report.without(code: "subscriptions_missing")
        }
    }

    /// What a recording could not bring back, or would break.
    private func refuseLogins(_ source: BoundSource) throws {
        if !source.adapter.auth.keyParameters.isEmpty {
            throw Problem(
                code: "record_key",
                message: "the adapter signs with a private key, and no other would do in its place",
                place: source.adapter.place.file,
                hint: "write this test by hand, with a key made for it")
        }
        if case .login(.oauth2(let grant)) = source.adapter.auth, grant.grant == .refreshToken,
            !isAdapter
        {
            throw Problem(
                code: "record_refresh",
                message: "the login of `\(subject)` may replace its refresh token, which the "
                    + "bridge would then not know",
                place: options.config,
                hint: "record the adapter's file with a refresh token of its own: --with")
        }
    }

    // MARK: Where it is written

    private func choices(_ configuration: Configuration, _ target: String) -> RecordedTest.Choices {
        var choices = RecordedTest.Choices()
        choices.masked = mask
        choices.keep = keep
        choices.name = name
        choices.streams = stream.isEmpty ? nil : stream
        choices.date = String(Workplace.time.wall().description.prefix { $0 != "T" })
        let adapter = configuration.sources.first?.adapter
        let file = URL(filePath: adapter?.place.file ?? "").standardizedFileURL
        let folder = URL(filePath: target).standardizedFileURL.deletingLastPathComponent()
        let isBeside =
            folder == file.deletingLastPathComponent()
            || folder.lastPathComponent == "tests"
                && folder.deletingLastPathComponent() == file.deletingLastPathComponent()
        let isNamed = file.lastPathComponent == "\(adapter?.name ?? "").yaml"
        choices.adapter = isBeside && isNamed ? adapter?.name ?? "" : file.path
        return choices
    }

    private func target(_ configuration: Configuration) throws -> String {
        let adapter = configuration.sources.first?.adapter
        let folder = Paths.folder(of: adapter?.place.file ?? "")
        let usual = Paths.resolve("tests/\(adapter?.name ?? "adapter").yaml", in: folder)
        let target = output ?? usual
        guard force || !FileManager.default.fileExists(atPath: target) else {
            throw Problem(
                code: "file_exists", message: "there is such a file already", place: target,
                hint: "-o FILE writes another one, --force replaces it")
        }
        return target
    }

    private func write(_ text: String, to path: String) throws {
        do {
            let url = URL(filePath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw Problem(
                code: "file_unwritable", message: "the file cannot be written", place: path,
                hint: (error as NSError).localizedFailureReason ?? "")
        }
    }

    private static func show(_ sight: PollSight, _ redactor: Redactor, _ palette: Palette) {
        switch sight {
        case .request(let request):
            let url = redactor.redact(StrangerText.printable(request.url))
            StandardError.writeLine("→ \(request.method.rawValue) \(url)")
        case .answer(let response):
            StandardError.writeLine(
                "← \(response.status)" + palette.dim("  \(response.bodyCount) bytes"))
        case .again(let reason): StandardError.writeLine("again: \(redactor.redact(reason))")
        case .ruling, .limits, .page, .cut: break
        }
    }
}

extension FirstPoll: ExpressibleByArgument {}
