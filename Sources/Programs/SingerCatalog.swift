import PullcordJSON
import PullcordTransfer

/// The catalog of a tap, with one stream selected.
struct SingerCatalog {
    private let streams: [JSONValue]

    /// Reads what `--discover` printed.
    init(_ bytes: [UInt8]) throws(ProgramFailure) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw ProgramFailure("what it discovered is no JSON: \(error.message)")
        }
        guard case .array(let streams)? = value["streams"] else {
            throw ProgramFailure("what it discovered has no `streams`")
        }
        self.streams = streams
    }

    /// The catalog as the tap is given it: the others stay in it, not selected.
    func selecting(_ call: SingerCall) throws(ProgramFailure) -> [UInt8] {
        let names = streams.compactMap(Self.name)
        guard names.contains(call.stream) else {
            throw ProgramFailure(
                "it has no stream `\(call.stream)`",
                hint: "it has: \(names.sorted().prefix(40).joined(separator: ", "))")
        }
        var chosen: [JSONValue] = []
        for stream in streams {
            let isChosen = Self.name(of: stream) == call.stream
            chosen.append(
                isChosen ? try Self.selected(stream, call) : Self.unselected(stream))
        }
        return JSONValue.object([JSONValue.Member("streams", .array(chosen))]).serialized
    }

    private static func name(of stream: JSONValue) -> String? {
        for key in ["stream", "tap_stream_id"] {
            if case .string(let name)? = stream[key] { return name }
        }
        return nil
    }

    private static func unselected(_ stream: JSONValue) -> JSONValue {
        stream.setting("selected", .bool(false))
            .settingMetadata(at: []) { $0.setting("selected", .bool(false)) }
    }

    private static func selected(
        _ stream: JSONValue, _ call: SingerCall
    ) throws(ProgramFailure) -> JSONValue {
        let own = stream.metadata(at: []) ?? .object([])
        let forced = own["forced-replication-method"]?.string
        if call.isWhole, let forced, forced != "FULL_TABLE" {
            throw ProgramFailure(
                "it reads `\(call.stream)` \(forced) only, so what a run leaves out is not gone",
                hint: "write `detect: incremental` without `reconcile`")
        }
        let key = call.replicationKey ?? own.replicationKey ?? stream["replication_key"]?.string
        var method: String?
        if forced == nil { method = call.isWhole ? "FULL_TABLE" : key.map { _ in "INCREMENTAL" } }
        var result = stream.setting("selected", .bool(true))
        if let method { result = result.setting("replication_method", .string(method)) }
        if let key, method != "FULL_TABLE" {
            result = result.setting("replication_key", .string(key))
        }
        result = result.settingMetadata(at: []) { entry in
            var entry = entry.setting("selected", .bool(true))
            if let method { entry = entry.setting("replication-method", .string(method)) }
            if let key, method != "FULL_TABLE" {
                entry = entry.setting("replication-key", .string(key))
            }
            return entry
        }
        return result.selectingFields()
    }
}

extension JSONValue {
    fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }

    /// What a tap says of how it goes on, in the metadata of a stream.
    fileprivate var replicationKey: String? {
        if let key = self["replication-key"]?.string { return key }
        guard case .array(let keys)? = self["valid-replication-keys"] else { return nil }
        return keys.first?.string
    }

    /// The object with a member set, at its place or at the end.
    fileprivate func setting(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        if let index = members.firstIndex(where: { $0.key == key }) {
            members[index] = Member(key, value)
        } else {
            members.append(Member(key, value))
        }
        return .object(members)
    }

    private func isMetadata(at breadcrumb: [String]) -> Bool {
        self["breadcrumb"] == .array(breadcrumb.map { .string($0) })
    }

    fileprivate func metadata(at breadcrumb: [String]) -> JSONValue? {
        guard case .array(let entries)? = self["metadata"] else { return nil }
        return entries.first { $0.isMetadata(at: breadcrumb) }?["metadata"]
    }

    fileprivate func settingMetadata(
        at breadcrumb: [String], _ change: (JSONValue) -> JSONValue
    ) -> JSONValue {
        var entries: [JSONValue] = []
        if case .array(let known)? = self["metadata"] { entries = known }
        let changed = change(metadata(at: breadcrumb) ?? .object([]))
        if let index = entries.firstIndex(where: { $0.isMetadata(at: breadcrumb) }) {
            entries[index] = entries[index].setting("metadata", changed)
        } else {
            entries.append(
                .object([
                    Member("breadcrumb", .array(breadcrumb.map { .string($0) })),
                    Member("metadata", changed),
                ]))
        }
        return setting("metadata", .array(entries))
    }

    /// Each field that the tap can give is wanted.
    fileprivate func selectingFields() -> JSONValue {
        guard case .array(let entries)? = self["metadata"] else { return self }
        let chosen = entries.map { entry -> JSONValue in
            guard case .array(let path)? = entry["breadcrumb"], !path.isEmpty,
                let known = entry["metadata"],
                known["inclusion"]?.string != "unsupported"
            else { return entry }
            return entry.setting("metadata", known.setting("selected", .bool(true)))
        }
        return setting("metadata", .array(chosen))
    }
}
