import PullcordModel

/// What an API says of its own limits, and what an author wants never exceeded.
package struct LimitsSpec: Sendable, Equatable {
    /// How many requests are left.
    package var remaining: ValueReading?
    /// How many requests a window has.
    package var limit: ValueReading?
    /// When there are more again.
    package var reset: ValueReading?
    package var budget: BudgetSpec
    /// Which of an answer's advice on the next poll is followed.
    package var respected: Set<Advice>
    /// Decoded bytes of one page.
    package var pageBytes: Int
    /// Pages of one poll.
    package var pages: Int
    /// From the first byte sent to the last byte received, for one request.
    package var timeout: Duration

    /// A header by which an API says when to ask again though nothing is wrong.
    package enum Advice: String, Sendable, CaseIterable {
        /// Seconds, as GitHub's events have it.
        case pollInterval = "x-poll-interval"
        /// The member `max-age` less the header Age (RFC 9111, section 5.2.2.1).
        case cacheControl = "cache-control"
    }

    package init(
        remaining: ValueReading? = nil, limit: ValueReading? = nil, reset: ValueReading? = nil,
        budget: BudgetSpec = BudgetSpec(), respected: Set<Advice> = [.pollInterval],
        pageBytes: Int = Limits.pageBytesDefault, pages: Int = Limits.pagesDefault,
        timeout: Duration = .seconds(60)
    ) {
        self.remaining = remaining
        self.limit = limit
        self.reset = reset
        self.budget = budget
        self.respected = respected
        self.pageBytes = pageBytes
        self.pages = pages
        self.timeout = timeout
    }
}

/// A number or a time in an answer, and how it is written.
package struct ValueReading: Sendable, Equatable {
    package enum Source: Sendable, Equatable {
        case header(String)
        /// A jq program over the body.
        case body(ExpressionText)
    }

    package enum Meaning: String, Sendable, CaseIterable {
        /// Seconds since 1970, a fraction allowed.
        case epochSeconds = "epoch_seconds"
        case epochMilliseconds = "epoch_milliseconds"
        /// From now, a fraction allowed.
        case seconds
        case milliseconds
        /// RFC 9110, section 5.6.7.
        case httpDate = "http_date"
        case rfc3339
        /// A number of requests.
        case count
        /// `n/m`: n of m requests are used.
        case usedOfAll = "n_of_m"
        /// `n;w=s`: n requests in a window of s seconds.
        case rate

        /// What a time or a wait may be written as.
        package static let times: [Meaning] = [
            .epochSeconds, .epochMilliseconds, .seconds, .milliseconds, .httpDate, .rfc3339,
        ]
        /// What a number of requests may be written as.
        package static let counts: [Meaning] = [.count, .usedOfAll, .rate]
    }

    package var source: Source
    package var meaning: Meaning

    package init(_ source: Source, as meaning: Meaning) {
        self.source = source
        self.meaning = meaning
    }
}

/// What is never asked for, by all who share an API's limit together.
package struct BudgetSpec: Sendable, Equatable {
    /// So many requests, or their cost, in any window of that length.
    package struct Rate: Sendable, Hashable {
        package var count: Int
        package var window: Duration

        package init(count: Int, window: Duration) {
            self.count = count
            self.window = window
        }
    }

    /// What is left to others of what the API says that there is.
    package enum Reserve: Sendable, Equatable {
        case count(Int)
        /// Of the stated limit, 0…1.
        case share(Double)
    }

    /// Who counts together.
    package enum Share: String, Sendable, CaseIterable {
        /// All who ask the same host.
        case host
        /// All who ask the same host with the same credentials.
        case credential
        /// Each source for itself.
        case source
    }

    /// What one request counts for.
    package enum Cost: Sendable, Equatable {
        case fixed(Int)
        /// What the answer says; until then what the answer before it said, or 1.
        case stated(ValueReading)
    }

    /// All of them hold; empty means no bound but the API's own.
    package var rates: [Rate]
    /// Requests under way at once; nil means no bound.
    package var concurrency: Int?
    package var reserve: Reserve
    package var share: Share
    package var cost: Cost

    package init(
        rates: [Rate] = [], concurrency: Int? = nil, reserve: Reserve = .count(0),
        share: Share = .credential, cost: Cost = .fixed(1)
    ) {
        self.rates = rates
        self.concurrency = concurrency
        self.reserve = reserve
        self.share = share
        self.cost = cost
    }
}
