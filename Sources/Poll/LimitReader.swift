package import PullcordAdapter
package import PullcordJQ
package import PullcordModel
package import PullcordTransfer

/// Reads what an answer says of the API's limits.
struct LimitReader: Sendable {
    /// What a request counts for before its answer is there; nil if only the answer knows.
    let fixedCost: Int?
    let reserve: BudgetSpec.Reserve
    private let remaining: CompiledReading?
    private let limit: CompiledReading?
    private let reset: CompiledReading?
    private let cost: CompiledReading?
    private let respected: Set<LimitsSpec.Advice>

    init(_ spec: LimitsSpec, cost own: BudgetSpec.Cost?) throws(JQError) {
        remaining = try spec.remaining.map { (reading) throws(JQError) in
            try CompiledReading(reading)
        }
        limit = try spec.limit.map { (reading) throws(JQError) in try CompiledReading(reading) }
        reset = try spec.reset.map { (reading) throws(JQError) in try CompiledReading(reading) }
        reserve = spec.budget.reserve
        respected = spec.respected
        switch own ?? spec.budget.cost {
        case .fixed(let count):
            fixedCost = count
            cost = nil
        case .stated(let reading):
            fixedCost = nil
            cost = try CompiledReading(reading)
        }
    }

    /// What is named in the adapter, and what the drafts' own fields say of the rest.
    func read(_ answer: ReadAnswer, now: Timestamp) -> LimitSight {
        var sight = remaining?.count(in: answer) ?? LimitSight()
        if let limit = limit?.count(in: answer) {
            sight.limit = limit.limit ?? limit.remaining
            sight.window = sight.window ?? limit.window
        }
        sight.reset = reset?.wait(in: answer, now: now)
        sight.cost = cost?.count(in: answer)?.remaining
        return sight.filled(from: RateLimitFields.read(answer.response.headers, now: now))
    }

    /// Retry-After in both its forms; Shopify's `2.0` is none of RFC 9110 and clear all the same.
    static func retryAfter(_ response: HTTPResponse, now: Timestamp) -> Duration? {
        let values = response.headers.values(of: "Retry-After")
        return RetryAfter.wait(values, now: now)
            ?? values.compactMap { StatedValue.wait($0, as: .seconds, now: now) }.max()
    }

    /// How long the API asks to wait until the next poll though nothing is wrong.
    func advice(_ response: HTTPResponse, now: Timestamp) -> Duration? {
        var waits: [Duration] = []
        if respected.contains(.pollInterval),
            let text = response.headers.value(of: "X-Poll-Interval"),
            let wait = StatedValue.wait(text, as: .seconds, now: now)
        {
            waits.append(wait)
        }
        if respected.contains(.cacheControl), let age = Self.freshness(response, now: now) {
            waits.append(age)
        }
        return waits.max()
    }

    /// What is left of `max-age`; nil if the answer may not be kept at all.
    private static func freshness(_ response: HTTPResponse, now: Timestamp) -> Duration? {
        let text = response.headers.values(of: "Cache-Control").joined(separator: ", ")
        let directives = FieldItem.list(text)
        let forbids = directives.contains {
            ["no-cache", "no-store"].contains($0.value.lowercased())
        }
        guard !forbids, let age = directives.first(where: { $0.key == "max-age" })?.value,
            let wait = StatedValue.wait(age, as: .seconds, now: now)
        else { return nil }
        let spent = response.headers.value(of: "Age").flatMap {
            StatedValue.wait($0, as: .seconds, now: now)
        }
        return max(.zero, wait - (spent ?? .zero))
    }
}

/// A number or a time of an answer, ready to be read.
package struct CompiledReading: Sendable {
    private enum Source {
        case header(String)
        case body(Expression)
    }

    private let source: Source
    private let meaning: ValueReading.Meaning

    package init(_ reading: ValueReading) throws(JQError) {
        meaning = reading.meaning
        switch reading.source {
        case .header(let name): source = .header(name)
        case .body(let text): source = .body(try Expression(parsing: text.text))
        }
    }

    package func wait(in response: HTTPResponse, now: Timestamp) -> Duration? {
        text(in: response).flatMap { StatedValue.wait($0, as: meaning, now: now) }
    }

    func wait(in answer: ReadAnswer, now: Timestamp) -> Duration? {
        wait(in: response(of: answer), now: now)
    }

    func count(in answer: ReadAnswer) -> LimitSight? {
        text(in: response(of: answer)).flatMap { StatedValue.count($0, as: meaning) }
    }

    /// The body is read only if it is looked at.
    private func response(of answer: ReadAnswer) -> HTTPResponse {
        if case .body = source { answer.readable } else { answer.response }
    }

    private func text(in response: HTTPResponse) -> String? {
        switch source {
        case .header(let name): response.headers.value(of: name)
        case .body(let expression): (try? expression.valueText(in: response.body)) ?? nil
        }
    }
}
