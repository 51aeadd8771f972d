import PullcordAdapter
package import PullcordConfig
import PullcordJSON
package import PullcordModel
import PullcordTransfer

/// Makes a test file of what was recorded: masked, cut, tried out, and told what comes of it.
package struct RecordedTest: Sendable {
    /// What of a recording is kept, and how.
    package struct Choices: Sendable {
        /// Members of bodies that are replaced, as plain paths: `.user.email`.
        package var masked: [String] = []
        /// Records of a page that are kept; nil for all.
        package var keep: Int?
        package var name = "what was recorded"
        /// As the file names it.
        package var adapter = ""
        package var streams: [String]?
        package var date = ""

        package init() {}
    }

    /// How often a draft is mended: each time one more part of a request is left open.
    private static let roundsMax = 8

    private let configuration: Configuration
    private let recording: Recording
    private let choices: Choices

    package init(_ configuration: Configuration, _ recording: Recording, _ choices: Choices) {
        self.configuration = configuration
        self.recording = recording
        self.choices = choices
    }

    /// The text of the file; `run` carries out a text as a test.
    ///
    /// Throws ``Problem`` if it comes out differently from what was recorded and cannot be made
    /// not to, or if a secret would stand in it.
    package func text(
        _ run: (String) async -> FileOutcome
    ) async throws(Problem) -> String {
        var draft = try self.draft()
        var outcome = try await self.outcome(draft, run)
        for _ in 0..<Self.roundsMax where outcome.polls.contains(where: { !$0.strays.isEmpty }) {
            guard draft.mend(outcome) else { break }
            outcome = try await self.outcome(draft, run)
        }
        if let failure = outcome.failures.first(where: { $0.isOfStray }) {
            throw Problem(
                code: "record_differs",
                message: "what was recorded does not come again: \(failure.message)",
                hint: ([failure.headline] + failure.details).joined(separator: "\n    ")
                    + (choices.keep == nil ? "" : "\n    without --keep it may"))
        }
        let failed = outcome.polls.flatMap(\.errors)
        if failed.count > recording.failures.count, let first = failed.first {
            throw Problem(
                code: "record_differs",
                message: "what was recorded fails when it comes again: \(first.reason)",
                hint: choices.keep == nil
                    ? "write this test by hand" : "without --keep it may not")
        }
        draft.prune(outcome)
        draft.expect(outcome)
        let text = draft.text
        try check(text)
        let last = await run(text)
        guard last.isGood else {
            throw Problem(
                code: "record_differs", message: "the test that was written does not pass",
                hint: last.cases.flatMap(\.failures).map(\.headline).joined(separator: "\n    "))
        }
        return text
    }

    private func outcome(
        _ draft: DraftTest, _ run: (String) async -> FileOutcome
    ) async throws(Problem) -> CaseOutcome {
        let file = await run(draft.text)
        guard let outcome = file.cases.first else {
            throw Problem(
                code: "record_unreadable", message: "what was recorded makes no test",
                hint: file.report?.text() ?? "")
        }
        return outcome
    }

    /// Nothing that is secret may stand in the file, in whatever form.
    private func check(_ text: String) throws(Problem) {
        for (number, line) in text.split(separator: "\n").enumerated() {
            for redactor in recording.redactors where redactor.redact(String(line)) != line {
                throw Problem(
                    code: "record_secret",
                    message: "line \(number + 1) would hold a secret, so nothing was written",
                    hint: "--mask replaces what stands in bodies: "
                        + redactor.redact(String(line)).trimmed)
            }
        }
    }

    // MARK: The draft

    private func draft() throws(Problem) -> DraftTest {
        guard let source = configuration.sources.first, let first = recording.polls.first else {
            throw Problem(code: "record_empty", message: "nothing was recorded")
        }
        let maker = try RecordedParts(source: source, recording: recording, choices: choices)
        var draft = DraftTest(
            comment: maker.comment, adapter: choices.adapter, with: maker.parameters,
            source: source.spec.first.map { [.init("first", .string($0.rawValue))] } ?? [],
            streams: choices.streams, name: choices.name, start: first.began, polls: [])
        var last = first.began
        for poll in recording.polls {
            var made = DraftTest.Poll()
            if poll.began != last { made.after = poll.began - last }
            last = poll.began
            made.exchanges = try maker.exchanges(poll)
            draft.polls.append(made)
        }
        return draft
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.prefix(120))
    }
}

extension TestFailure {
    fileprivate var isOfStray: Bool { message == TestFailure.strayMessage }
}
