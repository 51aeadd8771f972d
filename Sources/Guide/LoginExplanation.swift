import PullcordAdapter
import PullcordModel

/// How an adapter logs in.
struct LoginExplanation {
    let spec: AdapterSpec

    var sentences: [String] {
        var sentences = main
        if let challenge = spec.challenge {
            sentences.append(
                "An answer \(challenge.status) hands out the header \(challenge.header), which is "
                    + "copied into the request, and the request is sent again.")
        }
        if spec.tls?.certificate != nil {
            sentences.append("Each connection shows a client certificate.")
        } else if spec.tls != nil {
            sentences.append("Servers are trusted by an authority of the adapter's own.")
        }
        return sentences
    }

    private var main: [String] {
        switch spec.auth {
        case .none: return ["Requests carry no credentials of `auth`."] + ownHeaders
        case .basic: return ["Each request carries user name and password (HTTP Basic)."] + optional
        case .bearer: return ["Each request carries a token (Authorization: Bearer)."] + optional
        case .apiKey(let location, let name, _):
            let place =
                switch location {
                case .header: "header \(name)"
                case .query: "query item \(name)"
                case .cookie: "cookie \(name)"
                }
            return ["Each request carries a key in the \(place)."] + optional
        case .digest:
            return [
                "The server asks and the password is proven, not sent (Digest): two requests for "
                    + "each page."
            ]
        case .ntlm:
            return ["Connections are proven by NTLM: two or three requests for each page."]
        case .awsSignature(let aws):
            let service = aws.service.literalText.map { " for \($0)" } ?? ""
            return ["Each request is signed by AWS Signature Version 4\(service)."]
        case .hmac(let hmac):
            return ["Each request is signed by HMAC with \(hmac.algorithm.rawValue)."]
        case .login(let login): return sentences(login)
        }
    }

    /// A header of the adapter's own may carry a secret as well.
    private var ownHeaders: [String] {
        let secrets = Set(spec.parameters.filter { $0.kind == .secret }.map(\.name))
        let names = spec.headers.filter { header in
            header.value.subjects.contains {
                if case .parameter(let name) = $0 { secrets.contains(name) } else { false }
            }
        }.map(\.name)
        guard !names.isEmpty else { return [] }
        return ["A secret goes along in the header \(Words.list(names))."]
    }

    /// What is left out where the source gives no value.
    private var optional: [String] {
        let needed = spec.auth.templates.flatMap(\.placeholders).compactMap { placeholder in
            if case .parameter(let name) = placeholder.subject {
                spec.parameters.first { $0.name == name }
            } else {
                nil
            }
        }
        guard let free = needed.first(where: { !$0.isRequired && $0.defaultValue == nil }) else {
            return []
        }
        return ["Without `\(free.name)` requests go out without credentials."]
    }

    private func sentences(_ login: LoginSpec) -> [String] {
        switch login {
        case .oauth2(let grant):
            var sentences = [
                "A token is fetched by OAuth 2 (\(grant.grant.rawValue)): one request, shared by all "
                    + "sources with the same credential, and again shortly before it ends or when "
                    + "the API answers 401."
            ]
            if grant.grant == .refreshToken {
                sentences.append(
                    "A refresh token that the server replaces is stored before the new one is used."
                )
            }
            return sentences
        case .session(let session):
            let steps = Words.count(session.steps.count, "request", "requests")
            return ["A login takes \(steps). " + lifetime(session)]
        case .registry(let registry):
            let who = registry.username == nil ? "anonymous tokens" : "tokens for its user"
            return [
                "A 401 says where tokens are to be had; \(who) are fetched, one for each scope."
            ]
        }
    }

    private func lifetime(_ session: SessionSpec) -> String {
        let rules = (spec.answers.rules + spec.streams.flatMap(\.answers.rules))
            .contains { $0.meaning == .login }
        let end = rules ? "the API answers 401, or a rule of `answers` says `login`" : "a 401"
        return switch session.lifetime {
        case .open: "The session lasts until \(end)."
        case .fixed(let duration): "The session lasts \(Words.of(duration)), or until \(end)."
        case .stated: "The session lasts as long as the login's answer says, or until \(end)."
        }
    }
}
