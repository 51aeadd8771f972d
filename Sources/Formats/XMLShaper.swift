import PullcordAdapter
import PullcordJSON

/// Makes JSON of XML while it is read, from the leaves up.
///
/// An element is a string if it holds nothing but text; otherwise an object with its attributes as
/// `@name`, its elements by name, and its text as `#text`. Elements that come several times are
/// an array. What only declares a namespace is left out.
final class XMLShaper: XMLSink {
    private let spec: XMLSpec
    private var frames: [Frame] = []
    /// The document as JSON, once its root has ended.
    private(set) var result: [UInt8] = []
    /// Told of each element that has ended: its path from the root, its text and its JSON.
    var ended: ((_ path: [String], _ text: String, _ json: [UInt8]) -> Void)?

    private struct Frame {
        let name: String
        let attributes: [XMLAttribute]
        var text = ""
        var children = XMLChildren()
    }

    init(_ spec: XMLSpec) { self.spec = spec }

    static func json(of text: consuming [UInt8], _ spec: XMLSpec) throws(FormatError) -> [UInt8] {
        let shaper = XMLShaper(spec)
        try XMLReader.read(text, into: shaper)
        return shaper.result
    }

    func start(_ name: String, _ attributes: [XMLAttribute]) {
        frames.append(
            Frame(
                name: shown(name), attributes: attributes.filter { !$0.isDeclaration }))
    }

    func text(_ text: String) {
        if !frames.isEmpty { frames[frames.count - 1].text += text }
    }

    func end() {
        guard let frame = frames.popLast() else { return }
        let json = value(of: frame)
        ended?(frames.map(\.name) + [frame.name], frame.text, json)
        if frames.isEmpty {
            var writer = JSONWriter()
            writer.beginObject()
            writer.key(frame.name)
            writer.raw(json)
            writer.endObject()
            result = writer.bytes
        } else {
            frames[frames.count - 1].children.add(json, named: frame.name)
        }
    }

    private func shown(_ name: String) -> String {
        guard spec.namespaces == .strip, let colon = name.firstIndex(of: ":") else { return name }
        return String(name[name.index(after: colon)...])
    }

    private func value(of frame: Frame) -> [UInt8] {
        var frame = frame
        for list in spec.lists where list.parent == frame.name {
            frame.children.addName(list.element)
        }
        var writer = JSONWriter()
        let isEmpty = frame.attributes.isEmpty && frame.children.entries.isEmpty
        guard !isEmpty else {
            writer.string(frame.text)
            return writer.bytes
        }
        writer.beginObject()
        var names: Set<String> = []
        for attribute in frame.attributes {
            let short = shown(attribute.name)
            // Two attributes may differ by their prefix alone.
            let name = names.insert(short).inserted ? short : attribute.name
            writer.key("@" + name)
            writer.string(attribute.value)
        }
        for child in frame.children.entries {
            writer.key(child.name)
            let isList =
                child.values.count != 1
                || spec.lists.contains {
                    $0.element == child.name && ($0.parent ?? frame.name) == frame.name
                }
            if isList { writer.beginArray() }
            for value in child.values { writer.raw(value) }
            if isList { writer.endArray() }
        }
        if frame.text.utf8.contains(where: { $0 > 0x20 }) {
            writer.key("#text")
            writer.string(frame.text)
        }
        writer.endObject()
        return writer.bytes
    }
}

/// The elements within an element, by name, in the order in which the names come first.
struct XMLChildren {
    private(set) var entries: [(name: String, values: [[UInt8]])] = []
    private var places: [String: Int] = [:]

    mutating func add(_ value: [UInt8], named name: String) {
        addName(name)
        if let place = places[name] { entries[place].values.append(value) }
    }

    /// Sees to it that there is an entry, be it without values.
    mutating func addName(_ name: String) {
        guard places[name] == nil else { return }
        places[name] = entries.count
        entries.append((name, []))
    }
}
