package import PullcordCommit
package import PullcordModel

/// The sources and subscriptions there are, where each comes from, and how those of the store are
/// changed; ``StoreBook`` is the one that works.
///
/// Every method throws ``DefinitionRefusal`` for what was asked wrongly, and ``StoreError``.
package protocol DefinitionBook: Sendable {
    /// By name, those of the file and those of the store together.
    func page(_ query: DefinitionPageQuery) async throws -> DefinitionPage

    /// Those of the store that were set aside, because something is wrong with them; by name.
    func broken() async throws -> [Definition]

    /// nil if there is none of the name.
    func definition(_ kind: DefinitionKind, _ name: String) async throws -> Definition?

    /// Makes or replaces one of the store, after all the checks that `pullcord check` makes.
    ///
    /// `text` is a JSON object with the keys of a source or a subscription of a bridge file;
    /// `name` may be left out, and must be `name` otherwise. A secret that is written
    /// `{"sealed": true}` stays what it is. What is equal to what there is changes nothing. When it
    /// returns the change is committed, and the daemon runs by it unless
    /// ``DefinitionChange/problem`` says why not. Refused with the codes `name_taken`,
    /// `definition_invalid`, `version_mismatch`, `definition_unknown`, `definition_too_large`,
    /// `definitions_too_many` and `secrets_key_missing`.
    func put(
        _ kind: DefinitionKind, _ name: String, text: [UInt8], expecting: DefinitionExpectation,
        by author: String
    ) async throws -> DefinitionChange

    /// The same without a change: what ``put(_:_:text:expecting:by:)`` would say.
    func check(_ kind: DefinitionKind, _ name: String, text: [UInt8]) async throws
        -> [DefinitionComplaint]

    /// Deletes one of the store; what it left behind stays until `purge`.
    ///
    /// Refused with `from_file`, `definition_unknown`, `version_mismatch` and, for a source that a
    /// subscription of the store names, `source_in_use`.
    func delete(
        _ kind: DefinitionKind, _ name: String, expecting: DefinitionExpectation,
        by author: String
    ) async throws -> DefinitionChange

    /// Gives a subscription of the store a new secret; the old ones go on signing beside it for
    /// `overlap`. Without a `secret` one is made. Returns the new one, this once.
    func rotateSecret(
        of subscription: String, to secret: Secret?, overlap: Duration, by author: String
    ) async throws -> (secret: Secret, change: DefinitionChange)

    /// Sends a signed event `pullcord.test` to one subscription and waits for the answer; it is
    /// nobody's event, and nothing of it is stored.
    func sendTest(to subscription: String) async throws -> TestSending
}

/// Which definitions to list.
package struct DefinitionPageQuery: Sendable, Equatable {
    package var kind: DefinitionKind
    /// Only names behind this one, by their bytes.
    package var after: String?
    package var labels: LabelSelector?
    /// nil means both.
    package var origin: DefinitionOrigin?
    /// 1 to ``Limits/definitionPageMax``.
    package var limit: Int

    package init(
        _ kind: DefinitionKind, after: String? = nil, labels: LabelSelector? = nil,
        origin: DefinitionOrigin? = nil, limit: Int = 100
    ) {
        self.kind = kind
        self.after = after
        self.labels = labels
        self.origin = origin
        self.limit = limit
    }
}

/// Some definitions in the order of their names.
package struct DefinitionPage: Sendable, Equatable {
    package let items: [Definition]
    /// Where the next page begins (``DefinitionPageQuery/after``); nil for the last.
    package let next: String?

    package init(
        items: [Definition], next: String?
    ) {
        self.items = items
        self.next = next
    }
}

/// One source or subscription as it may be shown: no secret is in it.
package struct Definition: Sendable, Equatable {
    package let kind: DefinitionKind
    package let name: String
    package let origin: DefinitionOrigin
    /// A JSON object with the keys of the bridge file; each secret is `{"sealed": true}`.
    package let text: String
    package let labels: [String: String]
    /// For ETag and If-Match; nil for what comes from the file.
    package let version: Int64?
    package let made: Timestamp?
    package let changed: Timestamp?
    /// What is wrong with it; one with an error is set aside and does not run.
    package let complaints: [DefinitionComplaint]

    package init(
        kind: DefinitionKind, name: String, origin: DefinitionOrigin, text: String,
        labels: [String: String], version: Int64?, made: Timestamp?, changed: Timestamp?,
        complaints: [DefinitionComplaint]
    ) {
        self.kind = kind
        self.name = name
        self.origin = origin
        self.text = text
        self.labels = labels
        self.version = version
        self.made = made
        self.changed = changed
        self.complaints = complaints
    }

    package var isBroken: Bool { complaints.contains { $0.isError } }
}

/// One complaint about a definition, at a field of it.
package struct DefinitionComplaint: Sendable, Equatable {
    package let isError: Bool
    /// A stable name, as of the diagnostics of `pullcord check`.
    package let code: String
    /// A JSON Pointer (RFC 6901) into the definition; empty for the whole.
    package let pointer: String
    package let message: String
    package let allowed: [String]
    package let suggestion: String?
    package let hint: String

    package init(
        isError: Bool = true, code: String, pointer: String = "", message: String,
        allowed: [String] = [], suggestion: String? = nil, hint: String = ""
    ) {
        self.isError = isError
        self.code = code
        self.pointer = pointer
        self.message = message
        self.allowed = allowed
        self.suggestion = suggestion
        self.hint = hint
    }
}

/// Why a change was not carried out.
package struct DefinitionRefusal: Error, Sendable {
    package let problem: Problem
    /// Every complaint, for `definition_invalid`; may be empty.
    package let complaints: [DefinitionComplaint]
    /// The version there is, for `version_mismatch`.
    package let version: Int64?

    package init(
        _ problem: Problem, complaints: [DefinitionComplaint] = [], version: Int64? = nil
    ) {
        self.problem = problem
        self.complaints = complaints
        self.version = version
    }
}

/// What a change came to.
package struct DefinitionChange: Sendable {
    package enum Outcome: String, Sendable {
        case created, replaced, unchanged, deleted
    }

    package let outcome: Outcome
    /// As it is now; as it was, for one that was deleted.
    package let definition: Definition
    /// Why the daemon does not run by it, although it is committed; nil if it does.
    package let problem: Problem?

    package init(
        outcome: Outcome, definition: Definition, problem: Problem?
    ) {
        self.outcome = outcome
        self.definition = definition
        self.problem = problem
    }
}

/// What came of a test.
package struct TestSending: Sendable {
    package let event: EventID
    /// Whether the receiver answered with a success.
    package let isDelivered: Bool
    /// As in `pullcord deliveries`: `delivered`, `http_500`, `timeout` and so on.
    package let outcome: String
    package let reason: String
    /// nil if there was no answer.
    package let status: Int?
    package let duration: Duration
    /// Of the answer, at most ``Limits/replyBytesKept``.
    package let reply: String

    package init(
        event: EventID, isDelivered: Bool, outcome: String, reason: String, status: Int?,
        duration: Duration, reply: String
    ) {
        self.event = event
        self.isDelivered = isDelivered
        self.outcome = outcome
        self.reason = reason
        self.status = status
        self.duration = duration
        self.reply = reply
    }
}

/// Who changes a definition, and by which request of the command line, which is not carried out
/// again once the change is committed.
struct ChangeAuthor {
    let name: String
    var request: Int64?
}
