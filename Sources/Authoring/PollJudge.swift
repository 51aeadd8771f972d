import PullcordModel
import PullcordTransfer

/// Decides whether a poll came out as its test says.
struct PollJudge {
    let poll: TestPoll
    let number: Int
    /// Those whose changes are told.
    let streams: [String]
    /// Why requests were sent again.
    let reasons: [String]

    /// Everything that is not as expected; what of `result` is wrong is marked there.
    func judge(
        _ result: inout PollOutcome, strays: [StrayRequest],
        leftOver: [(exchange: ExpectedExchange, uses: Int)]
    ) -> [TestFailure] {
        var failures = strays.map { failure(of: $0) }
        // What a request without an answer has led to says nothing by itself.
        if strays.isEmpty {
            let errors = self.errors(result.errors)
            result.wrongError = !errors.isEmpty
            failures += errors
        }
        if let expected = poll.events {
            let wrong = EventComparison(streams: streams)
                .failures(expected, result.events, poll: number, at: poll.place)
            result.wrongEvents = !wrong.isEmpty
            failures += wrong
        }
        if let expected = poll.cursor {
            let wrong = cursor(expected, result.cursors)
            result.wrongCursor = wrong != nil
            failures += wrong.map { [$0] } ?? []
        }
        return failures + leftOver.map { failure(ofLeftOver: $0.exchange, uses: $0.uses) }
    }

    // MARK: Exchanges

    private func failure(of stray: StrayRequest) -> TestFailure {
        var details = ["found     \(stray.method.rawValue) \(stray.url)"]
        if !stray.body.isEmpty { details.append("          \(stray.body.prefix(500))") }
        if let nearest = stray.nearest {
            details.insert(
                "nearest   \(nearest.method.rawValue) \(nearest.url)  (line \(nearest.place.line))",
                at: 0)
            details += stray.differences.map { "          \($0)" }
            if stray.isUsedUp {
                details.append(
                    "          it fits, and has been used as often as `times` allows")
                details += reasons.prefix(3).map { "          asked again: \($0)" }
            }
        } else {
            details.append("          the poll has no exchanges")
        }
        if !stray.lists.isEmpty {
            details.append("          the fake has: \(stray.lists.joined(separator: ", "))")
            details.append("          (`list`, `since` and `pages` have to name all of the query)")
        }
        return TestFailure(
            poll: number, place: stray.nearest?.place ?? poll.place,
            message: TestFailure.strayMessage, details: details)
    }

    private func failure(ofLeftOver exchange: ExpectedExchange, uses: Int) -> TestFailure {
        let times = exchange.times ?? 0
        let message =
            times > 1
            ? "an exchange was used \(uses) instead of \(times) times"
            : "an exchange was not asked for"
        return TestFailure(
            poll: number, place: exchange.place, message: message,
            details: ["expected  \(exchange.method.rawValue) \(exchange.url)"])
    }

    // MARK: Errors

    private func errors(
        _ found: [(stream: String, code: String, reason: String)]
    ) -> [TestFailure] {
        guard let expected = poll.error else {
            return found.map { error in
                TestFailure(
                    poll: number, place: poll.place,
                    message: "the poll of \(error.stream) failed: \(error.code)",
                    details: error.reason.split(separator: "\n").map { String($0) })
            }
        }
        let isRight =
            switch expected.value {
            case .single(let code):
                !found.isEmpty && found.allSatisfy { Self.fits(code, $0.code) }
            case .named(let named):
                named.count == found.count
                    && named.allSatisfy { wanted in
                        found.contains {
                            $0.stream == wanted.name && Self.fits(wanted.text, $0.code)
                        }
                    }
            }
        guard !isRight else { return [] }
        var details = ["expected  \(Self.words(expected))"]
        details += found.map { "found     \($0.stream): \($0.code)  \($0.reason)" }
        if found.isEmpty { details.append("found     no error") }
        return [
            TestFailure(
                poll: number, place: expected.place,
                message: "the poll did not fail as expected", details: details)
        ]
    }

    /// A fault may be named by its word, or all of them by `transfer`.
    private static func fits(_ expected: String, _ found: String) -> Bool {
        expected == found || expected == "transfer" && Fault(rawValue: found) != nil
    }

    // MARK: Cursors

    private func cursor(
        _ expected: NamedExpectation, _ found: [(stream: String, text: String)]
    ) -> TestFailure? {
        let isRight =
            switch expected.value {
            case .single(let text): found.count == 1 && found[0].text == text
            case .named(let named):
                named.allSatisfy { wanted in
                    found.contains {
                        Self.isNamed($0.stream, wanted.name) && $0.text == wanted.text
                    }
                }
            }
        guard !isRight else { return nil }
        var details = ["expected  \(Self.words(expected))"]
        details += found.map { "found     \($0.stream): \($0.text)" }
        if found.isEmpty { details.append("found     no cursor") }
        return TestFailure(
            poll: number, place: expected.place, message: "the cursor is not as expected",
            details: details)
    }

    /// A stream, `stream.cursor`, or the name of a cursor alone.
    private static func isNamed(_ found: String, _ wanted: String) -> Bool {
        found == wanted || found.hasSuffix(".\(wanted)")
    }

    private static func words(_ expected: NamedExpectation) -> String {
        switch expected.value {
        case .single(let text): text
        case .named(let named):
            named.map { "\($0.name): \($0.text)" }.joined(separator: ", ")
        }
    }
}
