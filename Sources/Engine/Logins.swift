import PullcordAdapter
import PullcordAuth
import PullcordCommit
import PullcordConfig
import PullcordJQ
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Synchronization

/// The logins of a process, one for each credential: sources that share one share its tokens.
final class Logins: Sendable {
    struct Entry: Sendable {
        let access: SourceAccess
        /// What its logins have brought, to be masked.
        let book: SecretBook
        /// What may change while the credential stays; nil where nothing may.
        var grant: Grant?
    }

    /// A grant by a refresh token, with all the values that it was made of.
    struct Grant: Sendable {
        let values: Fingerprint
        let login: OAuthLogin
        let keeper: PassKeeper
    }

    private let vault: any CredentialVault
    private let entries = Mutex<[Fingerprint: Entry]>([:])
    /// Grants that take over once the configuration that wants them is in use.
    private let renewals = Mutex<[Fingerprint: Grant]>([:])

    init(vault: any CredentialVault) { self.vault = vault }

    /// The login of a source; nil if its requests need nothing that has to be fetched.
    ///
    /// - Throws: ``Problem`` if its values make none.
    func entry(for source: BoundSource) throws -> Entry? {
        let adapter = source.adapter
        var login: LoginSpec?
        if case .login(let spec) = adapter.auth { login = spec }
        guard login != nil || adapter.challenge != nil else { return nil }
        let key = Self.key(login, source)
        let known = entries.withLock { $0[key] }
        let maker = LoginMaker(source: source, vault: vault, book: known?.book ?? SecretBook())
        let kind: SourceAccess.Kind
        var grant: Grant?
        do throws(AuthError) {
            if let known {
                try renew(known, at: key, login, maker)
                return known
            }
            if case .oauth2(let spec)? = login, spec.grant == .refreshToken {
                let made = try maker.oauth(spec)
                let keeper = PassKeeper(made, book: maker.book)
                grant = Grant(
                    values: Self.values(of: spec, source), login: made, keeper: keeper)
                kind = .login(keeper)
            } else {
                kind = try login.map { (login) throws(AuthError) in try maker.kind(login) } ?? .none
            }
        } catch {
            throw error.problem(in: source)
        }
        let entry = Entry(
            access: SourceAccess(
                kind,
                challenge: adapter.challenge.map {
                    SourceAccess.Challenge(status: $0.status, header: $0.header)
                }, book: maker.book), book: maker.book, grant: grant)
        entries.withLock { $0[key] = entry }
        return entry
    }

    /// Makes another grant of the same refresh token where its other values have changed.
    private func renew(
        _ known: Entry, at key: Fingerprint, _ login: LoginSpec?, _ maker: LoginMaker
    ) throws(AuthError) {
        guard case .oauth2(let spec)? = login, let grant = known.grant else { return }
        let values = Self.values(of: spec, maker.source)
        guard values != grant.values else { return }
        let renewal = Grant(
            values: values, login: try maker.oauth(spec, replacing: grant.login),
            keeper: grant.keeper)
        renewals.withLock { $0[key] = renewal }
    }

    /// Lets go of the logins that are none of these.
    ///
    /// `isNew` tells that they are those of a new configuration: what it changes about grants
    /// counts from now on, else it is forgotten.
    func keep(_ used: [SourceAccess], isNew: Bool) {
        let renewals = renewals.withLock { renewals in
            defer { renewals = [:] }
            return isNew ? renewals : [:]
        }
        for (key, grant) in renewals {
            entries.withLock { $0[key]?.grant = grant }
            grant.keeper.renew(grant.login)
        }
        let kept = Set(used.map { ObjectIdentifier($0) })
        entries.withLock { entries in
            entries = entries.filter { kept.contains(ObjectIdentifier($0.value.access)) }
        }
    }

    /// All that a grant says, besides which credential it is.
    private static func values(of spec: OAuthGrantSpec, _ source: BoundSource) -> Fingerprint {
        var hasher = IdentityHasher()
        let context = TemplateContext(parameters: source.parameters)
        hasher.add("\(spec)")
        for template in spec.templates {
            hasher.add((try? template.render(context)) ?? nil ?? "")
        }
        return hasher.finish()
    }

    /// All that decides what a login brings.
    ///
    /// A refresh token is one credential whoever uses it, for it may be replaced.
    private static func key(_ login: LoginSpec?, _ source: BoundSource) -> Fingerprint {
        var hasher = IdentityHasher()
        let context = TemplateContext(parameters: source.parameters)
        let add = { (hasher: inout IdentityHasher, template: Template?) in
            hasher.add(template.flatMap { (try? $0.render(context)) ?? nil } ?? "")
        }
        if case .oauth2(let grant)? = login, grant.grant == .refreshToken {
            hasher.add("refresh")
            for template in [grant.tokenURL, grant.clientID, grant.refreshToken] {
                add(&hasher, template)
            }
        } else {
            hasher.add(login.map { "\($0)" } ?? "")
            for template in login?.templates ?? [] { add(&hasher, template) }
        }
        // The header that an error hands out belongs to a server and who is logged in there.
        if source.adapter.challenge != nil || !(login?.isElsewhere ?? false) {
            hasher.add("\(source.adapter.challenge.map { $0.header } ?? "")")
            add(&hasher, source.adapter.baseURL)
            for template in source.adapter.auth.templates { add(&hasher, template) }
            // A login sends them too, and one may name a tenant.
            for header in source.adapter.headers { add(&hasher, header.value) }
        }
        return hasher.finish()
    }
}

extension LoginSpec {
    /// Whether what it fetches does not depend on the API's own address.
    fileprivate var isElsewhere: Bool {
        if case .oauth2 = self { true } else { false }
    }
}

/// Puts a source's values into what its adapter says of a login.
private struct LoginMaker {
    let source: BoundSource
    let vault: any CredentialVault
    let book: SecretBook

    private var context: TemplateContext { TemplateContext(parameters: source.parameters) }

    func kind(_ login: LoginSpec) throws(AuthError) -> SourceAccess.Kind {
        switch login {
        case .oauth2(let spec):
            return .login(PassKeeper(try oauth(spec), book: book))
        case .session(let spec):
            return .login(PassKeeper(try session(spec), book: book))
        case .registry(let spec):
            return .registry(
                RegistryLogin(
                    username: try text(spec.username, "username"),
                    password: try text(spec.password, "password").map { Secret($0) },
                    realmHosts: spec.realmHosts, book: book))
        }
    }

    func oauth(
        _ spec: OAuthGrantSpec, replacing previous: OAuthLogin? = nil
    ) throws(AuthError) -> OAuthLogin {
        OAuthLogin(try grant(spec), vault: vault, book: book, replacing: previous)
    }

    private func grant(_ spec: OAuthGrantSpec) throws(AuthError) -> OAuthGrant {
        let kind: OAuthGrant.Kind
        switch spec.grant {
        case .clientCredentials: kind = .clientCredentials
        case .jwtBearer: kind = .jwtBearer
        case .refreshToken:
            kind = .refreshToken(Secret(try needed(spec.refreshToken, "refresh_token")))
        case .password:
            kind = .password(
                username: try needed(spec.username, "username"),
                password: Secret(try needed(spec.password, "password")))
        }
        let tokenURL = try needed(spec.tokenURL, "token_url")
        let clientID = try text(spec.clientID, "client_id")
        let secret = try text(spec.clientSecret, "client_secret").map { Secret($0) }
        let proof: OAuthGrant.ClientProof
        switch (spec.clientAuth, secret) {
        case (.privateKeyJWT, _): proof = .assertion
        case (_, nil): proof = .none
        case (.basic, let secret?): proof = .basic(secret)
        case (.body, let secret?): proof = .body(secret)
        }
        var parameters: [(name: String, value: String)] = []
        for item in spec.parameters {
            guard let value = try text(item.value, item.name) else { continue }
            parameters.append((item.name, value))
        }
        return OAuthGrant(
            kind: kind, tokenURL: tokenURL, clientID: clientID, proof: proof,
            scope: try text(spec.scope, "scope"),
            assertion: try spec.assertion.map { (assertion) throws(AuthError) in
                try self.assertion(assertion, clientID, tokenURL)
            }, parameters: parameters)
    }

    private func assertion(
        _ spec: AssertionSpec, _ clientID: String?, _ tokenURL: String
    ) throws(AuthError) -> OAuthGrant.Assertion {
        let signer = try AssertionSigner(
            pem: Secret(try needed(spec.key, "key")),
            algorithm: spec.algorithm == .rs256 ? .rs256 : .es256,
            keyID: try text(spec.keyID, "key_id"))
        let claims: [UInt8]
        do throws(TemplateError) {
            claims = try spec.claims?.render(context) ?? []
        } catch {
            throw AuthError(configuration: "`claims` cannot be made: \(error)")
        }
        return OAuthGrant.Assertion(
            signer: signer,
            claims: AssertionSigner.Claims(
                issuer: try text(spec.issuer, "issuer") ?? clientID ?? "",
                subject: try text(spec.subject, "subject"),
                audience: try text(spec.audience, "audience") ?? tokenURL,
                lifetime: spec.lifetime, others: Array(claims.dropFirst().dropLast())))
    }

    private func session(_ spec: SessionSpec) throws(AuthError) -> SessionLogin {
        let lifetime: SessionLogin.Lifetime
        do throws(JQError) {
            switch spec.lifetime {
            case .open: lifetime = { _, _ in nil }
            case .fixed(let duration): lifetime = { _, _ in duration }
            case .stated(let reading):
                let compiled = try CompiledReading(reading)
                lifetime = { compiled.wait(in: $0, now: $1) }
            }
            let steps = try spec.steps.map { (step) throws(JQError) in try Self.step(step) }
            return SessionLogin(
                spec, steps: steps, parameters: source.parameters,
                baseURL: source.adapter.baseURL, headers: source.adapter.headers,
                timeout: source.adapter.limits.timeout, secrets: source.secrets, book: book,
                lifetime: lifetime)
        } catch {
            throw AuthError(configuration: "a jq program of `session` is wrong: \(error.message)")
        }
    }

    private static func step(_ step: LoginStepSpec) throws(JQError) -> SessionLogin.Step {
        var takes: [(name: String, source: SessionLogin.Step.Source)] = []
        for take in step.takes {
            switch take.source {
            case .body(let text):
                takes.append((take.name, .body(try Expression(parsing: text.text))))
            case .header(let name): takes.append((take.name, .header(name)))
            case .cookie(let name): takes.append((take.name, .cookie(name)))
            }
        }
        return SessionLogin.Step(
            request: step.request, takes: takes,
            check: try step.check.map { (text) throws(JQError) in
                try Expression(parsing: text.text)
            },
            message: try step.message.map { (text) throws(JQError) in
                try Expression(parsing: text.text)
            })
    }

    private func text(_ template: Template?, _ name: String) throws(AuthError) -> String? {
        guard let template else { return nil }
        do throws(TemplateError) {
            return try template.render(context)
        } catch {
            throw AuthError(configuration: "`\(name)` cannot be made: \(error)")
        }
    }

    private func needed(_ template: Template?, _ name: String) throws(AuthError) -> String {
        if let text = try text(template, name), !text.isEmpty { return text }
        throw AuthError(
            configuration: "`\(name)` has no value",
            hint: "give its parameter under `with:`, or a default in the adapter")
    }
}
