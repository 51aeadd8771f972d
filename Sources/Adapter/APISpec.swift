package import PullcordModel

/// What a bridge file says of the HTTP API; without the key `api` there is none.
package struct APISpec: Sendable, Equatable {
    package var listen: ListenAddress
    package var tls: TLSFiles?
    /// Names under which the server is reached, besides those of the machine itself.
    package var hosts: [String]
    /// Where others reach the server, without a slash at its end; nil if nobody said.
    package var publicURL: String?
    /// Bytes of a request's body.
    package var bodyMax: Int
    /// Requests of one client.
    package var rate: Rate
    /// What those without a token may do, on loopback and while there are no tokens; nil for
    /// nothing.
    package var anonymous: Anonymous
    package var tokens: [TokenSpec]
    package var metrics = Metrics()
    package var place: Place

    /// Who may see what is measured, and in how much detail.
    package struct Metrics: Sendable, Equatable {
        /// Whether anybody may look who reaches the address.
        package var isAnonymous = false
        /// Whether each stream and each endpoint has series of its own.
        package var hasOwnSeries = true

        package init() {}
    }

    package enum Anonymous: String, Sendable, CaseIterable {
        case none, read, operate
    }

    /// A certificate with its key, as paths of PEM files.
    package struct TLSFiles: Sendable, Equatable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// A token that the file names; its text comes from outside.
    package struct TokenSpec: Sendable, Equatable {
        package var name: String
        package var scope: String
        package var value: Template
        package var place: Place

        package init(name: String, scope: String, value: Template, place: Place) {
            self.name = name
            self.scope = scope
            self.value = value
            self.place = place
        }
    }

    package init(
        listen: ListenAddress = ListenAddress(), tls: TLSFiles? = nil, hosts: [String] = [],
        publicURL: String? = nil, bodyMax: Int = 1 << 20, rate: Rate = Rate(100, per: .second),
        anonymous: Anonymous = .operate, tokens: [TokenSpec] = [], place: Place
    ) {
        self.listen = listen
        self.tls = tls
        self.hosts = hosts
        self.publicURL = publicURL
        self.bodyMax = bodyMax
        self.rate = rate
        self.anonymous = anonymous
        self.tokens = tokens
        self.place = place
    }
}

/// A host and a port to listen on, as `127.0.0.1:7465`, `[::1]:7465` or `:7465`.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    package static let portDefault = 7465

    package let host: String
    package let port: Int

    package init(host: String = "127.0.0.1", port: Int = portDefault) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`, `HOST` or `:PORT`, and nothing else.
    ///
    /// Port 0 lets the system choose.
    package init?(_ text: String) {
        guard !text.isEmpty,
            text.utf8.allSatisfy({ byte in
                switch byte {
                case 0x30...0x3A, 0x41...0x5B, 0x5D, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            })
        else { return nil }
        var host = text[...]
        var port = Self.portDefault
        let isBare = !text.hasPrefix("[") && text.count { $0 == ":" } > 1
        if !isBare, let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            guard let number = Int(text[text.index(after: colon)...]),
                (0...65_535).contains(number)
            else { return nil }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.contains("["), !host.contains("]") else { return nil }
        self.init(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
    }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// How a foreign webhook is known that asks a source to poll at once.
package struct PokeSpec: Sendable, Equatable {
    /// How bytes of a signature are written.
    package enum Encoding: String, Sendable, CaseIterable {
        case hex, base64
    }

    package enum Algorithm: String, Sendable, CaseIterable {
        case sha1, sha256, sha512
    }

    package var secret: Template
    /// The header that holds an HMAC of the body; nil for a webhook of Standard Webhooks.
    package var header: String?
    package var algorithm: Algorithm
    package var encoding: Encoding
    /// What stands before the signature in the header.
    package var prefix: String
    package var place: Place

    package init(
        secret: Template, header: String? = nil, algorithm: Algorithm = .sha256,
        encoding: Encoding = .hex, prefix: String = "", place: Place
    ) {
        self.secret = secret
        self.header = header
        self.algorithm = algorithm
        self.encoding = encoding
        self.prefix = prefix
        self.place = place
    }
}
