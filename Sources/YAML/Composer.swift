import PullcordModel

/// Builds nodes out of events and keeps every bound.
struct Composer: ~Copyable {
    /// A node that an alias may stand for, and what it costs to put it there again.
    private struct Anchored {
        let node: YAMLNode
        let nodes: Int
        let height: Int
    }

    /// A node together with its cost.
    private struct Built {
        let node: YAMLNode
        /// Levels of collections in it; 0 for a scalar.
        let height: Int
    }

    private var reader: EventReader
    private let source: SourceText
    private var anchors: [String: Anchored] = [:]
    private var openAnchors: Set<String> = []
    private var nodes = 0
    private var complaints: [YAMLError] = []

    init(reader: consuming EventReader, source: SourceText) {
        self.reader = reader
        self.source = source
    }

    mutating func document() throws(YAMLError) -> YAMLDocument {
        let first = try next()
        guard case .documentStart = first.kind else {
            throw YAMLError(
                code: .empty, place: source.place(first.start), message: "the file is empty")
        }
        let root = try node(next(), depth: 1)
        _ = try next()
        let after = try next()
        guard case .streamEnd = after.kind else {
            throw YAMLError(
                code: .secondDocument, place: source.place(after.start),
                message: "a second document begins here",
                hint: "one file holds one document: remove the `---` or split the file")
        }
        return YAMLDocument(root: root.node, complaints: complaints)
    }

    private mutating func next() throws(YAMLError) -> Event {
        do {
            return try reader.next()
        } catch {
            throw SyntaxMessage.error(error, in: source)
        }
    }

    /// Recursion is safe: `depth` is bounded.
    private mutating func node(_ event: Event, depth: Int) throws(YAMLError) -> Built {
        let place = source.place(event.start)
        if case .alias(let name) = event.kind {
            return try expand(name, at: place, depth: depth)
        }
        let before = nodes
        try count(1, at: place)
        if let anchor = event.anchor { openAnchors.insert(anchor) }
        let built: Built
        switch event.kind {
        case .scalar(let text, let style):
            let start = contentMark(event)
            built = Built(node: scalar(text, style, event, from: start), height: 0)
        case .sequenceStart:
            built = try sequence(event, at: place, depth: depth)
        case .mappingStart:
            built = try mapping(event, at: place, depth: depth)
        case .documentStart, .documentEnd, .streamEnd, .alias, .sequenceEnd, .mappingEnd:
            throw YAMLError(code: .syntax, place: place, message: "a value was expected here")
        }
        if let anchor = event.anchor {
            openAnchors.remove(anchor)
            anchors[anchor] = Anchored(
                node: built.node, nodes: nodes - before, height: built.height)
        }
        return built
    }

    /// Where a scalar itself begins: libyaml's mark is that of its anchor or tag, if it has one.
    private func contentMark(_ event: Event) -> Mark {
        guard event.anchor != nil || event.tag != nil else { return event.start }
        var mark = event.start
        var isProperty = false
        for character in source.slice(from: event.start, to: event.end) {
            let isBlank = character == " " || character == "\t" || character == "\n"
            if !isProperty, !isBlank, character != "&", character != "!" { break }
            isProperty = !isBlank
            mark =
                character == "\n"
                ? Mark(index: mark.index + 1, line: mark.line + 1, column: 0)
                : Mark(index: mark.index + 1, line: mark.line, column: mark.column + 1)
        }
        return mark
    }

    private mutating func sequence(
        _ event: Event, at place: Place, depth: Int
    ) throws(YAMLError) -> Built {
        try enter(depth, at: place)
        checkTag(event.tag, suffix: "seq", at: place)
        var items: [YAMLNode] = []
        var height = 0
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { break }
            let item = try node(event, depth: depth + 1)
            items.append(item.node)
            height = max(height, item.height)
        }
        return Built(
            node: YAMLNode(content: .sequence(items), place: place), height: height + 1)
    }

    private mutating func mapping(
        _ event: Event, at place: Place, depth: Int
    ) throws(YAMLError) -> Built {
        try enter(depth, at: place)
        checkTag(event.tag, suffix: "map", at: place)
        var collector = EntryCollector()
        var height = 0
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { break }
            let key = try node(event, depth: depth + 1).node
            let value = try node(next(), depth: depth + 1)
            height = max(height, value.height)
            guard let scalar = key.scalar else {
                complaints.append(
                    YAMLError(
                        code: .keyNotScalar, place: key.place,
                        message: "a key must be a text, not a list or a mapping",
                        hint: "quote a key that contains brackets, braces or ${…}"))
                continue
            }
            if scalar.style == .plain, scalar.text == "<<" {
                complaints += collector.merge(value.node)
            } else {
                let entry = YAMLEntry(
                    key: YAMLKey(text: scalar.text, place: key.place), value: value.node)
                complaints += collector.add(entry)
            }
        }
        let entries = collector.finish()
        return Built(
            node: YAMLNode(content: .mapping(entries), place: place), height: height + 1)
    }

    private mutating func expand(
        _ name: String, at place: Place, depth: Int
    ) throws(YAMLError) -> Built {
        guard let anchored = anchors[name], !openAnchors.contains(name) else {
            let isOpen = openAnchors.contains(name)
            complaints.append(
                YAMLError(
                    code: .unknownAlias, place: place,
                    message: isOpen
                        ? "the alias `*\(name)` stands inside the value that it names"
                        : "no anchor `&\(name)` stands before this alias",
                    hint: isOpen ? "" : "quote a text that begins with `*`"))
            try count(1, at: place)
            return Built(
                node: YAMLNode(content: .scalar(YAMLScalar(text: "", kind: .null)), place: place),
                height: 0)
        }
        try count(anchored.nodes, at: place)
        if anchored.height > 0 { try enter(depth + anchored.height - 1, at: place) }
        return Built(node: anchored.node, height: anchored.height)
    }

    private mutating func scalar(
        _ text: String, _ style: YAMLScalar.Style, _ event: Event, from start: Mark
    ) -> YAMLNode {
        let place = source.place(start)
        var kind: YAMLScalar.Kind =
            style == .plain ? CoreSchema.kind(ofPlain: text) : .string
        if let tag = event.tag {
            kind = self.kind(of: text, tagged: tag, at: source.place(event.start))
        }
        let spread = ScalarSpread(
            text: text, style: style, source: source.slice(from: start, to: event.end),
            line: place.line, column: place.column)
        return YAMLNode(
            content: .scalar(YAMLScalar(text: text, style: style, kind: kind, spread: spread)),
            place: place)
    }

    private mutating func kind(
        of text: String, tagged tag: String, at place: Place
    ) -> YAMLScalar.Kind {
        let plain = CoreSchema.kind(ofPlain: text)
        switch tag {
        case "!", "tag:yaml.org,2002:str": return .string
        case "tag:yaml.org,2002:null" where plain == .null: return .null
        case "tag:yaml.org,2002:bool" where plain == .boolean: return .boolean
        case "tag:yaml.org,2002:int" where plain == .integer: return .integer
        case "tag:yaml.org,2002:float" where plain == .float || plain == .integer: return .float
        default:
            complainAboutTag(tag, at: place)
            return plain
        }
    }

    private mutating func checkTag(_ tag: String?, suffix: String, at place: Place) {
        guard let tag, tag != "!", tag != "tag:yaml.org,2002:\(suffix)" else { return }
        complainAboutTag(tag, at: place)
    }

    private mutating func complainAboutTag(_ tag: String, at place: Place) {
        let prefix = "tag:yaml.org,2002:"
        let shown = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
        complaints.append(
            YAMLError(
                code: .tag, place: place, message: "the tag `\(shown)` does not fit here",
                hint: "leave it out; quote a text that begins with `!`"))
    }

    private mutating func count(_ more: Int, at place: Place) throws(YAMLError) {
        let (sum, overflow) = nodes.addingReportingOverflow(more)
        guard !overflow, sum <= YAMLLimits.nodesMax else {
            throw YAMLError(
                code: .tooManyNodes, place: place,
                message: "the file has more than \(YAMLLimits.nodesMax) values once its aliases "
                    + "are expanded",
                hint: "an alias that repeats aliases grows fast; many thousands of sources belong "
                    + "into the store: pullcord source create")
        }
        nodes = sum
    }

    private func enter(_ depth: Int, at place: Place) throws(YAMLError) {
        guard depth <= YAMLLimits.depthMax else {
            throw YAMLError(
                code: .tooDeep, place: place,
                message: "values are nested deeper than \(YAMLLimits.depthMax) levels")
        }
    }
}
