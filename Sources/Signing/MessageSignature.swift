import Crypto
package import PullcordModel

/// Signs a whole request as RFC 9421 says, headers and URL included.
///
/// A signature covers a list of components: derived ones such as `@target-uri`, and header
/// fields. Their lines, joined by line feeds, are the signature base (section 2.5).
package enum MessageSignature {
    /// The algorithms of section 3.3 that are used here; raw values as registered.
    package enum Algorithm: String, Sendable, CaseIterable {
        case hmac = "hmac-sha256"
        case ed25519
    }

    /// What makes a signature.
    package enum Key: Sendable {
        case secret(SigningSecret)
        case ed25519(Ed25519Key)

        package var algorithm: Algorithm {
            switch self {
            case .secret: .hmac
            case .ed25519: .ed25519
            }
        }

        /// A stable name that gives nothing of the key away.
        package var identifier: String {
            switch self {
            case .secret(let secret): secret.identifier
            case .ed25519(let key): key.publicKey.identifier
            }
        }

        func sign(_ bytes: [UInt8]) -> [UInt8]? {
            switch self {
            case .secret(let secret): secret.authenticationCode(of: bytes)
            case .ed25519(let key): key.signature(of: bytes)
            }
        }
    }

    /// What a signature covers: a component's name, in lower case, and its value.
    package struct Component: Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The parameters of a signature (section 2.3).
    package struct Parameters: Sendable {
        /// Seconds since 1970.
        package let created: Int64
        package let keyIdentifier: String
        package let algorithm: Algorithm?
        package let tag: String?

        package init(
            created: Int64, keyIdentifier: String, algorithm: Algorithm? = nil, tag: String? = nil
        ) {
            self.created = created
            self.keyIdentifier = keyIdentifier
            self.algorithm = algorithm
            self.tag = tag
        }
    }

    /// One signature: its member of `Signature-Input` and the bytes of `Signature`.
    package struct Signed: Sendable {
        /// `(…);created=…` without the label.
        package let input: String
        package let signature: [UInt8]
    }

    /// Signs components; nil if the key cannot sign now.
    package static func sign(
        _ components: [Component], parameters: Parameters, with key: Key
    ) -> Signed? {
        let input = input(components, parameters)
        var base = ""
        for component in components {
            base += "\(quoted(component.name)): \(component.value)\n"
        }
        base += "\"@signature-params\": \(input)"
        return key.sign(Array(base.utf8)).map { Signed(input: input, signature: $0) }
    }

    /// `Content-Digest` of a body (RFC 9530, section 2), with SHA-256.
    package static func digest(of body: [UInt8]) -> String {
        "sha-256=:\(Base64.encode(Array(SHA256.hash(data: body)))):"
    }

    /// The headers that sign one request of a webhook.
    ///
    /// Covered are method, URL, digest of the body, `content-type`, `webhook-id`,
    /// `webhook-timestamp`, and every header `ce-…` and `pullcord-…`; each key makes one
    /// signature, `sig1`, `sig2` and so on, with the tag `pullcord`. `targetURI` is the URL as the
    /// receiver sees it (section 2.2.2); `headers` are all that are sent, in any case, none of the
    /// covered ones twice.
    package static func headers(
        method: String, targetURI: String, headers: [(name: String, value: String)],
        body: [UInt8], time: Timestamp, keys: [Key]
    ) -> [(name: String, value: String)] {
        guard !keys.isEmpty else { return [] }
        let digest = digest(of: body)
        var components = [
            Component("@method", method), Component("@target-uri", targetURI),
            Component("content-digest", digest),
        ]
        for (name, value) in headers {
            let name = name.lowercased()
            if isCovered(name) { components.append(Component(name, value)) }
        }
        var inputs: [String] = []
        var signatures: [String] = []
        for (index, key) in keys.enumerated() {
            let parameters = Parameters(
                created: time.seconds, keyIdentifier: key.identifier, algorithm: key.algorithm,
                tag: "pullcord")
            guard let signed = sign(components, parameters: parameters, with: key) else { continue }
            inputs.append("sig\(index + 1)=\(signed.input)")
            signatures.append("sig\(index + 1)=:\(Base64.encode(signed.signature)):")
        }
        guard !inputs.isEmpty else { return [] }
        return [
            ("Content-Digest", digest), ("Signature-Input", inputs.joined(separator: ", ")),
            ("Signature", signatures.joined(separator: ", ")),
        ]
    }

    private static let coveredNames: Set<String> = [
        "content-type", WebhookHeader.id, WebhookHeader.timestamp,
    ]

    private static func isCovered(_ name: String) -> Bool {
        coveredNames.contains(name) || name.hasPrefix("ce-") || name.hasPrefix("pullcord-")
    }

    /// An inner list with parameters (RFC 9651, section 4.1.1.1).
    private static func input(_ components: [Component], _ parameters: Parameters) -> String {
        let names = components.map { quoted($0.name) }.joined(separator: " ")
        var text = "(\(names));created=\(parameters.created)"
        text += ";keyid=\(quoted(parameters.keyIdentifier))"
        if let algorithm = parameters.algorithm { text += ";alg=\(quoted(algorithm.rawValue))" }
        if let tag = parameters.tag { text += ";tag=\(quoted(tag))" }
        return text
    }

    /// A string (RFC 9651, section 4.1.6); ours are ASCII.
    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
