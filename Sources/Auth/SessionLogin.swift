package import PullcordAdapter
package import PullcordJQ
package import PullcordModel
package import PullcordTransfer

/// Logs in by requests, and takes tokens and cookies out of their answers.
package struct SessionLogin: Login {
    /// One request with everything compiled that is read of its answer.
    package struct Step: Sendable {
        package enum Source: Sendable {
            case body(Expression)
            case header(String)
            case cookie(String)
        }

        let request: RequestSpec
        let takes: [(name: String, source: Source)]
        let check: Expression?
        let message: Expression?

        package init(
            request: RequestSpec, takes: [(name: String, source: Source)], check: Expression?,
            message: Expression?
        ) {
            self.request = request
            self.takes = takes
            self.check = check
            self.message = message
        }
    }

    /// How long a session lasts, by the last answer of its login.
    package typealias Lifetime = @Sendable (HTTPResponse, Timestamp) -> Duration?

    private let spec: SessionSpec
    private let steps: [Step]
    private let context: TemplateContext
    private let baseURL: Template?
    private let headers: [NamedTemplate]
    private let timeout: Duration
    private let book: SecretBook
    private let secrets: [Secret]
    private let lifetime: Lifetime

    package init(
        _ spec: SessionSpec, steps: [Step], parameters: [String: String], baseURL: Template?,
        headers: [NamedTemplate], timeout: Duration, secrets: [Secret], book: SecretBook,
        lifetime: @escaping Lifetime
    ) {
        self.spec = spec
        self.steps = steps
        context = TemplateContext(parameters: parameters)
        self.baseURL = baseURL
        self.headers = headers
        self.timeout = timeout
        self.secrets = secrets
        self.book = book
        self.lifetime = lifetime
    }

    package func pass(
        insteadOf rejected: Pass?, over exchange: any Exchange, time: any TimeSource
    ) async throws(AuthError) -> Pass {
        var context = context
        var jar = CookieJar()
        var last: Duration?
        for (index, step) in steps.enumerated() {
            var request = try request(step, context)
            for cookie in jar.cookies(for: request.url) {
                request.addCookie(cookie.name, cookie.value)
            }
            let response = try await exchange.loginAnswer(to: request)
            let url = request.url
            jar.take(response.headers.values(of: "Set-Cookie"), from: url)
            // A cookie is secret before anything is said about the answer.
            book.add(jar.secrets)
            try check(step, response, url, index)
            for take in step.takes {
                let value = try value(take, of: response, url, step)
                context.session[take.name] = value
                book.add([Secret(value)])
            }
            last = lifetime(response, time.wall())
        }
        return Pass(items: try items(context, jar), lifetime: last)
    }

    private func items(
        _ context: TemplateContext, _ jar: CookieJar
    ) throws(AuthError) -> [Pass.Item] {
        var items: [Pass.Item] = []
        switch spec.cookies {
        case .none: break
        case .all: items += jar.all.map { Pass.Item(.cookie, $0.name, Secret($0.value)) }
        case .named(let names):
            for name in names {
                guard let cookie = jar.all.first(where: { $0.name == name }) else {
                    throw AuthError(
                        code: .malformed, url: "", phase: "answer",
                        message: "no answer of the login sets the cookie `\(name)`",
                        hint: "the credentials may be wrong, or the cookie has another name")
                }
                items.append(Pass.Item(.cookie, name, Secret(cookie.value)))
            }
        }
        for send in spec.sends {
            let location: Pass.Location =
                switch send.location {
                case .header: .header
                case .query: .query
                case .cookie: .cookie
                case .body: .body
                }
            let value = try rendered(send.value, context, "`send`")
            if location == .header || location == .cookie, value.utf8.contains(where: { $0 < 0x20 })
            {
                throw AuthError(configuration: "the value of `send` holds a line break")
            }
            items.append(Pass.Item(location, send.name, Secret(value)))
        }
        return items
    }

    /// A form that logs in may well answer with a redirect, which is not followed.
    private func check(
        _ step: Step, _ response: HTTPResponse, _ url: String, _ index: Int
    ) throws(AuthError) {
        let isTrue = step.check.map { (try? $0.isTrue(in: response.body)) ?? false } ?? true
        guard (200...399).contains(response.status), isTrue else {
            let which = steps.count > 1 ? " to step \(index + 1) of the login" : ""
            throw refusal(
                "answered \(response.status)\(which)\(isTrue ? "" : ", and `check` is not true")",
                response, url, step)
        }
    }

    private func value(
        _ take: (name: String, source: Step.Source), of response: HTTPResponse, _ url: String,
        _ step: Step
    ) throws(AuthError) -> String {
        let found: String?
        let place: String
        switch take.source {
        case .body(let expression):
            found = (try? expression.valueText(in: response.body)) ?? nil
            place = "at \(expression.text)"
        case .header(let name):
            found = response.headers.value(of: name)
            place = "in the header \(name)"
        case .cookie(let name):
            var jar = CookieJar()
            jar.take(response.headers.values(of: "Set-Cookie"), from: url)
            found = jar.all.first { $0.name == name }?.value
            place = "in the cookie \(name)"
        }
        if let found, !found.isEmpty { return found }
        throw refusal(
            "answered \(response.status) with no `\(take.name)` \(place)", response, url, step)
    }

    private func refusal(
        _ message: String, _ response: HTTPResponse, _ url: String, _ step: Step
    ) -> AuthError {
        let redactor = Redactor(secrets, book: book)
        let stated = step.message.flatMap { (try? $0.valueText(in: response.body)) ?? nil }
        // A login that was let in may hold a token that nobody knows to mask yet.
        let mayHoldToken = (200...399).contains(response.status)
        let body = stated.map { Array($0.utf8) } ?? (mayHoldToken ? [] : response.body)
        let words = StrangerText.reply(body, isCut: false, redactor: redactor, limit: 200)
        let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return AuthError(
            code: .refused(status: response.status), url: RequestURL.withoutSecrets(url),
            phase: "answer", message: line.isEmpty ? message : "\(message): \(line)",
            hint: "check the credentials under `with:`, and the login's request"
                + (mayHoldToken && stated == nil
                    ? "; `message` says what of its answer may be shown" : ""))
    }

    private func request(
        _ step: Step, _ context: TemplateContext
    ) throws(AuthError) -> HTTPRequest {
        let spec = step.request
        var fields: [HTTPField] = []
        for item in headers + spec.headers {
            guard let value = try optional(item.value, context) else { continue }
            fields.removeAll { $0.name.lowercased() == item.name.lowercased() }
            fields.append(HTTPField(item.name, value))
        }
        var url: String
        switch spec.target {
        case .url(let template): url = try rendered(template, context, "the login's url")
        case .path(let template):
            guard let baseURL else {
                throw AuthError(configuration: "the login's path has no base_url")
            }
            let base = try rendered(baseURL, context, "base_url")
            let path = try rendered(template, context, "the login's path", encoding: .path)
            url = base.hasSuffix("/") ? base.dropLast() + path : base + path
        }
        var items: [(String, String)] = []
        for item in spec.query {
            let values = try Self.converting { () throws(TemplateError) in
                try item.value.values(context)
            }
            items += values.map { (item.name, $0) }
        }
        if !items.isEmpty {
            url += (url.contains("?") ? "&" : "?") + PercentEncoding.items(items)
        }
        var body: [UInt8]?
        var type: String?
        switch spec.body {
        case nil: break
        case .text(let template, let contentType):
            body = Array(try rendered(template, context, "the login's body").utf8)
            type = contentType
        case .json(let template, let contentType):
            body = try Self.converting { () throws(TemplateError) in try template.render(context) }
            type = contentType
        case .form(let items, let contentType):
            var pairs: [(String, String)] = []
            for item in items {
                let what = "`\(item.name)` of the login's form"
                let text = try rendered(item.value, context, what)
                pairs += item.value.values(of: text).map { (item.name, $0) }
            }
            body = Array(PercentEncoding.form(pairs).utf8)
            type = contentType
        }
        if let type { fields.append(HTTPField("Content-Type", type)) }
        if !fields.contains(where: { $0.name.lowercased() == "accept" }) {
            fields.append(HTTPField("Accept", "application/json, */*;q=0.5"))
        }
        return HTTPRequest(
            method: spec.method == .get ? .get : spec.method == .head ? .head : .post, url: url,
            headers: fields, body: body,
            deadlines: Deadlines(
                connect: min(.seconds(10), timeout), firstByte: timeout, total: timeout),
            bodyLimit: .refuse(over: 1 << 20), acceptsEncoding: true)
    }

    private func optional(
        _ template: Template, _ context: TemplateContext
    ) throws(AuthError) -> String? {
        try Self.converting { () throws(TemplateError) in try template.render(context) }
    }

    private func rendered(
        _ template: Template, _ context: TemplateContext, _ what: String,
        encoding: Template.Encoding = .none
    ) throws(AuthError) -> String {
        let text = try Self.converting { () throws(TemplateError) in
            try template.render(context, encoding: encoding)
        }
        if let text { return text }
        let absent = template.absent(context).map { "`${\($0.subject.text)}`, which" }
        throw AuthError(
            configuration: "\(what) uses \(absent ?? "a value that") is absent",
            hint: "give the parameter under `with:`, or take the value in an earlier step")
    }

    private static func converting<Value>(
        _ render: () throws(TemplateError) -> Value
    ) throws(AuthError) -> Value {
        do throws(TemplateError) {
            return try render()
        } catch {
            throw AuthError(configuration: "the login cannot be made: \(error)")
        }
    }
}
