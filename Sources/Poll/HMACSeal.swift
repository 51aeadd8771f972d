import PullcordAdapter
import PullcordModel
import PullcordSigning
import PullcordTransfer

/// Signs a request by an adapter's own template.
struct HMACSeal: Sendable {
    private let spec: HMACAuthSpec
    private let parameters: [String: String]
    private let key: [UInt8]

    /// nil if the key is absent on purpose.
    init?(_ spec: HMACAuthSpec, parameters: [String: String]) throws(TemplateError) {
        guard let text = try spec.key.render(TemplateContext(parameters: parameters)) else {
            return nil
        }
        guard let key = spec.keyEncoding.decode(text) else {
            throw TemplateError(
                code: .value, place: spec.key.place,
                message: "the key is not written in \(spec.keyEncoding.rawValue)",
                hint: "correct it, or `key_encoding`")
        }
        self.spec = spec
        self.parameters = parameters
        self.key = key
    }

    /// First come the items without a signature, for they may be signed; then what is signed;
    /// then the items that hold the signature.
    func sealed(
        _ request: HTTPRequest, at time: Timestamp, nonce: () -> String
    ) throws(TemplateError) -> HTTPRequest {
        var request = request
        var context = TemplateContext(parameters: parameters, pollStarted: time)
        context.requestTime = time
        let body = request.body ?? []
        context.request = [
            .method: request.method.rawValue,
            .body: String(decoding: body, as: UTF8.self),
            .bodyHash: spec.bodyHashEncoding.encode(spec.bodyHash.digest(body)),
        ]
        if usesNonce { context.request[.nonce] = nonce() }
        // A URL that libcurl cannot read is refused when it is sent.
        guard URLParts(request.url) != nil else { return request }
        try addQuery(to: &request, holdingSignature: false, &context)
        try addHeaders(to: &request, holdingSignature: false, context)
        let message = try spec.message.render(context) ?? ""
        let code = spec.algorithm.authenticationCode(of: Array(message.utf8), key: key)
        context.request[.signature] = spec.encoding.encode(code)
        try addQuery(to: &request, holdingSignature: true, &context)
        try addHeaders(to: &request, holdingSignature: true, context)
        if let username = try spec.username?.render(context) {
            let pair = "\(username):\(spec.encoding.encode(code))"
            Self.set("Authorization", "Basic \(Base64.encode(Array(pair.utf8)))", in: &request)
        }
        return request
    }

    private var usesNonce: Bool {
        spec.templates.contains { $0.subjects.contains(.request(.nonce)) }
    }

    /// Items of the same names that a next page's URL brings along are taken out: they belong to
    /// the request before.
    private func addQuery(
        to request: inout HTTPRequest, holdingSignature: Bool, _ context: inout TemplateContext
    ) throws(TemplateError) {
        guard let parts = URLParts(request.url) else { return }
        context.request[.path] = parts.path
        context.request[.host] = parts.host
        if !holdingSignature {
            let own = Set(spec.query.map { PercentEncoding.encode($0.name) })
            let kept = parts.query.split(separator: "&").filter { item in
                !own.contains(String(item.prefix { $0 != "=" }))
            }.joined(separator: "&")
            if kept != parts.query { request.url = Self.url(request.url, query: kept) }
        }
        for item in spec.query where item.holdsSignature == holdingSignature {
            guard let value = try item.value.render(context) else { continue }
            request.url += request.url.contains("?") ? "&" : "?"
            request.url += PercentEncoding.items([(item.name, value)])
        }
        guard !holdingSignature, let parts = URLParts(request.url) else { return }
        context.request[.query] = parts.query
        context.request[.sortedQuery] = QueryText.sorted(parts.query)
        context.request[.url] = parts.whole
    }

    private func addHeaders(
        to request: inout HTTPRequest, holdingSignature: Bool, _ context: TemplateContext
    ) throws(TemplateError) {
        for item in spec.headers where item.holdsSignature == holdingSignature {
            guard let value = try item.value.render(context) else { continue }
            Self.set(item.name, value, in: &request)
        }
    }

    private static func set(_ name: String, _ value: String, in request: inout HTTPRequest) {
        request.headers.removeAll { $0.name.lowercased() == name.lowercased() }
        request.headers.append(HTTPField(name, value))
    }

    /// The same URL with another query, and without a fragment.
    private static func url(_ url: String, query: String) -> String {
        let address = url.prefix { $0 != "?" && $0 != "#" }
        return query.isEmpty ? String(address) : "\(address)?\(query)"
    }
}

extension NamedTemplate {
    fileprivate var holdsSignature: Bool { value.subjects.contains(.request(.signature)) }
}
