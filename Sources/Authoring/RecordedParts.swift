import PullcordAdapter
import PullcordConfig
import PullcordJSON
import PullcordModel
import PullcordTransfer

/// The parts of a test file that a recording makes, masked.
struct RecordedParts {
    private let source: BoundSource
    private let choices: RecordedTest.Choices
    private let masker: Masker
    private let baseURL: String
    private let formats: [FormatSpec]
    private let cut: RecordedCut

    /// Throws ``Problem`` if something is to be masked that no answer has.
    init(
        source: BoundSource, recording: Recording, choices: RecordedTest.Choices
    ) throws(Problem) {
        self.source = source
        self.choices = choices
        var masker = Masker(paths: choices.masked.map { PlainSteps.of($0) })
        // Logins and failures answer in JSON too, whatever the streams have.
        let formats = source.streams.flatMap { [$0.format, $0.detail?.format].compactMap(\.self) }
            .reduce([FormatSpec()]) { $0.contains($1) ? $0 : $0 + [$1] }
        for parameter in source.adapter.parameters {
            guard let value = source.parameters[parameter.name],
                Self.isSecret(parameter, value, source)
            else { continue }
            masker.add(secret: value, as: Self.stand(for: parameter.name, value))
        }
        for exchange in recording.polls.flatMap(\.exchanges) {
            for text in Self.candidates(exchange, formats)
            where Self.isToken(text, recording.redactors) {
                masker.add(token: text)
            }
        }
        for exchange in recording.polls.flatMap(\.exchanges) {
            guard case .success(let response) = exchange.answer else { continue }
            for value in RecordedBody(response, formats: formats).values { masker.learn(value) }
        }
        if let unused = zip(choices.masked, masker.paths).first(where: { !masker.used.contains($1) }
        ) {
            throw Problem(
                code: "record_mask",
                message: "no answer has anything at --mask \(unused.0), so nothing was written",
                hint: "it is a plain path of members, or the end of one: .user.email")
        }
        self.masker = masker
        self.formats = formats
        let context = TemplateContext(parameters: source.parameters)
        let base = source.adapter.baseURL.flatMap { (try? $0.render(context)) ?? nil } ?? ""
        baseURL = masker.url(base)
        cut = RecordedCut(
            keep: choices.keep, paths: source.streams.map { PlainSteps.of($0.records.text) },
            totals: source.streams.compactMap(\.pages.total))
    }

    var comment: [String] {
        let what = source.adapter.summary.isEmpty ? source.adapter.name : source.adapter.summary
        var lines = ["\(what): recorded\(choices.date.isEmpty ? "" : " on \(choices.date)")."]
        if !choices.masked.isEmpty {
            lines.append("Masked: \(choices.masked.joined(separator: " ")).")
        }
        if let keep = choices.keep {
            let isAllCut = source.streams.allSatisfy {
                [.json, .ndjson].contains($0.format.kind) && PlainSteps.isPlain($0.records.text)
            }
            lines.append(
                "At most \(keep) records of each page"
                    + (isAllCut ? "." : " that is JSON or NDJSON, where their path is plain."))
        }
        return lines
    }

    /// What stands under `with`.
    var parameters: [JSONValue.Member] {
        source.adapter.parameters.compactMap { parameter in
            guard let value = source.parameters[parameter.name], value != parameter.defaultValue
            else { return nil }
            let shown =
                Self.isSecret(parameter, value, source)
                ? Self.stand(for: parameter.name, value) : masker.text(value)
            return JSONValue.Member(parameter.name, .string(shown))
        }
    }

    private static func isSecret(
        _ parameter: ParameterSpec, _ value: String, _ source: BoundSource
    ) -> Bool {
        parameter.kind == .secret || source.secrets.contains(Secret(value))
    }

    /// A value of the same kind.
    private static func stand(for name: String, _ value: String) -> String {
        if value.hasPrefix("http://") || value.hasPrefix("https://") {
            return "https://\(name.replacing("_", with: "-")).example"
        }
        if Int64(value) != nil {
            return String(repeating: "1", count: max(4, min(value.utf8.count, 12)))
        }
        return "masked-\(name)"
    }

    // MARK: Tokens

    /// Texts of an answer that a login may have taken.
    private static func candidates(
        _ exchange: RecordedExchange, _ formats: [FormatSpec]
    ) -> [String] {
        guard case .success(let response) = exchange.answer else { return [] }
        var found: [String] = []
        let body = RecordedBody(response, formats: formats)
        if body.isJSON {
            for value in body.values { collect(value, &found) }
        } else {
            found += pieces(of: String(decoding: response.body.prefix(1 << 16), as: UTF8.self))
        }
        for field in response.headers.fields { found += pieces(of: field.value) + [field.value] }
        return found
    }

    private static func collect(_ value: JSONValue, _ found: inout [String]) {
        switch value {
        case .string(let text): found.append(text)
        case .array(let items): for item in items { collect(item, &found) }
        case .object(let members): for member in members { collect(member.value, &found) }
        case .null, .bool, .number: break
        }
    }

    private static func pieces(of text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || "-._~+/".contains($0)) }.map { String($0) }
    }

    private static func isToken(_ text: String, _ redactors: [Redactor]) -> Bool {
        text.utf8.count >= Masker.bytesMin && redactors.contains { $0.redact(text) == "***" }
    }

    // MARK: Exchanges

    /// Those of a poll; what is asked and answered twice in the same way stands there once.
    func exchanges(_ poll: Recording.Poll) throws(Problem) -> [DraftTest.Exchange] {
        var made: [(request: JSONValue, exchange: DraftTest.Exchange)] = []
        for recorded in poll.exchanges {
            let exchange = try self.exchange(recorded)
            let request = Self.identity(exchange)
            let same = made.indices.filter { made[$0].request == request }
            if let last = same.last, same.count == 1,
                made[last].exchange.answer == exchange.answer
            {
                made[last].exchange.times += 1
            } else {
                made.append((request, exchange))
            }
        }
        return made.map(\.exchange)
    }

    private static func identity(_ exchange: DraftTest.Exchange) -> JSONValue {
        var body = JSONValue.null
        switch exchange.body {
        case .json(let value): body = value
        case .text(let text): body = .string(text)
        case nil: break
        }
        return .array([
            .string(exchange.method.rawValue), .string(exchange.url),
            .array(exchange.headers.map { .string($0.value) }), body,
        ])
    }

    private func exchange(
        _ recorded: RecordedExchange
    ) throws(Problem) -> DraftTest.Exchange {
        let request = recorded.request
        var exchange = DraftTest.Exchange(
            method: request.method, url: url(request.url),
            answer: try answer(recorded.answer, request))
        exchange.headers = request.headers.compactMap { header(of: $0) }
        guard let body = request.body, !body.isEmpty else { return exchange }
        if let value = try? JSONValue(parsing: body) {
            exchange.body = .json(masker.json(value))
        } else {
            let text = String(decoding: body, as: UTF8.self)
            let isForm = SeenRequest(request).isForm
            exchange.body = .text(isForm ? masker.form(text) : masker.text(text))
        }
        return exchange
    }

    private func url(_ text: String) -> String {
        let masked = masker.url(masker.text(text))
        guard !baseURL.isEmpty, masked.hasPrefix(baseURL),
            masked.dropFirst(baseURL.count).hasPrefix("/")
        else { return masked }
        return String(masked.dropFirst(baseURL.count))
    }

    /// Headers that carry a credential; the others are the adapter's own business.
    private func header(of field: HTTPField) -> HTTPField? {
        let masked = masker.header(field.value)
        let isCredential = field.name.lowercased() == "authorization" || masked != field.value
        // A proof that depends on the time or on a nonce would never fit again.
        let isLasting = ["Basic", "Bearer", "Token", "ApiKey"].contains {
            field.value.lowercased().hasPrefix($0.lowercased() + " ")
        }
        guard isCredential, isLasting || masked != field.value else { return nil }
        return HTTPField(field.name, masked)
    }

    private func answer(
        _ answer: Result<HTTPResponse, TransferError>, _ request: HTTPRequest
    ) throws(Problem) -> JSONValue {
        switch answer {
        case .failure(let error): return .object([.init("fault", .string(error.fault.rawValue))])
        case .success(let response):
            var members: [JSONValue.Member] = []
            if response.status != 200 {
                members.append(.init("status", .number(String(response.status))))
            }
            let body = RecordedBody(response, formats: formats)
            let headers = self.headers(response, request, body)
            if !headers.isEmpty { members.append(.init("headers", .object(headers))) }
            if let member = try body.member(masker, cut) { members.append(member) }
            return .object(members)
        }
    }

    private func headers(
        _ response: HTTPResponse, _ request: HTTPRequest, _ body: RecordedBody
    ) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        for field in response.headers.fields {
            let name = field.name.lowercased()
            if RecordedHeaders.isNoise(name), !(name == "content-length" && request.method == .head)
            {
                continue
            }
            if name == "content-type", body.isJSON, field.value.hasPrefix("application/json") {
                continue
            }
            var value = cut.total(in: name, beside: body) ?? masker.text(field.value)
            // A test holds JSON in UTF-8.
            if name == "content-type", body.isJSON { value = String(value.prefix { $0 != ";" }) }
            // A cookie that no login has taken is somebody's session, and nothing to the adapter.
            if name == "set-cookie", value == field.value { continue }
            if let place = members.firstIndex(where: { $0.key == name }) {
                var values: [JSONValue] = [members[place].value]
                if case .array(let more) = members[place].value { values = more }
                members[place] = .init(name, .array(values + [.string(value)]))
            } else {
                members.append(.init(name, .string(value)))
            }
        }
        return members
    }
}

/// Headers of answers that say nothing to an adapter.
enum RecordedHeaders {
    private static let names: Set<String> = [
        "date", "server", "connection", "keep-alive", "transfer-encoding", "content-length",
        "content-encoding", "vary", "via", "age", "nel", "report-to", "alt-svc", "server-timing",
        "strict-transport-security", "referrer-policy", "permissions-policy", "expect-ct",
        "content-security-policy", "expires", "pragma", "accept-ranges", "x-powered-by",
        "content-language", "origin-agent-cluster", "x-runtime", "x-varnish", "x-timer",
    ]

    private static let beginnings = [
        "access-control-", "cf-", "x-request-id", "x-github-request-id", "x-served-by", "x-cache",
        "x-frame-", "x-xss-", "x-content-type-", "x-download-", "x-permitted-", "x-amz-cf-",
        "cross-origin-", "x-envoy-", "x-correlation-id", "x-trace",
    ]

    static func isNoise(_ name: String) -> Bool {
        names.contains(name) || beginnings.contains { name.hasPrefix($0) }
    }
}

extension TransferError {
    /// The word of a test for what has gone wrong.
    fileprivate var fault: Fault {
        switch code {
        case .timeoutConnect, .timeoutFirstByte, .timeoutTotal: .timeout
        case .truncated, .encoding: .truncated
        case .dns, .connect, .tls, .tlsExpired, .tlsUntrusted, .tlsHostname, .tlsProtocol,
            .tlsClientCertificate, .refusedAddress:
            .refused
        default: .reset
        }
    }
}
