package import PullcordAdapter
package import PullcordJQ
import PullcordModel
package import PullcordTransfer

/// What answers mean for a stream, compiled: rules, expectations and limits.
package struct AnswerPlan: Sendable {
    let rules: [CompiledAnswerRule]
    let expectation: Expectation
    let limits: LimitReader
    /// What a request counts for before its answer is there; nil if only the answer knows.
    package var fixedCost: Int? { limits.fixedCost }
    /// A text that changes when the meaning of an answer may have changed; empty without rules.
    let identity: String
    private let format: FormatSpec

    /// Compiles what an adapter says; the stream's own rules come before the adapter's.
    package init(_ adapter: AdapterSpec, _ stream: StreamSpec) throws(JQError) {
        let spec = stream.answers.before(adapter.answers)
        var rules: [CompiledAnswerRule] = []
        for (index, rule) in spec.rules.enumerated() {
            let isOwn = index < stream.answers.rules.count
            let number = isOwn ? index : index - stream.answers.rules.count
            let owner = isOwn ? "streams.\(stream.name).answers" : "answers"
            rules.append(try CompiledAnswerRule(rule, name: "\(owner)[\(number)]"))
        }
        self.rules = rules
        expectation = try Expectation(spec.expected)
        limits = try LimitReader(adapter.limits, cost: stream.request.cost)
        format = stream.format
        identity = spec == AnswersSpec() ? "" : "\(spec)"
    }

    /// Whether an answer says that the API does not know who asks any more: by a rule, or by 401
    /// where no rule speaks of it.
    package func wantsLogin(_ response: HTTPResponse) -> Bool {
        guard hasLoginRule || response.status == 401 else { return false }
        guard let rule = rule(for: read(response)) else { return response.status == 401 }
        return rule.spec.meaning == .login
    }

    private var hasLoginRule: Bool { rules.contains { $0.spec.meaning == .login } }

    /// An answer as rules and limits see it.
    func read(_ response: HTTPResponse) -> ReadAnswer { ReadAnswer(response, format) }

    func rule(for answer: ReadAnswer) -> CompiledAnswerRule? {
        rules.first { $0.matches(answer) }
    }
}

/// One rule of `answers`, ready to be asked.
struct CompiledAnswerRule: Sendable {
    let spec: AnswerRuleSpec
    /// As in `answers[2]`.
    let name: String
    private let condition: BodyCondition?
    private let message: Expression?
    private let wait: CompiledReading?

    init(_ spec: AnswerRuleSpec, name: String) throws(JQError) {
        self.spec = spec
        self.name = name
        condition = try spec.condition.map { (text) throws(JQError) in
            try BodyCondition(parsing: text.text)
        }
        message = try spec.message.map { (text) throws(JQError) in
            try Expression(parsing: text.text)
        }
        if case .stated(let reading)? = spec.wait {
            wait = try CompiledReading(reading)
        } else {
            wait = nil
        }
    }

    /// The cheap conditions first: the body is looked at only if status and headers fit.
    func matches(_ answer: ReadAnswer) -> Bool {
        let response = answer.response
        guard spec.statuses.isEmpty || spec.statuses.contains(where: { $0 ~= response.status })
        else { return false }
        for header in spec.headers {
            let values = response.headers.values(of: header.name)
            guard values.contains(where: { Glob.matches($0, header.pattern) }) else { return false }
        }
        return condition?.isTrue(of: answer.readable.body) ?? true
    }

    /// What the rule says of the wait; nil if it says nothing that makes sense.
    func wait(_ answer: ReadAnswer, now: Timestamp) -> Duration? {
        if case .fixed(let duration)? = spec.wait { return duration }
        return wait?.wait(in: answer, now: now)
    }

    /// What the answer says to people; nil if the rule or the answer has nothing of it.
    func message(_ answer: ReadAnswer) -> String? {
        (try? message?.valueText(in: answer.readable.body)) ?? nil
    }
}

/// What an answer must be before it counts as a page.
struct Expectation: Sendable {
    private let contentTypes: [String]?
    private let path: BodyCondition?
    private let pathText: String

    init(_ spec: ExpectSpec) throws(JQError) {
        contentTypes = spec.contentTypes
        path = try spec.path.map { (text) throws(JQError) in
            try BodyCondition(parsing: text.text)
        }
        pathText = spec.path?.text ?? ""
    }

    /// Whether the adapter says itself which types are right.
    var namesTypes: Bool { contentTypes != nil }

    enum Complaint: Equatable {
        /// A page for people where data was asked for: a login, a proxy's complaint.
        case webPage
        case contentType(found: String, allowed: [String])
        case path(String)
    }

    /// What is wrong with an answer that is to be read; nil if it is as expected.
    ///
    /// `isRuled` says that a rule called it a success, which is then not doubted for its type.
    func complaint(_ answer: ReadAnswer, isRuled: Bool) -> Complaint? {
        let response = answer.response
        let stated = response.headers.value(of: "Content-Type")?.lowercased()
        let type = stated.map { String($0.prefix { $0 != ";" }).trimmingSpaces() }
        if let contentTypes {
            let fits = contentTypes.contains { Glob.matches(type ?? "", $0) }
            if !fits { return .contentType(found: type ?? "none", allowed: contentTypes) }
        } else if !isRuled, let type, type == "text/html" || type == "application/xhtml+xml" {
            return .webPage
        }
        // What is not of the format is told of with its line when it is read.
        if let path, answer.isPage, !path.isTrue(of: answer.readable.body) {
            return .path(pathText)
        }
        return nil
    }
}

/// Text compared with a pattern in which `*` stands for any text, whatever the case of letters.
enum Glob {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text.lowercased().utf8)
        let pattern = Array(pattern.lowercased().utf8)
        var (position, place) = (0, 0)
        // Where to go on if what follows the last star does not fit.
        var retry: (position: Int, place: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == 0x2A {
                retry = (position, place)
                place += 1
            } else if place < pattern.count, pattern[place] == text[position] {
                position += 1
                place += 1
            } else if let last = retry {
                retry = (last.position + 1, last.place)
                position = last.position + 1
                place = last.place + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == 0x2A }
    }
}
