import PullcordAdapter
import PullcordCommit
import PullcordDetect
import PullcordJSON
import PullcordModel
import PullcordPoll

/// One parent that a poll visits, with all that its requests and records need of it.
struct Visit: Sendable {
    let parent: ParentState
    /// What requests say of it.
    let values: ParentValues
    /// Where the keys of the records below it stand.
    let span: KeySpan
    let ordinals: OrdinalSource
    /// How many events were spread over time before.
    let backfilled: Int
    let isDetail: Bool
    private let prefix: [UInt8]
    private let member: (name: String, value: [UInt8])?

    init(
        _ parent: ParentState, _ spec: ParentSpec, isComposite: Bool, ordinals: OrdinalSource,
        backfilled: Int
    ) {
        self.parent = parent
        self.ordinals = ordinals
        self.backfilled = backfilled
        isDetail = spec.isDetail
        prefix = Self.prefix(parent.key, isComposite: isComposite)
        span = KeySpan(
            after: RecordKey(String(decoding: prefix, as: UTF8.self)),
            // The byte behind the comma that ends the prefix.
            before: RecordKey(String(decoding: prefix.dropLast() + [0x2D], as: UTF8.self)))
        let fields = ParentFields(parent.fields)
        values = Self.values(of: parent, spec, fields)
        guard !spec.include.isEmpty else {
            member = nil
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        for name in spec.include {
            writer.key(name)
            if let value = fields.raw(name) { writer.raw(value) } else { writer.null() }
        }
        writer.endObject()
        member = (spec.member, writer.bytes)
    }

    /// The beginning of the key of every record below: a JSON array of parts, open at its end.
    private static func prefix(_ key: RecordKey, isComposite: Bool) -> [UInt8] {
        if isComposite { return Array(key.text.utf8.dropLast()) + [0x2C] }
        var text: [UInt8] = [0x5B]
        JSONText.append(Array(key.text.utf8), to: &text)
        text.append(0x2C)
        return text
    }

    private static func values(
        of parent: ParentState, _ spec: ParentSpec, _ fields: ParentFields
    ) -> ParentValues {
        let own = spec.isDetail ? ParentNames.record : ""
        var texts: [String: String] = [:]
        for field in spec.fields { texts[field.name] = fields.text(own + field.name) }
        guard spec.isDetail else {
            texts["key"] = parent.key.text
            return ParentValues(key: parent.key.text, fields: texts)
        }
        var above: [String: String] = [:]
        for name in spec.inherited { above[name] = fields.text(ParentNames.parent + name) }
        return ParentValues(key: parent.key.text, fields: above, record: texts)
    }

    /// A page of what was asked for, put where it belongs.
    func place(_ page: Page, hasPlainKeys: Bool) throws(DetectError) -> Page {
        if isDetail { return try page.detail(of: parent.key) }
        return try page.below(prefix: prefix, hasPlainKeys: hasPlainKeys, member: member)
    }

    /// The stream's state as this visit sees it: what is below its parent is all there is.
    func state(_ stream: StreamState, live: Int) -> StreamState {
        var state = StreamState(
            id: stream.id, address: stream.address, cursor: parent.cursor,
            validators: parent.validators, rules: parent.rules,
            pendingRules: parent.pendingRules,
            hasBaseline: parent.rules != nil || !parent.isFirst, liveCount: live,
            nextOrdinal: stream.nextOrdinal)
        // Whole records are kept from their next change on.
        state.kept = .all
        return state
    }

    /// What a page changes of the stream's state, as a change of the parent's row.
    func progress(_ batch: CommitBatch) -> CommitBatch {
        var batch = batch
        var progress = ParentProgress(key: parent.key)
        progress.cursor = batch.cursor
        progress.clearsValidators = batch.validators == .clear && parent.validators != nil
        progress.pendingRules = batch.pendingRules
        batch.cursor = nil
        batch.validators = .keep
        batch.pendingRules = nil
        batch.fanOut.progress = progress.isEmpty ? nil : progress
        return batch
    }
}
