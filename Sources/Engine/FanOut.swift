package import PullcordAdapter
package import PullcordJQ
import PullcordJSON
package import PullcordModel

/// How a stream hangs together with those above and below it.
package struct FanOut: Sendable {
    /// A stream that is asked for each record of this one.
    package struct Child: Sendable {
        package let id: StreamID
        /// What is written down of each record, by name.
        package let fields: [(name: String, value: Expression)]
        /// Fields of the record's own parent that are handed on, by the name they get.
        package let inherited: [(name: String, from: String)]
        /// Which records are asked for; nil for all.
        package let condition: Expression?
    }

    /// nil for a stream that stands alone, or on top.
    package var parent: ParentSpec?
    /// Whether the parents' keys are JSON arrays, so that a child's key is a longer one.
    package var hasCompositeParents = false
    package var children: [Child] = []
    /// Whether nobody is told of its changes.
    package var isSilent = false
    /// What of it decides what is written down for the children; nil without any.
    package var rules: Fingerprint?

    package init() {}

    /// The rules that what is written down has to be brought up to; nil if it is up to date.
    func unfilled(_ adopted: Fingerprint?) -> Fingerprint? { adopted == rules ? nil : rules }
}

extension FanOut {
    /// Connects the streams of one source; `ids` has their numbers in the same order.
    static func connect(_ streams: [StreamSpec], _ ids: [StreamID]) throws -> [FanOut] {
        let places = Dictionary(
            streams.indices.map { (streams[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        var result = streams.map { stream in
            var fan = FanOut()
            fan.parent = stream.parent
            fan.isSilent = stream.isSilent
            return fan
        }
        var hashers: [Int: IdentityHasher] = [:]
        for (index, stream) in streams.enumerated() {
            guard let parent = stream.parent, let above = places[parent.stream] else { continue }
            result[index].hasCompositeParents = isComposite(streams[above], streams, places)
            result[above].children.append(try Child(parent, id: ids[index]))
            var hasher = hashers[above] ?? IdentityHasher()
            hasher.add("\(ids[index].number) \(stream.name)")
            for field in parent.fields { hasher.add("\(field.name) \(field.value.text)") }
            hasher.add(parent.inherited.joined(separator: " "))
            if let condition = parent.condition { hasher.add("when \(condition.text)") }
            hashers[above] = hasher
        }
        for (index, hasher) in hashers { result[index].rules = hasher.finish() }
        return result
    }

    /// Whether a stream's keys are JSON arrays: of several parts, or below a parent's.
    private static func isComposite(
        _ stream: StreamSpec, _ streams: [StreamSpec], _ places: [StreamName: Int]
    ) -> Bool {
        guard let parent = stream.parent else { return stream.key.count > 1 }
        guard parent.isDetail, let above = places[parent.stream] else { return true }
        let list = streams[above]
        return list.parent != nil || list.key.count > 1
    }
}

extension FanOut.Child {
    fileprivate init(_ parent: ParentSpec, id: StreamID) throws {
        self.id = id
        fields = try parent.fields.map { field in
            (
                name: parent.isDetail ? ParentNames.record + field.name : field.name,
                value: try Expression(parsing: field.value.text)
            )
        }
        condition = try parent.condition.map { try Expression(parsing: $0.text) }
        inherited = parent.inherited.map { (name: ParentNames.parent + $0, from: $0) }
    }
}

/// How the fields of a record and of its parent are told apart where both are written down.
enum ParentNames {
    static let record = "record."
    static let parent = "parent."
}
