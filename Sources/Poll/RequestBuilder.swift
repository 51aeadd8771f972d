import PullcordAdapter
import PullcordModel
import PullcordTransfer

/// Makes the requests of one poll: the stream's request, with what each page adds to it.
struct RequestBuilder: Sendable {
    let plan: PollPlan
    let start: PollStart
    let base: TemplateContext

    init(plan: PollPlan, start: PollStart) throws(PollError) {
        self.plan = plan
        self.start = start
        var context = TemplateContext(
            parameters: plan.parameters, pollStarted: start.time, parent: start.parent)
        do {
            let texts = try Self.cursorTexts(plan: plan, start: start, context: context)
            context.cursor = texts.first ?? nil
            for (entry, text) in zip(plan.stream.cursors, texts) where !entry.name.isEmpty {
                context.namedCursors[entry.name] = text
            }
            context.namedCursors["until"] = Self.until(plan: plan, start: start)?.description
        } catch {
            throw PollError(error, plan: plan)
        }
        base = context
    }

    /// The first page's position, with the value that a keyset or a token starts from, behind
    /// the cursor that the position names.
    func first(_ position: PagePosition) throws(PollError) -> PagePosition {
        var position = position
        let context = context(position)
        do {
            switch plan.stream.pages.scheme {
            case .keyset(_, _, let start?): position.values[.after] = try start.render(context)
            case .token(_, let start?): position.values[.token] = try start.render(context)
            case .single, .link, .nextURL, .token, .number, .offset, .keyset, .merged, .range:
                break
            }
        } catch {
            throw PollError(error, plan: plan)
        }
        return position
    }

    /// The request that tells how far a range goes.
    func rangeEnd(_ path: Template) throws(PollError) -> HTTPRequest {
        try request(beside: path, base, "the path of `to`")
    }

    /// The request for a page.
    func request(for position: PagePosition) throws(PollError) -> HTTPRequest {
        do {
            return try render(position)
        } catch let error as PollError {
            throw error
        } catch {
            throw PollError(
                code: .request, address: plan.address,
                message: "the request could not be made: \(error)")
        }
    }

    /// The request for one record by its key.
    func probe(_ path: Template, key: RecordKey) throws(PollError) -> HTTPRequest {
        var context = base
        context.recordKey = key.text
        return try request(beside: path, context, "the path of confirm_deletes")
    }

    /// A GET of another path with all that the adapter sends with every request.
    private func request(
        beside path: Template, _ context: TemplateContext, _ what: String
    ) throws(PollError) -> HTTPRequest {
        do {
            var headers: [HTTPField] = []
            for item in plan.adapter.headers {
                guard let value = try item.value.render(context) else { continue }
                headers.append(HTTPField(item.name, value))
            }
            var query = try rendered(plan.adapter.query, context)
            try addCredentials(context, &headers, &query)
            let target = try url(of: path, context, what)
            return request(.get, url: Self.appending(query, to: target), headers, body: nil)
        } catch let error as PollError {
            throw error
        } catch {
            throw PollError(
                code: .request, address: plan.address,
                message: "the request could not be made: \(error)")
        }
    }

    /// A hash of all that decides what is asked for: equal requests read equal pages.
    func identity(of request: HTTPRequest) -> Fingerprint {
        var hasher = IdentityHasher()
        hasher.add(request.method.rawValue)
        hasher.add(request.url)
        hasher.add(request.body ?? [])
        for header in request.headers where !isCredential(header.name) {
            hasher.add("\(header.name): \(header.value)")
        }
        if let call = request.call { hasher.add("\(call)") }
        for text in plan.identityTexts { hasher.add(text) }
        return hasher.finish()
    }

    /// Whether a header says who asks, not what for; it may change from request to request.
    private func isCredential(_ name: String) -> Bool {
        if case .apiKey(in: .header, let key, _) = plan.adapter.auth,
            key.lowercased() == name.lowercased()
        {
            return true
        }
        return ["authorization", "cookie"].contains(name.lowercased())
    }

    /// What `${cursor}` stands for on a page.
    func cursor(at position: PagePosition) -> String? { position.cursor ?? base.cursor }

    /// Adds the stored validators where they belong to this very request.
    func conditional(_ request: HTTPRequest, identity: Fingerprint) -> HTTPRequest {
        guard plan.stream.isConditional, let validators = start.validators,
            validators.request == identity
        else { return request }
        var request = request
        if let tag = validators.entityTag {
            request.headers.append(HTTPField("If-None-Match", tag))
        }
        if let date = validators.lastModified {
            request.headers.append(HTTPField("If-Modified-Since", date))
        }
        return request
    }

    private func context(_ position: PagePosition) -> TemplateContext {
        var context = base
        context.page = position.values
        if let cursor = position.cursor {
            context.cursor = cursor
            if let name = plan.stream.cursors.first?.name, !name.isEmpty {
                context.namedCursors[name] = cursor
            }
        }
        if let until = position.until { context.namedCursors["until"] = until }
        if let size = plan.stream.pages.size { context.page[.size] = String(size) }
        return context
    }

    private func render(_ position: PagePosition) throws -> HTTPRequest {
        let context = context(position)

        var headers: [HTTPField] = []
        var query: [(String, String)] = []
        for item in plan.adapter.headers + plan.stream.request.headers {
            guard let value = try item.value.render(context) else { continue }
            headers.removeAll { $0.name.lowercased() == item.name.lowercased() }
            headers.append(HTTPField(item.name, value))
        }
        query += try rendered(plan.adapter.query + plan.stream.request.query, context)
        let merged = try mergedItems(position)
        query.removeAll { item in merged.contains { $0.0 == item.0 } }
        query += merged
        try addCredentials(context, &headers, &query)
        var url = try targetURL(position, context)
        if position.url == nil {
            url = Self.appending(query, to: url)
        } else if case .apiKey(in: .query, let name, _) = plan.adapter.auth {
            // A URL out of an answer carries the query already, but seldom the credentials.
            let key = query.filter { $0.0 == name && !Self.hasItem(name, in: url) }
            url = Self.appending(key, to: url)
        }
        let body = try mergedBody(try body(context, &headers), position)
        let method: HTTPMethod =
            switch plan.stream.request.method {
            case .get: .get
            case .post: .post
            case .head: .head
            }
        var request = request(method, url: url, headers, body: body)
        request.call = try localCall(context)
        return request
    }

    private func request(
        _ method: HTTPMethod, url: String, _ headers: [HTTPField], body: [UInt8]?
    ) -> HTTPRequest {
        var headers = headers
        if !headers.contains(where: { $0.name.lowercased() == "accept" }) {
            headers.append(HTTPField("Accept", plan.stream.format.accept))
        }
        let limits = plan.adapter.limits
        var request = HTTPRequest(
            method: method, url: url, headers: headers,
            body: body,
            deadlines: Deadlines(
                connect: min(.seconds(10), limits.timeout), firstByte: limits.timeout,
                total: limits.timeout),
            bodyLimit: .refuse(over: plan.pageBytes), acceptsEncoding: true)
        if plan.isReadInPieces { request.spoolsOver = Limits.spooledOver }
        return request
    }

    private func targetURL(_ position: PagePosition, _ context: TemplateContext) throws -> String {
        if let url = position.url { return url }
        switch plan.stream.request.target {
        case .url(let template):
            return try required(template, context, "the stream's url")
        case .path(let template):
            return try self.url(of: template, context, "the stream's path")
        }
    }

    /// A path appended to the adapter's `base_url`.
    private func url(
        of template: Template, _ context: TemplateContext, _ what: String
    ) throws -> String {
        let base = try required(
            plan.adapter.baseURL ?? Template(segments: [], place: template.place), context,
            "base_url")
        let path = try required(template, context, what, encoding: .path)
        let slashes = (base.hasSuffix("/"), path.hasPrefix("/"))
        switch slashes {
        case (true, true): return base + path.dropFirst()
        case (false, false): return path.isEmpty ? base : "\(base)/\(path)"
        case (true, false), (false, true): return base + path
        }
    }

    /// Without those that need an absent value.
    func rendered(
        _ items: [NamedTemplate], _ context: TemplateContext
    ) throws -> [(String, String)] {
        try items.flatMap { item in try item.value.values(context).map { (item.name, $0) } }
    }

    private func required(
        _ template: Template, _ context: TemplateContext, _ what: String,
        encoding: Template.Encoding = .none
    ) throws -> String {
        if let text = try template.render(context, encoding: encoding) { return text }
        let absent = template.absent(context)
        let name = absent.map { "`${\($0.subject.text)}`, which" } ?? "a value that"
        throw PollError(
            code: .request, address: plan.address,
            message: "\(what) uses \(name) is absent", hint: absent?.adviceIfAbsent ?? "")
    }

    private func addCredentials(
        _ context: TemplateContext, _ headers: inout [HTTPField],
        _ query: inout [(String, String)]
    ) throws {
        switch plan.adapter.auth {
        // What a login brings is added when the request is sent.
        case .none, .login: return
        case .basic(let username, let password):
            guard let username = try username.render(context) else { return }
            let pair = "\(username):\(try password.render(context) ?? "")"
            headers.append(HTTPField("Authorization", "Basic \(Base64.encode(Array(pair.utf8)))"))
        case .bearer(let token):
            guard let token = try token.render(context) else { return }
            headers.append(HTTPField("Authorization", "Bearer \(token)"))
        case .apiKey(let location, let name, let value):
            guard let value = try value.render(context) else { return }
            switch location {
            case .header: headers.append(HTTPField(name, value))
            case .query: query.append((name, value))
            case .cookie: headers.append(HTTPField("Cookie", "\(name)=\(value)"))
            }
        // What depends on the moment or on the server is done when the request is sent.
        case .digest, .ntlm, .awsSignature, .hmac: return
        }
    }

    private func body(
        _ context: TemplateContext, _ headers: inout [HTTPField]
    ) throws -> [UInt8]? {
        let content: (bytes: [UInt8], type: String)
        switch plan.stream.request.body {
        case nil: return nil
        case .text(let template, let type):
            content = (Array(try required(template, context, "the body").utf8), type)
        case .json(let template, let type):
            guard let bytes = try template.render(context) else { return nil }
            content = (bytes, type)
        case .form(let items, let type):
            content = (Array(PercentEncoding.form(try rendered(items, context)).utf8), type)
        }
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(HTTPField("Content-Type", content.type))
        }
        return content.bytes
    }
}
