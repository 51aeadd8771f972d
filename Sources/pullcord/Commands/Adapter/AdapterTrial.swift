import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Synchronization

/// One poll of each stream of an adapter that keeps nothing, and a look at the next.
struct AdapterTrial {
    /// Parents, or records with details, that are asked for.
    private static let visitsMax = 3

    private let configuration: Configuration
    private let assembly: Assembly
    private let curls: [StreamAddress: CurlCommand]
    private let pages: Int
    private let isJSON: Bool
    private let palette = Palette(isOn: StandardOutput.hasColours)

    /// `variables` are the names that stand for values of parameters in what is shown.
    init(
        _ configuration: Configuration, variables: [String: String], pages: Int, isJSON: Bool
    ) async throws {
        self.configuration = Self.oneByOne(configuration)
        self.pages = pages
        self.isJSON = isJSON
        assembly = try await Assembly(dryRun: self.configuration, records: NothingKnown())
        guard let source = self.configuration.sources.first else {
            curls = [:]
            return
        }
        let hidden = Self.hidden(source, variables)
        curls = Dictionary(
            assembly.streams.map {
                ($0.address, CurlCommand(source, variables: hidden, redactor: $0.redactor))
            }
        ) { $1 }
    }

    /// Visits come one after the other, so that each request stands above its answer.
    private static func oneByOne(_ configuration: Configuration) -> Configuration {
        let sources = configuration.sources.map { source in
            var adapter = source.adapter
            for index in adapter.streams.indices {
                adapter.streams[index].parent?.concurrency = 1
                adapter.streams[index].detail?.concurrency = 1
            }
            var single = BoundSource(
                spec: source.spec, adapter: adapter, parameters: source.parameters,
                secrets: source.secrets)
            single.files = source.files
            return single
        }
        return Configuration(
            bridge: configuration.bridge, storePath: configuration.storePath, sources: sources,
            subscriptions: [], warnings: configuration.warnings)
    }

    /// The variables of values that must not be seen: secrets, and what came from outside.
    private static func hidden(
        _ source: BoundSource, _ variables: [String: String]
    ) -> [String: String] {
        let secrets = Set(source.secrets)
        return variables.filter { name, _ in
            source.parameters[name].map { secrets.contains(Secret($0)) } ?? false
        }
    }

    /// Polls each stream; returns whether one of them failed.
    func run(from cursor: String?) async throws -> Bool {
        let records = TrialRecords(
            assembly.streams, cursors: try cursors(cursor), now: Workplace.time.wall())
        let exchange = try Workplace.exchange(for: configuration)
        var hasFailed = false
        for stream in assembly.streams {
            guard let curl = curls[stream.address] else { continue }
            let transcript = TrialTranscript(
                curl, redactor: stream.redactor, limits: stream.poll.adapter.limits,
                isLive: !isJSON)
            if !isJSON { announce(stream) }
            let report = try await poll(stream, records, exchange, transcript.observe(_:))
            let next = try await next(stream, records, report)
            if isJSON {
                StandardOutput.writeLine(transcript.json(stream.address, report, next: next))
            } else {
                transcript.finish(report, next: next)
            }
            if !report.reason.isEmpty { hasFailed = true }
        }
        await exchange.shutdown()
        if !isJSON { StandardOutput.writeLine(palette.dim("nothing is stored, nothing is sent")) }
        return hasFailed
    }

    private func announce(_ stream: LiveStream) {
        let few =
            stream.fan.parent == nil ? "" : palette.dim("  (of at most \(Self.visitsMax))")
        StandardOutput.writeLine(palette.bold("stream \(stream.address.stream)") + few)
    }

    private func poll(
        _ stream: LiveStream, _ records: TrialRecords, _ exchange: any Exchange,
        _ observe: @escaping @Sendable (PollSight) -> Void
    ) async throws -> PollReport {
        let pipeline = Pipeline(
            records: records, exchange: exchange, time: Workplace.time, matcher: assembly.matcher,
            commit: { records.keep($0) })
        var options = PollOptions(observe: observe)
        options.visitsMax = Self.visitsMax
        options.pagesMax = pages
        options.recordsShown = TrialTranscript.recordsMax
        return try await pipeline.run(stream, options: options, nextPoll: { _ in nil })
    }

    // MARK: Where it begins

    private func cursors(_ text: String?) throws -> [StreamAddress: String] {
        guard let text else { return [:] }
        var able = assembly.streams.filter { $0.poll.stream.cursor != nil }
        // Others are read for the sake of their children only.
        if able.count > 1 {
            able = able.filter { !$0.fan.isSilent || $0.address.stream.text.hasSuffix(".list") }
        }
        guard let stream = able.first, able.count == 1 else {
            let names = able.map { "--stream \($0.address.stream)" }.joined(separator: ", ")
            throw Problem(
                code: "no_cursor",
                message: able.isEmpty
                    ? "no stream has a cursor that could begin elsewhere"
                    : "several streams have a cursor",
                hint: names.isEmpty ? "leave --from-cursor out" : "name one of them: \(names)")
        }
        return [stream.address: try stream.storedCursor(text)]
    }

    // MARK: What comes next

    /// The first request of the poll after this one; nothing is sent for it.
    private func next(
        _ stream: LiveStream, _ records: TrialRecords, _ report: PollReport
    ) async throws -> TrialNext {
        guard stream.fan.parent == nil else {
            return .nothing("asks for parents that are new, changed or due")
        }
        guard report.reason.isEmpty else { return .nothing("would ask the same again") }
        let asked = Mutex<HTTPRequest?>(nil)
        do {
            _ = try await poll(stream, records, NothingSent()) { sight in
                guard case .request(let request) = sight else { return }
                asked.withLock { $0 = $0 ?? request }
            }
        } catch is CancellationError {
            // A login would have been needed first.
        }
        return asked.withLock { $0 }.map { .request($0) } ?? .nothing("logs in first")
    }
}

/// A network on which nothing is ever sent.
private struct NothingSent: Exchange {
    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        throw TransferError(
            code: .cancelled, url: RequestURL.withoutSecrets(request.url), phase: .queue,
            message: "nothing is sent")
    }
}
