import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordModel
import Synchronization

/// Decides who comes in: by the name that the server was called by, the page that a browser was
/// on, the token, and how much was asked already.
struct Gatekeeper: Sendable {
    /// Clients whose rate is counted; the oldest are forgotten beyond it.
    private static let clientsMax = 4096
    /// How often the use of a token is written down.
    private static let usedEvery: Duration = .seconds(60)

    /// Where the server listens, whatever a reload says.
    private let listen: ListenAddress
    private let first: GateRules
    private let catalogue: Catalogue?
    private let store: any AccessStore & AccessReader
    private let time: any TimeSource
    private let sessions: SessionBook
    private let counts = Counts()

    private final class Counts: Sendable {
        struct State {
            var buckets: [String: Bucket] = [:]
            var used: [String: Duration] = [:]
        }

        struct Bucket {
            var level: Double
            var at: Duration
        }

        let state = Mutex(State())
    }

    init(
        _ api: BoundAPI, store: any AccessStore & AccessReader, time: any TimeSource,
        sessions: SessionBook = SessionBook(), catalogue: Catalogue? = nil
    ) {
        first = GateRules(api)
        listen = api.spec.listen
        self.catalogue = catalogue
        self.sessions = sessions
        self.store = store
        self.time = time
    }

    /// By the configuration that runs now.
    private var rules: GateRules { catalogue?.snapshot.gate ?? first }

    // MARK: Where from

    /// Refuses a name that is not the server's.
    ///
    /// A page elsewhere may have had its own name lead to this machine (DNS rebinding). An address
    /// is nobody's name.
    func checkHost(_ headers: [String: String]) throws(APIProblem) {
        guard let text = headers["host"], !text.contains(",") else {
            throw APIProblem(400, "host_missing", "exactly one Host is needed", field: "Host")
        }
        let authority = Authority(text)
        guard authority.isAddress || rules.hosts.contains(authority.host) else {
            throw APIProblem(
                421, "host_unknown", "this server does not answer to `\(authority.host)`",
                field: "Host", hint: "add the name to `hosts` under `api` in the bridge file")
        }
    }

    /// Refuses changes that a page of another origin has its visitor's browser make.
    func checkOrigin(_ method: String, _ headers: [String: String]) throws(APIProblem) {
        guard method != "GET", method != "HEAD" else { return }
        if let site = headers["sec-fetch-site"], !["same-origin", "none"].contains(site) {
            throw Self.foreign
        }
        guard let origin = headers["origin"] else { return }
        let authority = Authority(ofURL: origin)
        let own = Authority(headers["host"] ?? "")
        let isPublic = rules.spec.publicURL.map { Authority(ofURL: $0) == authority } ?? false
        guard authority == own || isPublic else { throw Self.foreign }
    }

    private static let foreign = APIProblem(
        403, "origin_foreign", "a page of another origin cannot change anything here",
        field: "Origin")

    // MARK: Who

    /// Who asks; a token that is wrong is refused, also where none would be needed.
    func principal(_ headers: [String: String]) async throws -> Principal {
        let rules = rules
        let tokens = try await store.tokens() + rules.fixed
        if let header = headers["authorization"] {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else {
                throw Self.unauthorized("token_invalid", "write `Authorization: Bearer pct_…`")
            }
            let hash = TokenText.hash(Secret(String(parts[1].drop { $0 == " " })))
            // All are looked at, so that the time tells nothing of the place.
            var found: AccessToken?
            for token in tokens where TokenText.areEqual(token.hash, hash) { found = token }
            guard let found else {
                throw Self.unauthorized("token_unknown", "there is no such token")
            }
            let now = time.wall()
            guard !found.isExpired(at: now) else {
                throw Self.unauthorized("token_expired", "the token `\(found.name)` has expired")
            }
            try await noteUse(of: found, at: now)
            return Principal(name: "token \(found.name)", scope: found.scope)
        }
        if let principal = try await visitor(headers, tokens) { return principal }
        guard isAnonymousAllowed(headers), tokens.isEmpty else {
            return Principal(name: "anonymous", scope: nil)
        }
        let scope: AccessScope? =
            switch rules.spec.anonymous {
            case .none: nil
            case .read: .read
            case .operate: .operate
            }
        return Principal(name: "anonymous", scope: scope)
    }

    /// Whoever has logged in with a browser; nil if nobody, or the token is gone.
    private func visitor(
        _ headers: [String: String], _ tokens: [AccessToken]
    ) async throws -> Principal? {
        guard let hash = sessions.token(headers["cookie"], at: time.monotonic()) else { return nil }
        let now = time.wall()
        guard let token = tokens.first(where: { $0.hash == hash }), !token.isExpired(at: now) else {
            return nil
        }
        try await noteUse(of: token, at: now)
        var principal = Principal(name: "token \(token.name)", scope: token.scope)
        principal.isSession = true
        return principal
    }

    /// Refuses changes with a session that the console's own page did not ask for.
    func check(
        _ principal: Principal, _ method: String, _ headers: [String: String]
    ) throws(APIProblem) {
        guard principal.isSession, method != "GET", method != "HEAD" else { return }
        try Self.checkPage(headers)
    }

    /// A page of another origin cannot send the header, nor leave out where it is from.
    static func checkPage(_ headers: [String: String]) throws(APIProblem) {
        let isFromPage = headers["origin"] != nil || headers["sec-fetch-site"] == "same-origin"
        guard headers["x-pullcord-console"] != nil, isFromPage else {
            throw APIProblem(
                403, "page_unknown", "this did not come from the console's page",
                field: "X-Pullcord-Console",
                hint: "scripts send `Authorization: Bearer pct_…` to /v1 instead")
        }
    }

    /// Only on loopback, and not through a proxy: then anybody may stand behind it.
    private func isAnonymousAllowed(_ headers: [String: String]) -> Bool {
        let isProxied = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].contains {
            headers[$0] != nil
        }
        return listen.isLoopback && !isProxied
    }

    /// Refuses whoever may not do what a route does.
    func check(_ access: Route.Access, _ principal: Principal) throws(APIProblem) {
        guard case .scope(let needed) = access else { return }
        guard let scope = principal.scope else {
            throw Self.unauthorized("token_missing", "this needs a token")
        }
        guard scope >= needed else {
            throw APIProblem(
                403, "scope_too_small", "this needs the scope `\(needed.rawValue)`",
                allowed: AccessScope.allCases.filter { $0 >= needed }.map(\.rawValue),
                hint: "\(principal.name) has `\(scope.rawValue)`")
        }
    }

    /// Whether whoever sends these headers may do what a route does.
    func admits(_ headers: [String: String], to access: Route.Access) async throws -> Bool {
        guard access != .open else { return true }
        do {
            try check(access, try await principal(headers))
            return true
        } catch is APIProblem {
            return false
        }
    }

    static func unauthorized(_ code: String, _ detail: String) -> APIProblem {
        var problem = APIProblem(
            401, code, detail, field: "Authorization",
            hint: "pullcord token create NAME makes one; send `Authorization: Bearer pct_…`")
        problem.headers = [("www-authenticate", "Bearer realm=\"pullcord\"")]
        return problem
    }

    private func noteUse(of token: AccessToken, at now: Timestamp) async throws {
        guard !rules.fixed.contains(token) else { return }
        let clock = time.monotonic()
        let isDue = counts.state.withLock { state in
            if let last = state.used[token.name], clock - last < Self.usedEvery { return false }
            if state.used.count >= Limits.tokensMax { state.used = [:] }
            state.used[token.name] = clock
            return true
        }
        // A store that is full must not lock out those who would mend it.
        if isDue { try? await store.markUsed(token.name, at: now) }
    }

    // MARK: How much

    /// Takes one request from a client's rate; a second's worth may come at once.
    func count(_ client: String) throws(APIProblem) {
        let now = time.monotonic()
        let rate = rules.spec.rate
        let interval = Double(rate.intervalMicroseconds) / 1_000_000
        let burst = max(1, 1 / interval)
        let wait: Double? = counts.state.withLock { state in
            if state.buckets.count >= Self.clientsMax { state.buckets = [:] }
            var bucket = state.buckets[client] ?? Counts.Bucket(level: burst, at: now)
            let elapsed = (now - bucket.at) / Duration.seconds(1)
            bucket.level = min(burst, bucket.level + elapsed / interval)
            bucket.at = now
            let isFree = bucket.level >= 1
            if isFree { bucket.level -= 1 }
            state.buckets[client] = bucket
            return isFree ? nil : (1 - bucket.level) * interval
        }
        guard let wait else { return }
        var problem = APIProblem(
            429, "too_many_requests", "more than \(rate) requests",
            hint: "`rate` under `api` in the bridge file is the bound")
        problem.headers = [("retry-after", String(max(1, Int(wait.rounded(.up)))))]
        throw problem
    }
}

/// A host with its port, as it stands in `Host` and `Origin`.
struct Authority: Equatable {
    let host: String
    let port: String

    init(_ text: String) {
        let text = text.lowercased()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = String(text[text.index(after: text.startIndex)..<end])
            port = String(text[text.index(after: end)...].drop { $0 == ":" })
        } else {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            var name = parts[0]
            if name.hasSuffix(".") { name = name.dropLast() }
            host = String(name)
            port = parts.count == 2 ? String(parts[1]) : ""
        }
    }

    init(ofURL url: String) {
        let rest = url.components(after: "://")
        self.init(String(rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }))
    }

    /// Whether it is an IPv4 or IPv6 address, and not a name.
    var isAddress: Bool {
        if host.contains(":") {
            return host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x3A, 0x61...0x66, 0x2E: true
                default: false
                }
            }
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                UInt8(part) != nil && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
    }
}

extension String {
    fileprivate func components(after mark: String) -> Substring {
        guard let range = self.firstRange(of: mark) else { return "" }
        return self[range.upperBound...]
    }
}
