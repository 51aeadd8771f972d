import CYAML
import PullcordModel

/// What libyaml reports, one step at a time, in Swift values.
struct Event {
    enum Kind {
        case documentStart
        case documentEnd
        case streamEnd
        case alias(String)
        case scalar(text: String, style: YAMLScalar.Style)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    let kind: Kind
    var anchor: String?
    var tag: String?
    let start: Mark
    let end: Mark
}

/// A position in the source: all counted from 0, in characters.
struct Mark {
    let index: Int
    let line: Int
    let column: Int
}

/// What libyaml says when it stops.
struct ParserFailure: Error {
    let problem: String
    let context: String
    let mark: Mark
    let contextMark: Mark
    let isMemory: Bool
}

/// The one place that calls libyaml 0.2: its event parser over a copy of the bytes.
///
/// Source: `yaml.h`, "Parser Definitions".
@safe struct EventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// The bytes must be valid UTF-8; nil means that memory is short.
    init?(_ bytes: [UInt8]) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            return nil
        }
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
        _ = unsafe input.initialize(from: bytes)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe self.parser = parser
        unsafe self.input = input
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event that matters; the start of the stream is skipped.
    mutating func next() throws(ParserFailure) -> Event {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { unsafe yaml_event_delete(&event) }
            if let result = unsafe translate(event) { return result }
        }
    }

    private func translate(_ event: yaml_event_t) -> Event? {
        var anchor: String?
        var tag: String?
        let kind: Event.Kind
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_ALIAS_EVENT:
            kind = unsafe .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            unsafe (anchor, tag) = (text(scalar.anchor), text(scalar.tag))
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = unsafe .scalar(
                text: String(decoding: bytes, as: UTF8.self), style: style(scalar.style))
        case YAML_SEQUENCE_START_EVENT:
            let sequence = unsafe event.data.sequence_start
            unsafe (anchor, tag) = (text(sequence.anchor), text(sequence.tag))
            kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let mapping = unsafe event.data.mapping_start
            unsafe (anchor, tag) = (text(mapping.anchor), text(mapping.tag))
            kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: return nil
        }
        return unsafe Event(
            kind: kind, anchor: anchor, tag: tag, start: mark(event.start_mark),
            end: mark(event.end_mark))
    }

    private func failure() -> ParserFailure {
        unsafe ParserFailure(
            problem: parser.pointee.problem.map { unsafe String(cString: $0) } ?? "",
            context: parser.pointee.context.map { unsafe String(cString: $0) } ?? "",
            mark: mark(parser.pointee.problem_mark),
            contextMark: mark(parser.pointee.context_mark),
            isMemory: parser.pointee.error == YAML_MEMORY_ERROR)
    }

    private func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        unsafe pointer.map { unsafe String(cString: $0) }
    }

    private func mark(_ mark: yaml_mark_t) -> Mark {
        Mark(
            index: Int(clamping: mark.index), line: Int(clamping: mark.line),
            column: Int(clamping: mark.column))
    }

    private func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }
}
