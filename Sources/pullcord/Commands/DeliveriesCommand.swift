import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordJSON
import PullcordModel

struct DeliveriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "List what was sent where, with each attempt, the newest first.")

    @Option(help: "Only deliveries of the event with this id.")
    var event: String?

    @Option(help: "Only deliveries to this subscription.")
    var subscription: String?

    @Option(help: "Only ready, blocked, delivered or dead ones.")
    var state: DeliveryState?

    @Option(help: "Only deliveries of this trace: its id, or a traceparent.")
    var trace: String?

    @Flag(help: "The same as --state dead.")
    var dead = false

    @Option(help: "How many at most.")
    var limit = 20

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per line, with the replies.")
    var json = false

    func run() async throws {
        try await explaining {
            let reader = try options.reader()
            var query = DeliveryQuery(
                event: event.map { EventID($0) },
                subscription: subscription.map { SubscriptionName($0) },
                state: dead ? .dead : state, limit: max(0, limit))
            query.trace = try trace.map { text throws(ValidationError) in
                guard let id = TraceContext.traceID(text) else {
                    throw ValidationError("--trace takes 32 hexadecimal digits or a traceparent.")
                }
                return id
            }
            let deliveries = try await reader.deliveries(query)
            if json {
                for delivery in deliveries {
                    var writer = JSONWriter()
                    writer.delivery(delivery)
                    StandardOutput.writeLine(OneLine.json(writer.bytes))
                }
            } else {
                show(deliveries)
            }
        }
    }

    private func show(_ deliveries: [DeliverySummary]) {
        let now = Workplace.time.wall()
        let palette = Palette(isOn: StandardOutput.hasColours)
        var table = Table(
            "COMMITTED", "EVENT", "STATE", "SUBSCRIPTION", "TYPE", "KEY", "ATTEMPTS", "NEXT")
        for delivery in deliveries {
            table.add(
                Shown.time(delivery.committed, now: now), delivery.event.text,
                delivery.state.rawValue, delivery.subscription.text, delivery.type,
                delivery.key.text, String(delivery.attempts.count),
                next(delivery, now))
        }
        let lines = table.lines(width: StandardOutput.width, palette: palette)
        guard let heading = lines.first else { return }
        StandardOutput.writeLine(heading)
        for (line, delivery) in zip(lines.dropFirst(), deliveries) {
            StandardOutput.writeLine(line)
            for attempt in delivery.attempts where shows(attempt, of: delivery) {
                StandardOutput.writeLine(palette.dim("    \(words(attempt, now: now))"))
            }
        }
    }

    /// When it is sent: what is due waits for its endpoint, what is blocked for another delivery.
    private func next(_ delivery: DeliverySummary, _ now: Timestamp) -> String {
        guard delivery.state == .ready, let due = delivery.due else { return "–" }
        return due > now ? Shown.relative(due, now: now) : "due"
    }

    /// A delivery that went well at once needs no second line.
    private func shows(_ attempt: Attempt, of delivery: DeliverySummary) -> Bool {
        event != nil || trace != nil || delivery.attempts.count > 1 || !attempt.reason.isEmpty
    }

    private func words(_ attempt: Attempt, now: Timestamp) -> String {
        let status = attempt.status.map { " \($0)" } ?? ""
        let reason = attempt.reason.isEmpty ? "" : ": \(attempt.reason)"
        return "attempt \(attempt.number) at \(Shown.time(attempt.started, now: now)), "
            + "\(Shown.span(attempt.duration)): \(attempt.outcome)\(status)\(reason)"
            + (attempt.trace.map { " [\($0)]" } ?? "")
    }
}
