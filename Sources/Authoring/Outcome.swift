package import PullcordConfig
package import PullcordModel

/// What became of one test file.
package struct FileOutcome: Sendable {
    package let path: String
    /// In the order of the file; empty if it could not be read.
    package let cases: [CaseOutcome]
    /// Why the file could not be read; nil if it could.
    package let report: DiagnosticReport?

    package var failed: Int { cases.count { !$0.failures.isEmpty } }
    package var isGood: Bool { report == nil && failed == 0 }
}

/// What became of one case.
package struct CaseOutcome: Sendable {
    package let name: String
    package let place: Place
    package var failures: [TestFailure] = []
    /// As many as were carried out.
    package var polls: [PollOutcome] = []
    package var duration: Duration = .zero
}

/// One thing that is not as the file says.
package struct TestFailure: Sendable, Equatable {
    /// From 1; nil if it is about the case as a whole.
    package let poll: Int?
    /// Of what was expected.
    package let place: Place
    package let message: String
    /// What was expected beside what was found, line by line.
    package var details: [String] = []
}

/// What came of one poll, beside what was expected: what `--update` writes.
package struct PollOutcome: Sendable {
    package let poll: TestPoll
    package var events: [Event] = []
    /// By stream, in the order of polling; streams without one are left out.
    package var cursors: [(stream: String, text: String)] = []
    /// By stream: the codes that polls failed with.
    package var errors: [(stream: String, code: String, reason: String)] = []
    /// What was asked and answered, in order.
    package var sights: [SightLine] = []
    package var wrongEvents = false
    package var wrongCursor = false
    package var wrongError = false
}

/// A line of what a poll did, for `--show`.
package struct SightLine: Sendable {
    package enum Kind: Sendable { case request, header, answer, ruling, end }

    package let kind: Kind
    package let text: String
}
