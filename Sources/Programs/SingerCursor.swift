import PullcordJSON

/// Where a tap goes on, and the key that its records were told apart by: one text, so that both
/// are committed together.
struct SingerCursor {
    /// nil where the adapter gives the key itself.
    var key: [String]?
    /// The value of a STATE message, as it came.
    var state: [UInt8]?

    init(key: [String]?, state: [UInt8]?) {
        self.key = key
        self.state = state
    }

    /// Reads what ``text`` wrote; empty if it was something else.
    init(_ text: String?) {
        guard let text, let value = try? JSONValue(parsing: text) else { return }
        if case .array(let items)? = value["key"] {
            var names: [String] = []
            for case .string(let name) in items { names.append(name) }
            key = names
        }
        let known = value["state"] ?? JSONValue.null
        if known != JSONValue.null { state = known.serialized }
    }

    var text: String {
        var writer = JSONWriter()
        writer.beginObject()
        if let key {
            writer.key("key")
            writer.raw(Self.list(key))
        }
        writer.key("state")
        if let state { writer.raw(state) } else { writer.null() }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func list(_ key: [String]) -> [UInt8] {
        JSONValue.array(key.map { .string($0) }).serialized
    }
}
