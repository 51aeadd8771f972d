import Crypto
import PullcordAdapter
import PullcordModel
import PullcordSigning

/// Checks the signature of a foreign webhook.
struct PokeSignature {
    let spec: PokeSpec
    let secret: Secret

    /// Whether it was made with the secret; `headers` go by lower-case names.
    func isValid(_ headers: [String: String], body: [UInt8], now: Timestamp) -> Bool {
        guard let header = spec.header else {
            guard let secret = try? SigningSecret(parsing: secret) else { return false }
            return Verifier(secrets: [secret])
                .verify(headers: headers.map { ($0.key, $0.value) }, body: body, now: now).isValid
        }
        guard let value = headers[header.lowercased()], value.hasPrefix(spec.prefix),
            let code = Self.decode(String(value.dropFirst(spec.prefix.count)), spec.encoding)
        else { return false }
        return TokenText.areEqual(code, expected(body))
    }

    private func expected(_ body: [UInt8]) -> [UInt8] {
        let key = SymmetricKey(data: Array(secret.expose().utf8))
        return switch spec.algorithm {
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: body, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: body, using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: body, using: key))
        }
    }

    private static func decode(_ text: String, _ encoding: PokeSpec.Encoding) -> [UInt8]? {
        switch encoding {
        case .base64: return Base64.decode(text)
        case .hex:
            let digits = Array(text.utf8)
            guard digits.count % 2 == 0 else { return nil }
            var bytes: [UInt8] = []
            for index in stride(from: 0, to: digits.count, by: 2) {
                let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
                guard !pair.hasPrefix("+"), !pair.hasPrefix("-"),
                    let byte = UInt8(pair, radix: 16)
                else { return nil }
                bytes.append(byte)
            }
            return bytes
        }
    }
}
