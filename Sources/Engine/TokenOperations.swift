import PullcordCommit
import PullcordModel

extension Operations {
    /// Makes and revokes tokens of the HTTP API; the tokens themselves never come this way, only
    /// their hashes.
    mutating func addTokens(_ store: any Store & StoreReader) {
        add("token_create") { call in
            let name = try call.argument("name")
            guard let scope = AccessScope(rawValue: try call.argument("scope")),
                let hash = Self.bytes(try call.argument("hash")), hash.count == 32
            else {
                throw Problem(
                    code: "argument_invalid", message: "these are no arguments for a token")
            }
            var expires: Timestamp?
            if let text = call.arguments["expires"] {
                guard let time = Timestamp(rfc3339: text), time > call.now else {
                    throw Problem(
                        code: "argument_invalid", message: "`\(text)` is no time to come")
                }
                expires = time
            }
            let token = AccessToken(
                name: name, hash: hash, scope: scope, made: call.now, expires: expires)
            let isNew = try await store.add(token)
            let known = isNew ? nil : try await store.tokens().first { $0.name == name }
            // The same token, asked for again: the first time nobody came to say so.
            guard isNew || known.map({ $0.hash == hash && $0.scope == scope }) == true else {
                let isTaken = known != nil
                throw Problem(
                    code: isTaken ? "name_taken" : "tokens_too_many",
                    message: isTaken
                        ? "there is a token `\(name)`" : "there are \(Limits.tokensMax) tokens",
                    hint: "pullcord token revoke NAME takes one away")
            }
            let end = expires.map { " until \($0)" } ?? ""
            return Outcome(subject: name, text: "\(name) may \(scope.rawValue)\(end)")
        }
        add("token_revoke") { call in
            let name = try call.argument("name")
            guard try await store.revokeToken(name) else {
                throw Problem(
                    code: "unknown_token", message: "there is no token `\(name)`",
                    hint: "pullcord token list shows which there are")
            }
            return Outcome(subject: name, text: "\(name) is revoked")
        }
    }

    /// Reads hexadecimal digits.
    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
