import PullcordAdapter
import PullcordConfig
import PullcordJSON
import PullcordModel
import PullcordTransfer
import PullcordYAML

/// Reads one poll of a case.
struct PollReading {
    let collector: Collector
    let files: FileAccess
    let folder: String
    /// nil if nobody knows it because something else is wrong, which has been complained about.
    let baseURL: String?
    /// The streams that are polled, those that say nothing included.
    let streams: [String]

    func read(_ item: Field, fake: [FakeList]) -> TestPoll? {
        guard let keys = MappingReader(item, TestKeys.poll) else { return nil }
        var poll = TestPoll(place: item.place)
        poll.after = keys["after"]?.duration()
        poll.now = keys["now"]?.time()
        if let items = keys["exchanges"]?.items(of: .table(TestKeys.exchange)) {
            if items.count > TestKeys.exchangesMax {
                item.complain(
                    "too_many_exchanges",
                    "a poll has at most \(TestKeys.exchangesMax) exchanges")
            }
            poll.exchanges = items.prefix(TestKeys.exchangesMax).compactMap { exchange($0) }
        }
        let reading = FakeReading(poll: self)
        poll.changes = keys["changes"].map { reading.changes($0, of: fake) } ?? []
        poll.faults = keys["faults"].map { reading.faults($0, of: fake) } ?? []
        poll.events = keys["events"]?.items(of: .table(TestKeys.event))?.compactMap { event($0) }
        poll.cursor = keys["cursor"].flatMap { named($0) }
        poll.error = keys["error"].flatMap { named($0) }
        return poll
    }

    private func named(_ field: Field) -> NamedExpectation? {
        guard let entries = field.node.mapping else {
            return field.text().map { NamedExpectation(value: .single($0.text), place: $0.place) }
        }
        if entries.isEmpty { field.complain("value_empty", "there is nothing in it") }
        let named = entries.compactMap { entry in
            let value = Field(
                node: entry.value, path: join(field.path, entry.key.text), type: .text,
                collector: collector)
            return value.text().map {
                NamedExpectation.Named(name: entry.key.text, text: $0.text)
            }
        }
        return NamedExpectation(value: .named(named), place: field.place)
    }

    // MARK: Exchanges

    private func exchange(_ item: Field) -> ExpectedExchange? {
        guard let keys = MappingReader(item, TestKeys.exchange) else { return nil }
        guard let name = keys.exclusive(TestKeys.methods, hint: "one exchange is one request")
        else {
            item.complain(
                "key_missing", "the method and URL of the request are missing",
                allowed: TestKeys.methods, hint: "as in `get: /path?query`")
            return nil
        }
        guard let field = keys[name], let method = HTTPMethod(rawValue: name.uppercased()),
            let url = url(field)
        else { return nil }
        var exchange = ExpectedExchange(place: item.place, method: method, url: url)
        exchange.headers = keys["headers"].map { requestHeaders($0) } ?? []
        if keys.has("body") { exchange.body = body(item.node["body"]) }
        exchange.times = keys["times"].map { times($0) } ?? 1
        if let answer = keys["answer"] { exchange.answer = self.answer(answer) }
        return exchange
    }

    func url(_ field: Field) -> URLShape? {
        guard let text = field.filledText()?.text else { return nil }
        if text.hasPrefix("/") {
            guard let baseURL else { return nil }
            guard !baseURL.isEmpty else {
                return field.refuse(
                    "url_relative", "the adapter has no `base_url` that this could stand below",
                    hint: "write the whole URL: https://host/path")
            }
            return URLShape(baseURL + text)
        }
        guard text.lowercased().hasPrefix("http://") || text.lowercased().hasPrefix("https://")
        else {
            return field.refuse(
                "url_relative", "`\(text)` is no URL",
                allowed: ["/path?query below base_url", "https://host/path?query"])
        }
        return URLShape(text)
    }

    private func requestHeaders(_ field: Field) -> [ExpectedExchange.Header] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return []
        }
        return entries.compactMap { entry in
            if entry.value.scalar?.kind == .null {
                return ExpectedExchange.Header(name: entry.key.text, value: nil)
            }
            let value = Field(
                node: entry.value, path: join(field.path, entry.key.text), type: .text,
                collector: collector)
            return value.text().map {
                ExpectedExchange.Header(name: entry.key.text, value: $0.text)
            }
        }
    }

    private func body(_ node: YAMLNode?) -> ExpectedExchange.Body? {
        guard let node else { return nil }
        if let scalar = node.scalar, scalar.kind == .string { return .text(scalar.text) }
        return .json(DefinitionNodes.value(of: node))
    }

    private func times(_ field: Field) -> Int? {
        if field.node.scalar?.text == "any" { return nil }
        return field.integer() ?? 1
    }

    // MARK: Answers

    private func answer(_ field: Field) -> CannedAnswer {
        guard let keys = MappingReader(field, TestKeys.answer) else { return CannedAnswer() }
        return answer(keys, field)
    }

    /// `keys` are those of `field`, perhaps among others.
    func answer(_ keys: MappingReader, _ field: Field) -> CannedAnswer {
        var answer = CannedAnswer()
        answer.status = keys["status"]?.integer() ?? 200
        answer.headers = keys["headers"].map { answerHeaders($0) } ?? []
        if let fault = keys["fault"]?.choice(Fault.self) { answer.fault = fault }
        switch keys.exclusive(["json", "text", "base64", "file"], hint: "an answer has one body") {
        case "json":
            answer.body = field.node["json"].map { DefinitionNodes.value(of: $0).serialized } ?? []
            add("application/json", to: &answer)
        case "text":
            answer.body = Array((keys["text"]?.text()?.text ?? "").utf8)
            add("text/plain", to: &answer)
        case "base64": answer.body = keys["base64"].flatMap { decoded($0) } ?? []
        case "file": answer.body = keys["file"].flatMap { bytes($0) } ?? []
        default: break
        }
        return answer
    }

    private func add(_ contentType: String, to answer: inout CannedAnswer) {
        guard !answer.headers.contains(where: { $0.name.lowercased() == "content-type" }) else {
            return
        }
        answer.headers.append(HTTPField("content-type", contentType))
    }

    func answerHeaders(_ field: Field) -> [HTTPField] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return []
        }
        return entries.flatMap { entry in
            let value = Field(
                node: entry.value, path: join(field.path, entry.key.text),
                type: .either([.text, .list(.text)]), collector: collector)
            let values =
                entry.value.sequence == nil ? [value] : value.items(of: .text) ?? []
            return values.compactMap { $0.text() }.map { HTTPField(entry.key.text, $0.text) }
        }
    }

    private func decoded(_ field: Field) -> [UInt8]? {
        guard let text = field.text()?.text else { return nil }
        return Base64.decode(text.filter { !$0.isWhitespace })
            ?? field.refuse("base64_invalid", "this is not base64")
    }

    private func bytes(_ field: Field) -> [UInt8]? {
        guard let name = field.filledText() else { return nil }
        let path = Paths.resolve(name.text, in: folder)
        switch files.read(path) {
        case .bytes(let bytes): return bytes
        case .missing:
            return field.refuse("file_unreadable", "there is no file `\(path)`")
        case .unreadable(let reason):
            return field.refuse("file_unreadable", "`\(path)` cannot be read: \(reason)")
        }
    }

    // MARK: Events

    private func event(_ item: Field) -> ExpectedEvent? {
        guard let keys = MappingReader(item, TestKeys.event) else { return nil }
        let kinds = ChangeKind.allCases.map(\.rawValue)
        guard let name = keys.exclusive(kinds, hint: "one event is one change") else {
            item.complain(
                "key_missing", "what has happened is missing", allowed: kinds,
                hint: "as in `updated: KEY`")
            return nil
        }
        guard let kind = ChangeKind(rawValue: name), let key = keys[name].flatMap({ key($0) })
        else { return nil }
        var event = ExpectedEvent(place: item.place, kind: kind, key: key)
        if let stream = keys["stream"], let name = stream.name(.stream)?.text {
            event.stream = name
            if !streams.isEmpty, !streams.contains(name) {
                collector.error(
                    "stream_unknown", at: stream.place, path: stream.path, found: name,
                    "the case polls no stream `\(name)`", allowed: streams,
                    suggestion: Suggestion.nearest(to: name, among: streams))
            }
        }
        event.origin = keys["origin"]?.choice(Origin.self)
        event.record = item.node["record"].map { DefinitionNodes.value(of: $0) }
        event.previous = item.node["previous"].map { DefinitionNodes.value(of: $0) }
        event.changed = keys["changed"]?.items(of: .text)?.compactMap { $0.text()?.text }
        return event
    }

    /// A record's key: a text, or the parts of one that is made of several.
    private func key(_ field: Field) -> String? {
        guard field.node.sequence != nil else { return field.text()?.text }
        let parts = field.items(of: .text)?.compactMap { $0.text()?.text } ?? []
        return String(
            decoding: JSONValue.array(parts.map { .string($0) }).serialized, as: UTF8.self)
    }
}
