import PullcordJSON
import PullcordModel
import PullcordTransfer

/// One run of a Singer tap: its files, its arguments, and what becomes of its messages.
///
/// The protocol: https://hub.meltano.com/singer/spec
struct SingerRun: Sendable {
    /// All that decides what a tap discovers.
    struct Identity: Hashable {
        let command: [String]
        let folder: String
        let environment: [String: String]
        let config: [UInt8]?
    }

    /// What a tap has discovered.
    struct Discovery: Sendable {
        let catalog: SingerCatalog
        private var runs = 1

        init(_ catalog: SingerCatalog) { self.catalog = catalog }

        /// The same, used once more; nil when it is time to ask anew.
        func used() -> Discovery? {
            guard runs < Limits.catalogRunsMax else { return nil }
            var discovery = self
            discovery.runs += 1
            return discovery
        }
    }

    private let call: SingerCall
    private let program: Program

    init(_ call: SingerCall, _ program: Program) {
        self.call = call
        self.program = program
    }

    var identity: Identity {
        // What differs from stream to stream and from poll to poll decides nothing.
        let own = program.call.environment.filter { !$0.key.hasPrefix("PULLCORD_") }
        return Identity(
            command: program.call.command, folder: program.call.folder, environment: own,
            config: call.config)
    }

    func discover(_ request: HTTPRequest) async throws(ProgramFailure) -> Discovery {
        let folder = program.folder.path
        let gathered = try await program.run(
            try configuration() + ["--discover"], request, mayBeUnchanged: false
        ) {
            RecordSink(
                limit: Limits.catalogBytesMax, spoolsOver: nil, folder: folder, isLines: false)
        }
        return Discovery(try SingerCatalog(gathered?.body ?? []))
    }

    func sync(
        _ request: HTTPRequest, _ discovery: Discovery?, folder: String
    ) async throws(ProgramFailure) -> HTTPResponse {
        let before = SingerCursor(call.cursor)
        var arguments = try configuration()
        if let discovery {
            let catalog = try discovery.catalog.selecting(call)
            let file = try program.folder.write(catalog, to: "catalog.json")
            arguments += [call.catalog == .properties ? "--properties" : "--catalog", file]
        }
        if !call.isWhole, let state = before.state {
            arguments += ["--state", try program.folder.write(state, to: "state.json")]
        }
        let (stream, limit) = (call.stream, request.bodyLimit.bytes)
        let over = request.spoolsOver
        let gathered = try await program.run(arguments, request, mayBeUnchanged: false) {
            SingerSink(stream: stream, limit: limit, spoolsOver: over, folder: folder)
        }
        guard let gathered, let findings = gathered.singer else {
            throw program.failure("brought nothing")
        }
        return program.page(gathered, try headers(findings, gathered, before))
    }

    private func configuration() throws(ProgramFailure) -> [String] {
        let config = call.config ?? Array("{}".utf8)
        return ["--config", try program.folder.write(config, to: "config.json")]
    }

    /// What is said beside the records: their key, and where to go on.
    private func headers(
        _ findings: SingerFindings, _ gathered: Gathered, _ before: SingerCursor
    ) throws(ProgramFailure) -> [HTTPField] {
        if !findings.isMentioned, call.isWhole || call.catalog == .none {
            throw program.failure(
                "said nothing of the stream `\(call.stream)`",
                hint: findings.others.isEmpty
                    ? "it must send at least a SCHEMA for it"
                    : "it spoke of: \(findings.others.sorted().joined(separator: ", "))")
        }
        var key = before.key
        if call.statesKey, let found = findings.key {
            guard !found.isEmpty || gathered.isEmpty else { throw noKey() }
            if let key, key != found, !call.isWhole { throw otherKey(key, found) }
            key = found.isEmpty ? key : found
        }
        if call.statesKey, key == nil, !gathered.isEmpty { throw noKey() }
        var fields: [HTTPField] = []
        if call.statesKey, let key {
            let text = String(decoding: SingerCursor.list(key), as: UTF8.self)
            fields.append(HTTPField(LocalHeader.key, text))
        }
        // What a whole reading states of where to go on is not about going on.
        if !call.isWhole {
            let cursor = SingerCursor(
                key: call.statesKey ? key : nil, state: findings.state ?? before.state)
            fields.append(HTTPField(LocalHeader.cursor, cursor.text))
        }
        return fields
    }

    private func noKey() -> ProgramFailure {
        program.failure(
            "names no key_properties in the SCHEMA of `\(call.stream)`",
            hint: "say in the adapter what tells one record from another: key: .id")
    }

    private func otherKey(_ known: [String], _ found: [String]) -> ProgramFailure {
        program.failure(
            "tells records of `\(call.stream)` apart by \(found.joined(separator: ", ")) now, "
                + "and did by \(known.joined(separator: ", "))",
            hint: "write `key` in the adapter, or begin anew with pullcord reset")
    }
}
