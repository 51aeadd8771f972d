package import PullcordModel

/// A pattern of event types; a part is a name or `*`.
///
/// Health is asked for by patterns that begin with `pullcord`, never by others: nobody who wants
/// all changes is to be surprised by it.
package struct EventPattern: Sendable, Equatable, CustomStringConvertible {
    /// nil stands for any stream.
    package let stream: StreamName?
    /// nil stands for any kind.
    package let kind: EventKind?
    /// Whether it is for events of health, whose stream is `source` or `endpoint`.
    package let isHealth: Bool

    private static let healthPrefix = "pullcord."

    /// Reads `stream.kind`, `stream.*`, `*.kind` or `*`, and the same of health behind
    /// `pullcord.`; nil for anything else.
    package init?(_ text: String) {
        isHealth = text.hasPrefix(Self.healthPrefix)
        let rest = isHealth ? String(text.dropFirst(Self.healthPrefix.count)) : text
        if rest == "*" {
            stream = nil
            kind = nil
            return
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        stream = parts[0] == "*" ? nil : StreamName(String(parts[0]))
        if parts[1] == "*" {
            kind = nil
        } else {
            guard let kind = EventKind(rawValue: String(parts[1])), kind.isHealth == isHealth
            else { return nil }
            self.kind = kind
        }
        guard isHealth, let stream else { return }
        let streams = [StreamAddress.sourceHealth.stream, StreamAddress.endpointHealth.stream]
        guard streams.contains(stream) else { return nil }
    }

    package func matches(_ address: StreamAddress, kind: EventKind) -> Bool {
        isHealth == address.isInternal && (stream ?? address.stream) == address.stream
            && (self.kind ?? kind) == kind
    }

    package var description: String {
        let prefix = isHealth ? Self.healthPrefix : ""
        if stream == nil, kind == nil { return prefix + "*" }
        return "\(prefix)\(stream?.text ?? "*").\(kind?.rawValue ?? "*")"
    }
}
