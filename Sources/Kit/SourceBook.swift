import PullcordConfig
import PullcordJSON
import PullcordModel
import PullcordTransfer

/// The sources in code that a process has, by name: their adapters, and their pages.
struct SourceBook: Sendable {
    private struct Entry: Sendable {
        let source: any RecordSource
        /// What it says of itself, as it did when it was added.
        let adapter: [UInt8]
    }

    private var entries: [String: Entry] = [:]
    private let desk = PageDesk()

    static let scheme = "swift:"

    mutating func add(_ source: some RecordSource, as name: String) {
        entries[name] = Entry(source: source, adapter: Self.adapter(name, source))
    }

    func has(_ name: String) -> Bool { entries[name] != nil }

    /// Files as they are, and the adapters of sources in code beside them.
    func over(_ files: FileAccess) -> FileAccess {
        let adapters = entries.mapValues(\.adapter)
        return FileAccess(
            read: { path in
                guard path.hasPrefix(Self.scheme) else { return files.read(path) }
                let name = String(path.dropFirst(Self.scheme.count))
                return adapters[name].map { .bytes($0) } ?? .missing
            },
            list: { $0 == Self.scheme ? adapters.keys.sorted() : files.list($0) })
    }

    /// What a source says of itself in the language of adapters, as JSON: it is read and checked
    /// like any other.
    private static func adapter(_ name: String, _ source: any RecordSource) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("adapter")
        writer.string(name)
        writer.key("swift")
        writer.string(name)
        if !source.parameters.isEmpty {
            writer.key("params")
            writer.beginObject()
            for parameter in source.parameters {
                writer.key(parameter.name)
                writer.beginObject()
                writer.key("type")
                writer.string(parameter.isSecret ? "secret" : "string")
                writer.key("required")
                writer.bool(parameter.isRequired)
                writer.endObject()
            }
            writer.endObject()
        }
        writer.key("streams")
        writer.beginObject()
        for stream in source.streams {
            writer.key(stream.name)
            writer.stream(stream)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// Whether a text comes back as it was: it is carried as a header field.
    private static func isLine(_ text: String) -> Bool {
        text.utf8.count <= Limits.cursorBytesMax && text.first != " " && text.last != " "
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// The answer to a request for a page.
    func answer(
        to call: CodeCall, _ request: HTTPRequest, time: any TimeSource
    ) async throws(TransferError) -> HTTPResponse {
        let failure = { (code: TransferError.Code, message: String) in
            TransferError(code: code, url: request.url, phase: .body, message: message)
        }
        guard let source = entries[call.name]?.source else {
            throw failure(.program, "no source in code is called `\(call.name)`")
        }
        let asked = PageRequest(
            source: call.source, stream: call.stream, parameters: call.parameters,
            cursor: call.cursor, page: call.page, wantsAll: call.wantsAll)
        let outcome: PageDesk.Outcome
        do {
            outcome = try await desk.page(
                of: source, asked, within: request.deadlines.total, time)
        } catch is CancellationError {
            throw failure(.cancelled, "the poll was stopped")
        } catch let error as SourceFailure {
            throw failure(error.isTemporary ? .programBusy : .program, error.message)
        } catch {
            throw failure(.program, "\(error)")
        }
        let page: RecordPage
        switch outcome {
        case .page(let found): page = found
        case .late:
            throw failure(.program, "there was no page within \(request.deadlines.total)")
        case .busy:
            throw failure(
                .program,
                "it still works on a page that was given up: it does not heed that its task is "
                    + "cancelled")
        }
        guard !page.isUnchanged else {
            guard !call.wantsAll, call.page == nil else {
                throw failure(.program, "nothing is new, it says, when asked for all")
            }
            return HTTPResponse(status: 304)
        }
        guard page.json.count <= request.bodyLimit.bytes else {
            throw failure(.program, "the page has more than \(request.bodyLimit.bytes) bytes")
        }
        for (name, text) in [("next", page.next), ("cursor", page.cursor)] {
            guard let text, !Self.isLine(text) else { continue }
            throw failure(
                .program,
                "the page's `\(name)` is no line of at most \(Limits.cursorBytesMax) bytes, or has "
                    + "blanks at its ends")
        }
        var headers: [HTTPField] = []
        if let next = page.next { headers.append(HTTPField(LocalHeader.next, next)) }
        if let cursor = page.cursor { headers.append(HTTPField(LocalHeader.cursor, cursor)) }
        return HTTPResponse(
            status: page.isComplete ? 200 : 206, headers: HTTPHeaders(headers), body: page.json)
    }
}

extension JSONWriter {
    fileprivate mutating func stream(_ stream: RecordStream) {
        beginObject()
        key("key")
        list(stream.key.map(Self.path))
        if !stream.ignore.isEmpty {
            key("ignore")
            list(stream.ignore.map(Self.path))
        }
        key("detect")
        switch stream.reading {
        case .wholeList: string("snapshot")
        case .feed: string("feed")
        case .changes:
            string("incremental")
            key("cursor")
            beginObject()
            key("token")
            beginObject()
            key("header")
            string(LocalHeader.cursor)
            endObject()
            endObject()
        case .changesByTime(let member):
            string("incremental")
            key("cursor")
            beginObject()
            key("from")
            string(Self.path(member))
            endObject()
        }
        endObject()
    }

    private mutating func list(_ texts: [String]) {
        beginArray()
        for text in texts { string(text) }
        endArray()
    }

    /// A member as a plain path of jq, whatever characters its name has.
    private static func path(_ member: String) -> String { ".[\(JSONText.quoted(member))]" }
}
