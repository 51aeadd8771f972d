import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordConfig
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore

/// Finds the quarantined stream that a person has named.
struct QuarantineLookup {
    let stream: String

    func find(in reader: any StoreReader) async throws -> Quarantine {
        let streams = try await reader.streams().filter { !$0.address.isInternal }
        let named = streams.filter {
            $0.address.description == stream || $0.address.source.text == stream
        }
        guard !named.isEmpty else {
            throw Problem(
                code: "unknown_stream", message: "there is no stream `\(stream)`",
                hint: "there is: \(streams.map(\.address.description).joined(separator: ", "))")
        }
        let quarantined = named.filter(\.isQuarantined)
        guard quarantined.count < 2 else {
            throw Problem(
                code: "ambiguous_stream", message: "`\(stream)` has several streams that wait",
                hint: "name one: "
                    + quarantined.map(\.address.description).joined(separator: ", "))
        }
        guard let state = quarantined.first,
            let quarantine = try await reader.quarantine(of: state.id)
        else {
            throw Problem(
                code: "not_quarantined", message: "`\(stream)` is not quarantined",
                hint: "pullcord quarantine lists what is")
        }
        return quarantine
    }

    /// Has a decision written down, by the daemon if there is one.
    func decide(_ decision: QuarantineDecision, _ options: ConfigOption) async throws {
        try await explaining {
            let quarantine = try await find(in: try options.reader())
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform(
                    "quarantine",
                    [
                        "source": quarantine.address.source.text,
                        "stream": quarantine.address.stream.text, "decision": decision.rawValue,
                    ]))
        }
    }
}

extension QuarantineDecision {
    var shown: String {
        switch self {
        case .none: "waits"
        case .accepted: "accepted"
        case .rejected: "rejected"
        }
    }
}

extension Quarantine {
    var shownCounts: String {
        finding.known == 0 ? "–" : "\(finding.affected) of \(finding.known)"
    }

    /// One object on one line.
    var line: String {
        var writer = JSONWriter()
        writer.quarantine(self)
        return OneLine.json(writer.bytes)
    }
}
