import PullcordAPI
import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordPoll
import PullcordTransfer

/// What `pullcord adapter try --json` prints of one stream.
struct TrialJSON {
    let seen: TrialTranscript.Seen
    let redactor: Redactor
    let curl: CurlCommand

    func text(_ address: StreamAddress, _ report: PollReport, _ next: TrialNext) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("stream", address.stream.text)
        writer.member("outcome", report.outcome)
        writer.member("reason", redactor.redact(report.reason))
        writer.key("requests")
        writer.beginArray()
        for exchange in seen.exchanges { write(exchange, to: &writer) }
        writer.endArray()
        writer.key("more_pages")
        writer.bool(seen.isCut)
        writer.key("records")
        writer.beginArray()
        for record in seen.records {
            writer.beginObject()
            writer.member("key", redactor.redact(record.key.text))
            if let cursor = record.cursor { writer.member("cursor", cursor) }
            writer.member("fingerprint", record.fingerprint.description)
            writer.key("deleted")
            writer.bool(record.isDeleted)
            writer.key("record")
            // As it came, unless a secret is in it.
            let text = String(decoding: record.record, as: UTF8.self)
            let shown = redactor.redact(text)
            if shown == text { writer.raw(record.record) } else { writer.string(shown) }
            writer.endObject()
        }
        writer.endArray()
        writeLimits(to: &writer)
        write(seen.validators, as: "validators", to: &writer)
        switch next {
        case .request(let request): writer.member("next", curl.text(request, indent: ""))
        case .nothing(let reason): writer.member("next_is", reason)
        }
        writer.endObject()
        return OneLine.json(writer.bytes)
    }

    private func write(_ exchange: TrialTranscript.Exchange, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("curl", exchange.curl)
        if let status = exchange.status {
            writer.key("status")
            writer.number(status)
            writer.key("bytes")
            writer.number(exchange.bytes)
            writer.key("milliseconds")
            writer.number(exchange.duration.wholeMilliseconds)
        }
        if let records = exchange.records {
            writer.key("records")
            writer.number(records)
        }
        if let ruling = exchange.ruling { writer.member("ruling", redactor.redact(ruling)) }
        writer.endObject()
    }

    private func writeLimits(to writer: inout JSONWriter) {
        writer.key("limits")
        writer.beginObject()
        func add(_ name: String, _ number: Int?) {
            guard let number else { return }
            writer.key(name)
            writer.number(number)
        }
        add("remaining", seen.limits?.remaining)
        add("limit", seen.limits?.limit)
        add("reset_seconds", seen.limits?.reset.map { Int($0.wholeMilliseconds / 1000) })
        write(seen.limitHeaders, as: "headers", to: &writer)
        writer.endObject()
    }

    private func write(
        _ fields: [HTTPField], as name: String, to writer: inout JSONWriter
    ) {
        writer.key(name)
        writer.beginObject()
        for field in fields { writer.member(field.name, redactor.redact(field.value)) }
        writer.endObject()
    }
}
