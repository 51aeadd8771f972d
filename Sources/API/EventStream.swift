import Hummingbird
import NIOCore
import PullcordCommit
import PullcordJSON
import PullcordModel
import ServiceLifecycle
import Synchronization

/// Events as they are committed, as server-sent events (WHATWG HTML, section 9.2).
///
/// Each has the place in the log as its `id`: a client that comes again with `Last-Event-ID` goes
/// on where it was. Events come without their records.
struct EventStream: RouteGroup {
    /// Streams that are open at the same time.
    static let openMax = 64
    /// How often the log is looked at.
    static let look: Duration = .milliseconds(250)
    /// How often something is said when there is nothing to say.
    static let heartbeat: Duration = .seconds(15)
    /// Events that are read at a time.
    private static let step = 100

    let desk: APIDesk
    private let open = Count()

    private final class Count: Sendable {
        let number = Mutex(0)
    }

    init(_ desk: APIDesk) { self.desk = desk }

    var routes: [Route] {
        [
            Route(
                .get, "/v1/events/stream", id: "streamEvents", tag: "events",
                "Follow events as they come, as server-sent events; resumes by Last-Event-ID.",
                access: .scope(.read), query: EventRoutes.filters,
                reply: .other("text/event-stream"), refusals: [503], start)
        ]
    }

    private func start(_ request: APIRequest) async throws -> APIAnswer {
        let end = try await desk.store.logEnd()
        var position = end
        if let text = request.headers["last-event-id"] {
            guard let number = Int64(text), number >= 0 else {
                throw APIProblem(
                    400, "event_id_invalid", "`\(text.prefix(40))` is no id of this stream",
                    field: "Last-Event-ID")
            }
            position = min(number, end)
        }
        guard open.number.withLock({ $0 < Self.openMax }) else {
            var problem = APIProblem(
                503, "streams_too_many", "\(Self.openMax) streams are open already")
            problem.headers = [("retry-after", "5")]
            throw problem
        }
        let query = EventRoutes.query(request)
        return APIAnswer(
            contentType: "text/event-stream", headers: [("x-accel-buffering", "no")],
            .stream { [position] writer in
                // Counted here: an answer that is never written needs no place.
                let isFree = open.number.withLock { number in
                    guard number < Self.openMax else { return false }
                    number += 1
                    return true
                }
                guard isFree else { return try await writer.finish(nil) }
                defer { open.number.withLock { $0 -= 1 } }
                try await follow(query, after: position, request, &writer)
                try await writer.finish(nil)
            })
    }

    /// Until the client goes, may read no longer, or the process stops.
    @concurrent
    private func follow(
        _ query: EventQuery, after start: Int64, _ request: APIRequest,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        var position = start
        var spoke = desk.time.monotonic()
        var asked = spoke
        // The first words make proxies and browsers open the stream.
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            if desk.time.monotonic() - asked >= Self.heartbeat {
                // A token may be revoked, expire or lose its scope while its stream is open.
                guard try await request.isStillAllowed() else { return }
                asked = desk.time.monotonic()
            }
            let (events, end) = try await next(query, after: position)
            position = end
            if !events.isEmpty {
                try await writer.write(ByteBuffer(bytes: Self.text(of: events)))
                spoke = desk.time.monotonic()
                if events.count == Self.step { continue }
            } else if desk.time.monotonic() - spoke >= Self.heartbeat {
                try await writer.write(ByteBuffer(string: ": still here\n\n"))
                spoke = desk.time.monotonic()
            }
            let due = desk.time.monotonic() + Self.look
            try? await cancelWhenGracefulShutdown { try await desk.time.sleep(until: due) }
        }
    }

    private func next(
        _ query: EventQuery, after position: Int64
    ) async throws -> (events: [EventSummary], position: Int64) {
        let end = try await desk.store.logEnd()
        guard end > position else { return ([], position) }
        var query = query
        query.after = position
        query.limit = Self.step
        let events = try await desk.store.events(query)
        // What did not fit the filter is behind us too.
        let isWhole = events.count < Self.step
        let last = events.last?.sequence ?? position
        return (events, isWhole ? max(last, end) : last)
    }

    private static func text(of events: [EventSummary]) -> [UInt8] {
        var text: [UInt8] = []
        for event in events {
            var writer = JSONWriter()
            writer.event(event.event, event, isBrief: true)
            // Compact JSON has no line breaks, which would end the field.
            text += "id: \(event.sequence)\nevent: event\ndata: ".utf8
            text += writer.bytes
            text += "\n\n".utf8
        }
        return text
    }
}
