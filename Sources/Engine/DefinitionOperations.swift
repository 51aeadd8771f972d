import PullcordCommit
package import PullcordModel

extension Operations {
    /// What the command line asks a daemon about definitions.
    ///
    /// Secrets in the arguments are sealed for their request: `definition` of `source.put` and
    /// `subscription.put`, `secret` of `subscription.rotate`.
    package mutating func addDefinitions(_ book: StoreBook) {
        for kind in DefinitionKind.allCases {
            add("\(kind).put") { call in
                try await Self.explained {
                    let name = try call.argument("name")
                    let text = try await book.openArgument(
                        try call.argument("definition"), of: "\(kind).put", name)
                    let change = try await book.put(
                        kind, name, text: Array(text.expose().utf8),
                        expecting: try Self.expectation(call), by: Self.change(call))
                    return Self.outcome(change)
                }
            }
            add("\(kind).delete") { call in
                try await Self.explained {
                    let change = try await book.delete(
                        kind, try call.argument("name"), expecting: try Self.expectation(call),
                        by: Self.change(call))
                    return Self.outcome(change)
                }
            }
        }
        add("subscription.rotate") { call in
            try await Self.explained {
                let name = try call.argument("name")
                let secret = try await book.openArgument(
                    try call.argument("secret"), of: "subscription.rotate", name)
                let seconds = Int64(try call.argument("overlap")) ?? 0
                let (_, change) = try await book.rotateSecret(
                    of: name, to: secret, overlap: .seconds(max(0, seconds)),
                    by: Self.change(call))
                return Self.outcome(change)
            }
        }
        add("subscription.test") { call in
            try await Self.explained {
                let name = try call.argument("name")
                let sent = try await book.sendTest(to: name)
                guard sent.isDelivered else {
                    throw Problem(
                        code: sent.outcome, message: "\(sent.event) was not taken: \(sent.reason)")
                }
                return Outcome(subject: name, text: "\(sent.event) was delivered to \(name)")
            }
        }
        add("secrets.rotate") { call in
            try await Self.explained {
                let count = try await book.reseal(by: Self.author(call))
                return Outcome(
                    subject: "secrets",
                    text: "\(count) definition\(count == 1 ? " was" : "s were") sealed anew",
                    isAudited: count > 0)
            }
        }
    }

    private static func author(_ call: Call) -> String {
        call.arguments["author"] ?? "the command line"
    }

    private static func change(_ call: Call) -> ChangeAuthor {
        ChangeAuthor(name: author(call), request: call.request)
    }

    private static func expectation(_ call: Call) throws(Problem) -> DefinitionExpectation {
        switch call.arguments["expect"] {
        case nil: return .anything
        case "absent"?: return .absent
        case "present"?: return .present
        case let text?:
            guard let version = Int64(text) else {
                throw Problem(code: "argument_invalid", message: "`\(text)` is no version")
            }
            return .version(version)
        }
    }

    private static func outcome(_ change: DefinitionChange) -> Outcome {
        let definition = change.definition
        var text = "\(definition.kind) \(definition.name) is \(change.outcome.rawValue)"
        if change.outcome != .deleted, let version = definition.version {
            text += ", version \(version)"
        }
        if let problem = change.problem { text += "\n\(problem)" }
        for complaint in definition.complaints where change.outcome != .deleted {
            text += "\nwarning: \(complaint)"
        }
        if change.outcome == .deleted {
            text += "; pullcord purge \(definition.name) deletes what it left behind"
        }
        return Outcome(
            subject: definition.name, text: text, isAudited: change.outcome != .unchanged)
    }

    /// Tells a refusal with all its complaints.
    private static func explained(_ work: () async throws -> Outcome) async throws -> Outcome {
        do {
            return try await work()
        } catch let refusal as DefinitionRefusal {
            throw refusal.told
        }
    }
}

extension DefinitionRefusal {
    /// One problem with every complaint in its words.
    package var told: Problem {
        let lines = complaints.map { "\n  \($0)" }.joined()
        return Problem(
            code: problem.code, message: problem.message + lines, place: problem.place,
            hint: problem.hint)
    }
}

extension DefinitionComplaint: CustomStringConvertible {
    package var description: String {
        var text = pointer.isEmpty ? message : "\(pointer): \(message)"
        if !allowed.isEmpty { text += " (allowed: \(allowed.joined(separator: ", ")))" }
        if let suggestion { text += " (did you mean \(suggestion)?)" }
        if !hint.isEmpty { text += " (\(hint))" }
        return text + " [\(code)]"
    }
}
