extension Placeholder.Subject {
    /// As it stands in a placeholder: `params.shelf`.
    package var text: String {
        switch self {
        case .parameter(let name): "params.\(name)"
        case .environment(let name): "env.\(name)"
        case .file(let path): "file:\(path)"
        case .cursor: "cursor"
        case .namedCursor(let name): "cursor.\(name)"
        case .page(let value): "page.\(value.rawValue)"
        case .pollStarted: "poll.started"
        case .event(let value): "event.\(value.rawValue)"
        case .recordKey: "record.key"
        case .record(let path): "record.\(path)"
        case .parent(let name): "parent.\(name)"
        case .request(let value): value.word
        case .session(let name): "session.\(name)"
        }
    }
}

extension Placeholder {
    /// What to do about it where a request needs its value and there is none.
    package var adviceIfAbsent: String {
        switch subject {
        case .parameter: "give the parameter under `with:`, or a default in the adapter"
        case .cursor, .namedCursor:
            "at the first poll there is no cursor: give it an `initial`"
        case .page: "write what the first page is to have: | default \"…\""
        case .parent, .record, .recordKey:
            "the record has no such member, or it is null: leave such records out with `when`"
        case .session: "take the value in an earlier step"
        case .environment, .file, .pollStarted, .event, .request: ""
        }
    }
}
