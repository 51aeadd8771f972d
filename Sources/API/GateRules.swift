import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordModel

/// What a bridge file says of who comes in; a reload replaces it.
struct GateRules: Sendable {
    let spec: APISpec
    /// Lower-case names that the server answers to.
    let hosts: Set<String>
    /// The tokens of the file.
    let fixed: [AccessToken]

    init(_ api: BoundAPI) {
        spec = api.spec
        var hosts: Set<String> = ["localhost", api.spec.listen.host.lowercased()]
        hosts.formUnion(api.spec.hosts)
        if let url = api.spec.publicURL { hosts.insert(Authority(ofURL: url).host) }
        self.hosts = hosts
        fixed = api.tokens.map { token in
            AccessToken(
                name: token.name, hash: TokenText.hash(token.value),
                scope: AccessScope(rawValue: token.scope) ?? .read,
                made: Timestamp(milliseconds: 0), expires: nil)
        }
    }
}
