package import PullcordModel

/// AWS Signature Version 4 in the Authorization header.
///
/// Source: AWS IAM User Guide, "Create a signed AWS API request". libcurl has it too, but not in
/// one way: before 8.3 it signs queries unsorted, and paths with `%` never as AWS wants them.
package struct AWSSignature: Sendable {
    package let accessKey: String
    package let secretKey: Secret
    /// Of temporary credentials; nil for lasting ones.
    package let sessionToken: Secret?
    package let region: String
    package let service: String

    package init(
        accessKey: String, secretKey: Secret, sessionToken: Secret? = nil, region: String,
        service: String
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.region = region
        self.service = service
    }

    /// What of a request is signed.
    package struct Request: Sendable {
        package var method: String
        /// With the port, unless it is the scheme's own.
        package var host: String
        /// As it is sent, percent-encoded.
        package var path: String
        /// As it is sent, without `?`.
        package var query: String
        /// The value of `Content-Type`; nil if there is none.
        package var contentType: String?
        package var body: [UInt8]
        /// Its own headers that begin with `X-Amz-`: the API may insist that they are signed.
        package var ownHeaders: [(name: String, value: String)]

        package init(
            method: String, host: String, path: String, query: String,
            contentType: String? = nil, body: [UInt8] = [],
            ownHeaders: [(name: String, value: String)] = []
        ) {
            self.ownHeaders = ownHeaders
            self.method = method
            self.host = host
            self.path = path
            self.query = query
            self.contentType = contentType
            self.body = body
        }
    }

    /// The headers to be added, in the order in which they may be sent.
    package func headers(
        for request: Request, at time: Timestamp
    ) -> [(name: String, value: String)] {
        let stamp = TimeFormat.write(time, "%Y%m%dT%H%M%SZ")
        let day = String(stamp.prefix(8))
        let bodyHash = hex(HashAlgorithm.sha256.digest(request.body))
        var added = [(name: "X-Amz-Date", value: stamp)]
        if isObjectStore { added.append(("X-Amz-Content-Sha256", bodyHash)) }
        if let sessionToken {
            added.append(("X-Amz-Security-Token", sessionToken.expose()))
        }
        var signed = added.map { ($0.name.lowercased(), Self.trimmed($0.value)) }
        signed.append(("host", request.host))
        if let type = request.contentType {
            signed.append(("content-type", Self.trimmed(type)))
        }
        let names = Set(signed.map(\.0))
        signed += request.ownHeaders.map { ($0.name.lowercased(), Self.trimmed($0.value)) }
            .filter { $0.0.hasPrefix("x-amz-") && !names.contains($0.0) }
        signed.sort { $0.0 < $1.0 }
        let list = signed.map(\.0).joined(separator: ";")
        let canonical = [
            request.method, path(request.path), Self.query(request.query),
            signed.map { "\($0.0):\($0.1)\n" }.joined(), list, bodyHash,
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let hash = hex(HashAlgorithm.sha256.digest(Array(canonical.utf8)))
        let message = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(hash)"
        let signature = hex(code(message, signingKey(day: day)))
        added.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), SignedHeaders=\(list), "
                    + "Signature=\(signature)"
            ))
        return added
    }

    /// S3 wants the hash of the body in a header, and its paths encoded once, not twice.
    private var isObjectStore: Bool { ["s3", "s3-outposts", "s3express"].contains(service) }

    private func signingKey(day: String) -> [UInt8] {
        [day, region, service, "aws4_request"].reduce(
            Array("AWS4\(secretKey.expose())".utf8)
        ) { key, text in code(text, key) }
    }

    private func code(_ message: String, _ key: [UInt8]) -> [UInt8] {
        HashAlgorithm.sha256.authenticationCode(of: Array(message.utf8), key: key)
    }

    private func hex(_ bytes: [UInt8]) -> String { BinaryEncoding.hex.encode(bytes) }

    private func path(_ path: String) -> String {
        guard !path.isEmpty else { return "/" }
        return path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            isObjectStore
                ? PercentEncoding.encode(bytes: PercentEncoding.decode(segment))
                : PercentEncoding.encode(String(segment))
        }.joined(separator: "/")
    }

    /// Names and values encoded in the one way that AWS has, sorted by name, then by value.
    private static func query(_ query: String) -> String {
        QueryText.items(of: query).map { item in
            (
                PercentEncoding.encode(bytes: PercentEncoding.decode(item.name)),
                PercentEncoding.encode(bytes: PercentEncoding.decode(item.value))
            )
        }.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}
