import PullcordJSON
import PullcordModel
import PullcordYAML

/// Files of others, in YAML or JSON.
enum DraftDocument {
    struct Read {
        let root: YAMLNode
        /// Mistakes that did not keep it from being read.
        var complaints: [Leftover] = []
    }

    static func yaml(_ bytes: [UInt8], file: String) throws(Problem) -> Read {
        do throws(YAMLError) {
            let document = try YAMLDocument.parse(bytes, file: file)
            let complaints = document.complaints.prefix(50).map { complaint in
                Leftover(.changed, at: complaint.place, "YAML", complaint.message)
            }
            return Read(root: document.root, complaints: Array(complaints))
        } catch {
            throw Problem(
                code: error.code.rawValue, message: error.message, place: "\(error.place)",
                hint: error.hint)
        }
    }

    /// JSON, which may be larger than YAML may; its places are all the file's beginning.
    static func any(_ bytes: [UInt8], file: String) throws(Problem) -> Read {
        let start = bytes.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        guard start.first == 0x7B else { return try yaml(bytes, file: file) }
        guard bytes.count <= DraftLimits.documentBytesMax else {
            throw Problem(
                code: "file_too_large",
                message: "the file has more than \(DraftLimits.documentBytesMax) bytes",
                place: file)
        }
        do throws(JSONError) {
            let value = try JSONValue(parsing: Array(start))
            return Read(root: node(value, Place(file: file, line: 1, column: 1)))
        } catch {
            // YAML's flow style looks like JSON, and has a place for what is wrong.
            return try yaml(bytes, file: file)
        }
    }

    private static func node(_ value: JSONValue, _ place: Place) -> YAMLNode {
        let scalar = { (text: String, kind: YAMLScalar.Kind) in
            YAMLNode(
                content: .scalar(
                    YAMLScalar(
                        text: text, style: kind == .string ? .doubleQuoted : .plain, kind: kind)),
                place: place)
        }
        switch value {
        case .null: return scalar("null", .null)
        case .bool(let value): return scalar(value ? "true" : "false", .boolean)
        case .number(let text): return scalar(text, Int64(text) == nil ? .float : .integer)
        case .string(let text): return scalar(text, .string)
        case .array(let elements):
            return YAMLNode(
                content: .sequence(elements.map { node($0, place) }), place: place)
        case .object(let members):
            return YAMLNode(
                content: .mapping(
                    members.map {
                        YAMLEntry(
                            key: YAMLKey(text: $0.key, place: place), value: node($0.value, place))
                    }), place: place)
        }
    }
}
