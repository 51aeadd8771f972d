package import PullcordCommit
import PullcordJSON
package import PullcordModel

/// What operators can ask for, by kind; carried out by the owner of the store, be that the daemon
/// or the command itself.
package struct Operations: Sendable {
    /// One request, as whoever carries it out sees it.
    package struct Call: Sendable {
        /// The same number when the same request comes again; nil where it cannot.
        ///
        /// Below zero it came by HTTP with a key, above it waits in the store.
        package let request: Int64?
        package let arguments: [String: String]
        package let now: Timestamp

        package init(request: Int64?, arguments: [String: String], now: Timestamp) {
            self.request = request
            self.arguments = arguments
            self.now = now
        }

        /// Throws ``Problem`` if the argument is missing.
        package func argument(_ name: String) throws(Problem) -> String {
            guard let value = arguments[name] else {
                throw Problem(code: "argument_missing", message: "`\(name)` is missing")
            }
            return value
        }
    }

    /// What was done: to what, and in words for the one who asked.
    package struct Outcome: Sendable {
        package let subject: String
        package let text: String
        /// Whether the work has written its own line of the audit, with what it changed.
        package let isAudited: Bool

        package init(subject: String, text: String, isAudited: Bool = false) {
            self.subject = subject
            self.text = text
            self.isAudited = isAudited
        }
    }

    /// Must be the same when done twice; throws ``Problem`` to refuse.
    package typealias Work = @Sendable (Call) async throws -> Outcome

    private let store: any OperatorStore
    private let time: any TimeSource
    private var kinds: [String: Work] = [:]

    package init(store: any OperatorStore, time: any TimeSource) {
        self.store = store
        self.time = time
    }

    package mutating func add(_ kind: String, _ work: @escaping Work) { kinds[kind] = work }

    /// Carries a request out, and writes the answer with the line of the audit.
    ///
    /// Only ``StoreError`` and `CancellationError` are thrown.
    @discardableResult
    package func carryOut(
        _ kind: String, arguments: String, request: Int64? = nil
    ) async throws -> OperatorAnswer {
        do {
            // Arguments that cannot be read are none, and what is missing is told.
            let outcome = try await perform(
                kind, (try? Self.read(arguments)) ?? [:], by: "", request: request)
            return OperatorAnswer(isDone: true, text: outcome.text)
        } catch let problem as Problem {
            return OperatorAnswer(isDone: false, text: problem.description)
        }
    }

    /// Does what is asked without a line in the audit: for what machines ask all the time.
    ///
    /// A refusal is a ``Problem``.
    package func run(_ kind: String, _ arguments: [String: String]) async throws -> Outcome {
        guard let work = kinds[kind] else {
            throw Problem(code: "unknown_request", message: "this Pullcord cannot do `\(kind)`")
        }
        return try await work(Call(request: nil, arguments: arguments, now: time.wall()))
    }

    /// Does what is asked, and writes the audit's line, which names the `actor`.
    ///
    /// A refusal is a ``Problem``.
    @discardableResult
    package func perform(
        _ kind: String, _ arguments: [String: String], by actor: String, request: Int64? = nil
    ) async throws -> Outcome {
        let now = time.wall()
        func audit(_ subject: String, _ detail: String) -> AuditEntry {
            AuditEntry(time: now, action: kind, subject: subject, detail: detail, actor: actor)
        }
        do {
            guard let work = kinds[kind] else {
                throw Problem(
                    code: "unknown_request", message: "this Pullcord cannot do `\(kind)`")
            }
            let call = Call(request: request, arguments: arguments, now: now)
            let outcome: Outcome
            do {
                outcome = try await work(call)
            } catch {
                if error is StoreError || error is CancellationError { throw error }
                // Whoever asked is told: no request may end the process.
                throw error as? Problem
                    ?? Problem(code: "operation_failed", message: "it could not be done: \(error)")
            }
            try await store.answer(
                request, OperatorAnswer(isDone: true, text: outcome.text),
                audit: outcome.isAudited ? nil : audit(outcome.subject, outcome.text))
            return outcome
        } catch let problem as Problem {
            try await store.answer(
                request, OperatorAnswer(isDone: false, text: problem.description),
                audit: audit(
                    arguments["name"] ?? arguments["source"] ?? "", "refused: \(problem)"))
            throw problem
        }
    }

    /// How old a request may be: later, nobody waits for it any more.
    package static let ageMax: Duration = .seconds(600)

    /// Carries out all that wait.
    package func carryOutAll() async throws {
        for request in try await store.openRequests() {
            // It was done, and the process ended before it could say so.
            if let done = request.done {
                try await store.answer(
                    request.id, OperatorAnswer(isDone: true, text: done), audit: nil)
                continue
            }
            guard time.wall() - request.made <= Self.ageMax else {
                try await store.answer(
                    request.id, OperatorAnswer(isDone: false, text: "nobody came in time"),
                    audit: AuditEntry(
                        time: time.wall(), action: request.kind, subject: "",
                        detail: "refused: made \(request.made), too long ago"))
                continue
            }
            try await carryOut(request.kind, arguments: request.arguments, request: request.id)
        }
    }

    // MARK: Arguments as JSON

    package static func write(_ arguments: [String: String]) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in arguments.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            writer.string(value)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func read(_ text: String) throws(Problem) -> [String: String] {
        guard let value = try? JSONValue(parsing: text), case .object(let members) = value else {
            throw Problem(code: "arguments_invalid", message: "the arguments are no JSON object")
        }
        var arguments: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else { continue }
            arguments[member.key] = text
        }
        return arguments
    }
}
