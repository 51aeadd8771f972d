package import PullcordModel

/// What answers mean: the rules of an adapter or of one of its streams.
package struct AnswersSpec: Sendable, Equatable {
    /// The first one that matches decides; none may match.
    package var rules: [AnswerRuleSpec]
    package var expected: ExpectSpec

    package init(rules: [AnswerRuleSpec] = [], expected: ExpectSpec = ExpectSpec()) {
        self.rules = rules
        self.expected = expected
    }

    /// These rules first, then the others; what is expected here replaces what is expected there.
    package func before(_ others: AnswersSpec) -> AnswersSpec {
        AnswersSpec(
            rules: rules + others.rules,
            expected: ExpectSpec(
                contentTypes: expected.contentTypes ?? others.expected.contentTypes,
                path: expected.path ?? others.expected.path))
    }
}

/// One rule: which answers, and what they mean.
///
/// All conditions that are given must hold; at least one is.
package struct AnswerRuleSpec: Sendable, Equatable {
    /// What an answer means for the poll that asked.
    package enum Meaning: String, Sendable, CaseIterable {
        /// A page to read, whatever the status.
        case success
        /// It may get better: the same page is asked for again.
        case retry
        /// The API's limit is reached; everybody who shares it waits.
        case rateLimited = "rate_limited"
        /// The API does not know who asks any more.
        case login
        /// The cursor or token is not known any more: everything is read from the start.
        case resync
        /// The page is left out, and nothing is deleted for not being seen.
        case skip
        /// There are no more pages.
        case stop
        /// The poll fails at once.
        case fail
    }

    /// Any of these statuses; empty means every status.
    package var statuses: [ClosedRange<Int>]
    /// Each of these headers has a value like its pattern, in which `*` stands for any text.
    package var headers: [HeaderPattern]
    /// A jq program over the body that gives something other than false and null.
    package var condition: ExpressionText?
    package var meaning: Meaning
    /// How long to wait, for `retry` and `rate_limited`; nil if the rule does not say.
    package var wait: Wait?
    /// A jq program over the body that tells people what happened.
    package var message: ExpressionText?
    package var place: Place

    package struct HeaderPattern: Sendable, Equatable {
        package var name: String
        package var pattern: String

        package init(name: String, pattern: String) {
            self.name = name
            self.pattern = pattern
        }
    }

    package enum Wait: Sendable, Equatable {
        case fixed(Duration)
        case stated(ValueReading)
    }

    package init(
        statuses: [ClosedRange<Int>] = [], headers: [HeaderPattern] = [],
        condition: ExpressionText? = nil, meaning: Meaning, wait: Wait? = nil,
        message: ExpressionText? = nil, place: Place
    ) {
        self.statuses = statuses
        self.headers = headers
        self.condition = condition
        self.meaning = meaning
        self.wait = wait
        self.message = message
        self.place = place
    }
}

/// What an answer must be before anything in it counts as a list, an empty one included.
package struct ExpectSpec: Sendable, Equatable {
    /// Media types without parameters, in which `*` stands for any text; nil takes all but web
    /// pages.
    package var contentTypes: [String]?
    /// A jq program over the body that gives something other than false and null.
    package var path: ExpressionText?

    package init(contentTypes: [String]? = nil, path: ExpressionText? = nil) {
        self.contentTypes = contentTypes
        self.path = path
    }
}
