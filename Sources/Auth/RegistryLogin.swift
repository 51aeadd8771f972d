package import PullcordModel
import PullcordTransfer
import Synchronization

/// Tokens that a 401 asks for by `WWW-Authenticate: Bearer realm=…,service=…,scope=…`, as
/// container registries do; one for each scope.
package final class RegistryLogin: Sendable {
    /// What one 401 has asked for.
    private struct Demand: Hashable, Sendable {
        let realm: String
        let service: String?
        let scope: String?
    }

    private struct State {
        var keepers: [Demand: PassKeeper] = [:]
        /// What the last 401 of a URL without its query asked for.
        var demands: [String: Demand] = [:]
    }

    /// Scopes and URLs that are remembered; beyond it all are forgotten.
    private static let rememberedMax = 1000

    private let username: String?
    private let password: Secret?
    private let realmHosts: Set<String>
    private let book: SecretBook
    private let state = Mutex(State())

    package init(
        username: String?, password: Secret?, realmHosts: [String], book: SecretBook
    ) {
        self.username = username
        self.password = password
        self.realmHosts = Set(realmHosts.map { $0.lowercased() })
        self.book = book
    }

    /// The keeper of the tokens for a URL; nil before its first 401.
    func keeper(for url: String) -> PassKeeper? {
        let key = RequestURL.withoutSecrets(url)
        return state.withLock { state in state.demands[key].flatMap { state.keepers[$0] } }
    }

    /// Takes what a 401 asks for; false if it asks for nothing that can be had, or for what
    /// was just tried.
    func demanded(by response: HTTPResponse, at url: String) throws(AuthError) -> Bool {
        let headers = AuthenticateHeader.parse(response.headers.values(of: "WWW-Authenticate"))
        guard let bearer = headers.first(where: { $0.scheme == "bearer" }),
            let realm = bearer.parameters["realm"]
        else { return false }
        try check(realm, for: url)
        let demand = Demand(
            realm: realm, service: bearer.parameters["service"],
            scope: bearer.parameters["scope"])
        let key = RequestURL.withoutSecrets(url)
        return state.withLock { state in
            guard state.demands[key] != demand else { return false }
            if state.demands.count >= Self.rememberedMax { state = State() }
            if state.keepers[demand] == nil {
                state.keepers[demand] = PassKeeper(login(demand), book: book)
            }
            state.demands[key] = demand
            return true
        }
    }

    private func login(_ demand: Demand) -> RegistryTokenLogin {
        RegistryTokenLogin(
            realm: demand.realm, service: demand.service, scope: demand.scope, username: username,
            password: password, book: book)
    }

    /// The realm is a stranger's word: the password goes only where the API's own domain is.
    private func check(_ realm: String, for url: String) throws(AuthError) {
        let refusal = { (message: String, hint: String) in
            AuthError(
                code: .foreignRealm, url: RequestURL.withoutSecrets(realm), phase: "queue",
                message: message, hint: hint)
        }
        guard let target = try? RequestURL(realm), let api = try? RequestURL(url) else {
            throw refusal("the realm of the 401 is no URL of http or https", "")
        }
        if api.scheme == "https", target.scheme != "https" {
            throw refusal("the 401 leads from https to a realm of plain http", "")
        }
        let (host, own) = (target.target.host.lowercased(), api.target.host.lowercased())
        guard username == nil || Self.isSameSite(host, own) || realmHosts.contains(host) else {
            throw refusal(
                "the 401 asks to send the password to \(host), which is not of the domain of "
                    + "\(own)",
                "if that is right, write realm_hosts: [\(host)] under `registry`")
        }
    }

    /// Whether two hosts belong together: the same, one within the other, or both right below
    /// one domain that somebody has registered.
    ///
    /// Without the list of public suffixes, a domain of two short words (`co.uk`) counts as one.
    static func isSameSite(_ host: String, _ other: String) -> Bool {
        if host == other { return true }
        let isName = { (text: String) in text.utf8.contains { (0x61...0x7A).contains($0) } }
        guard isName(host), isName(other), !host.contains(":"), !other.contains(":") else {
            return false
        }
        let domain = { (text: String) -> [Substring]? in
            let labels = text.split(separator: ".", omittingEmptySubsequences: false)
            guard labels.count >= 2, !labels.contains("") else { return nil }
            let isShort =
                labels.count > 2 && labels[labels.count - 1].count == 2
                && labels[labels.count - 2].count <= 3
            return Array(labels.suffix(isShort ? 3 : 2))
        }
        guard let first = domain(host), let second = domain(other) else { return false }
        let isPublic =
            first.count == 2 && first[1].count == 2 && first[0].count <= 3
        return first == second && !isPublic
    }
}

/// One token of a realm.
struct RegistryTokenLogin: Login {
    let realm: String
    let service: String?
    let scope: String?
    let username: String?
    let password: Secret?
    let book: SecretBook

    /// What the token endpoint says if it says nothing: a minute, as registries have it.
    private static let lifetimeDefault: Duration = .seconds(60)

    func pass(
        insteadOf rejected: Pass?, over exchange: any Exchange, time: any TimeSource
    ) async throws(AuthError) -> Pass {
        var request = HTTPRequest(
            url: realm, headers: [HTTPField("Accept", "application/json")],
            bodyLimit: .refuse(over: TokenAnswer.bytesMax), acceptsEncoding: true)
        if let service { request.setQueryItem("service", service) }
        if let scope { request.setQueryItem("scope", scope) }
        if let username {
            let pair = "\(username):\(password?.expose() ?? "")"
            let encoded = Base64.encode(Array(pair.utf8))
            book.add([Secret(encoded)])
            request.setHeader("Authorization", "Basic \(encoded)")
        }
        let response = try await exchange.loginAnswer(to: request)
        let answer = try TokenAnswer(
            response, url: realm, redactor: Redactor(password.map { [$0] } ?? [], book: book),
            hint: "check `username` and `password` under `registry`", member: "token")
        return .bearer(answer.token, lifetime: answer.lifetime ?? Self.lifetimeDefault)
    }
}
