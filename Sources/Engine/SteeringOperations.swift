import PullcordAdapter
package import PullcordCommit
package import PullcordModel
import PullcordPoll

/// The streams that operators steer, polled at this moment or not.
package protocol StreamRoster: Sendable {
    /// The names of all sources, sorted.
    var sources: [String] { get }
    /// The streams of a source, or one of them, in order of their names.
    func streams(of source: SourceName, _ stream: StreamName?) -> [LiveStream]
    /// Starts no poll of a source any more, or starts them again.
    func setPaused(_ isPaused: Bool, _ source: SourceName)
    /// Has streams polled now; throws ``Problem`` where nothing polls.
    func hurry(_ streams: [LiveStream]) throws
    /// When the APIs of all these let requests through again; nil if they may now.
    func closedUntil(_ streams: [LiveStream]) -> Timestamp?
    /// Works on a stream while it is not being polled; throws ``Problem`` if that cannot be had.
    func whileStill(_ stream: LiveStream, _ body: () async throws -> Void) async throws
}

extension PollService: StreamRoster {
    package func whileStill(
        _ stream: LiveStream, _ body: () async throws -> Void
    ) async throws {
        guard try await exclusively(stream, body) != nil else {
            throw Problem(
                code: "poll_under_way", message: "`\(stream.address)` is being polled",
                hint: "pullcord pause \(stream.address.source), and try again when it has ended")
        }
    }
}

/// Streams that nobody polls, because no daemon runs.
package struct StillStreams: StreamRoster {
    private let all: [LiveStream]
    package let sources: [String]

    /// `sources` where the streams need not be known.
    package init(_ streams: [LiveStream], sources: [String] = []) {
        all = streams
        self.sources = Set(streams.map(\.address.source.text) + sources).sorted()
    }

    package func streams(of source: SourceName, _ stream: StreamName?) -> [LiveStream] {
        all.filter { $0.address.source == source }
            .filter { stream == nil || $0.address.stream == stream }
    }

    package func setPaused(_ isPaused: Bool, _ source: SourceName) {}

    package func closedUntil(_ streams: [LiveStream]) -> Timestamp? { nil }

    package func hurry(_ streams: [LiveStream]) throws {
        throw Problem(
            code: "not_running", message: "no daemon runs that could poll",
            hint: "pullcord poll polls by itself then")
    }

    package func whileStill(
        _ stream: LiveStream, _ body: () async throws -> Void
    ) async throws { try await body() }
}

extension Operations {
    /// Pausing and resuming, polling now, rewinding and resetting.
    ///
    /// The arguments are texts: `source`, and `stream` where one of its streams is meant; `to`
    /// says where `rewind` goes; `forget` makes `reset` take what it finds as known. A `poll`
    /// `by` `poke` leaves a paused source alone.
    package mutating func addSteering(
        _ roster: any StreamRoster, store: any Store & StoreReader
    ) {
        add("pause") { call in
            let source = try Self.source(call, roster)
            try await store.setPaused(true, source, at: call.now)
            roster.setPaused(true, source)
            return Outcome(
                subject: source.text, text: "\(source) is paused; pullcord resume polls it again")
        }
        add("resume") { call in
            let source = try Self.source(call, roster)
            try await store.setPaused(false, source, at: call.now)
            roster.setPaused(false, source)
            return Outcome(subject: source.text, text: "\(source) is polled again")
        }
        add("reload") { _ in
            throw Problem(
                code: "not_running", message: "no daemon runs that could reload",
                hint: "pullcord run reads the files when it starts")
        }
        add("poll") { call in
            let streams = try Self.streams(call, roster)
            if call.arguments["by"] == "poke" {
                try await Self.checkRunning(streams, store)
            } else {
                try Self.checkOpen(streams, roster, now: call.now)
            }
            try roster.hurry(streams)
            let names = streams.map(\.address.description).joined(separator: ", ")
            return Outcome(subject: names, text: "\(names): polled now")
        }
        addCursors(roster, store: store)
    }

    /// A foreign webhook is nobody who may lift a pause.
    private static func checkRunning(
        _ streams: [LiveStream], _ store: any StoreReader
    ) async throws {
        let paused = Set(try await store.pausedSources().map(\.source))
        guard let source = streams.map(\.address.source).first(where: paused.contains) else {
            return
        }
        throw Problem(
            code: "paused", message: "`\(source)` is paused", place: source.text,
            hint: "pullcord resume \(source)")
    }

    /// A poll that had to wait for hours would keep its stream from being steered meanwhile.
    private static func checkOpen(
        _ streams: [LiveStream], _ roster: any StreamRoster, now: Timestamp
    ) throws {
        guard let until = roster.closedUntil(streams), until > now + Self.waitMax,
            let source = streams.first?.address.source
        else { return }
        throw Problem(
            code: "asked_to_wait",
            message: "the API of `\(source)` asked to be left alone until \(until)",
            place: source.text,
            hint: "it is polled by itself then; the limit may be shared with other sources")
    }

    /// So long a poll that an operator asks for may wait for its API.
    private static let waitMax: Duration = .seconds(30)

    private mutating func addCursors(
        _ roster: any StreamRoster, store: any Store & StoreReader
    ) {
        add("rewind") { call in
            let streams = try Self.streams(call, roster)
            guard let stream = streams.first, streams.count == 1 else {
                let names = streams.map(\.address.description).joined(separator: ", ")
                throw Problem(
                    code: "stream_missing", message: "the source has several streams",
                    hint: "name one of them: \(names)")
            }
            let cursor = try stream.cursorValue(try call.argument("to"))
            try await roster.whileStill(stream) {
                try await store.setCursor(
                    ResyncMark(cursor: cursor).stored, forgetsBaseline: false, of: stream.id)
            }
            try? roster.hurry([stream])
            return Outcome(
                subject: stream.address.description,
                text: "\(stream.address): the next poll begins at \(cursor); only what differs "
                    + "comes out, as resync")
        }
        add("reset") { call in
            let streams = try Self.streams(call, roster)
            let forgets = call.arguments["forget"] != nil
            for stream in streams {
                let mark = forgets ? nil : ResyncMark(cursor: nil).stored
                try await roster.whileStill(stream) {
                    try await store.setCursor(mark, forgetsBaseline: forgets, of: stream.id)
                }
            }
            try? roster.hurry(streams)
            let names = streams.map(\.address.description).joined(separator: ", ")
            return Outcome(
                subject: names,
                text: forgets
                    ? "\(names): what the next poll finds is the new baseline"
                    : "\(names): the next poll reads everything; only what differs comes out")
        }
    }

    private static func source(
        _ call: Call, _ roster: any StreamRoster
    ) throws(Problem) -> SourceName {
        let name = try call.argument("source")
        // Names are only sorted for somebody who has none of them.
        guard roster.streams(of: SourceName(name), nil).isEmpty else { return SourceName(name) }
        let known = roster.sources
        guard known.contains(name) else { throw UnknownName.source(name, known: known) }
        return SourceName(name)
    }

    private static func streams(
        _ call: Call, _ roster: any StreamRoster
    ) throws(Problem) -> [LiveStream] {
        let source = try source(call, roster)
        let all = roster.streams(of: source, nil)
        guard let name = call.arguments["stream"] else { return all }
        let streams = all.filter { $0.address.stream.text == name }
        guard streams.isEmpty else { return streams }
        throw UnknownName.stream(name, of: source.text, known: all.map(\.address.stream.text))
    }
}
