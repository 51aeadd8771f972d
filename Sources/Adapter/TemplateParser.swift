package import PullcordModel

extension Template {
    /// Reads a text with placeholders and collects every complaint.
    ///
    /// What is complained about is left out of the template's segments.
    ///
    /// - Parameters:
    ///   - text: as it reads after YAML's own quoting.
    ///   - place: of the text's first character.
    ///   - room: where the text stands, which decides what a complaint offers.
    ///   - locate: the place of the character at an offset, in Unicode scalars; columns count
    ///     on from `place` if it is nil.
    /// - Returns: the template, and every complaint in the order of the text.
    package static func parse(
        _ text: String, at place: Place, in room: TemplateRoom = .adapter,
        locate: ((Int) -> Place)? = nil
    ) -> (template: Template, complaints: [TemplateError]) {
        let count: (Int) -> Place = { offset in
            let (column, overflow) = place.column.addingReportingOverflow(offset)
            return Place(
                file: place.file, line: place.line, column: overflow ? place.column : column)
        }
        guard text.utf8.count <= TemplateLimits.bytesMax else {
            let complaint = TemplateError(
                code: .tooLong, place: place,
                message: "a text with placeholders has at most \(TemplateLimits.bytesMax) bytes")
            return (Template(segments: [], place: place, isWhole: false), [complaint])
        }
        var parser = TemplateParser(text: text, room: room, locate: locate ?? count)
        parser.parse()
        let isWhole = parser.complaints.isEmpty
        return (
            Template(segments: parser.segments, place: place, isWhole: isWhole), parser.complaints
        )
    }

    /// The same for a caller that wants the first complaint only.
    package init(parsing text: String, at place: Place) throws(TemplateError) {
        let (template, complaints) = Self.parse(text, at: place)
        if let first = complaints.first { throw first }
        self = template
    }
}

/// One pass over a template's characters.
private struct TemplateParser {
    private let characters: [Unicode.Scalar]
    private let room: TemplateRoom
    private let locate: (Int) -> Place
    private var index = 0
    private var literal = String.UnicodeScalarView()
    private var placeholderCount = 0
    var segments: [Template.Segment] = []
    var complaints: [TemplateError] = []

    init(text: String, room: TemplateRoom, locate: @escaping (Int) -> Place) {
        self.room = room
        characters = Array(text.unicodeScalars)
        self.locate = locate
    }

    private var current: Unicode.Scalar? {
        index < characters.count ? characters[index] : nil
    }

    mutating func parse() {
        while let character = current {
            if starts(with: "$${") {
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
            } else if starts(with: "${") {
                guard placeholder() else { break }
            } else {
                literal.append(character)
                index += 1
            }
        }
        flush()
    }

    private mutating func flush() {
        if !literal.isEmpty { segments.append(.literal(String(literal))) }
        literal = String.UnicodeScalarView()
    }

    /// Reads `${…}`; false if its end is missing, so that nothing more can be read.
    private mutating func placeholder() -> Bool {
        let start = index
        guard let end = closing(from: start + 2) else {
            complain(
                .unclosed, at: start, "the `${` that is opened here is never closed with `}`",
                hint: "write `$${` for a literal `${`")
            return false
        }
        flush()
        placeholderCount += 1
        if placeholderCount > TemplateLimits.placeholdersMax {
            complain(
                .tooLong, at: start,
                "a text has at most \(TemplateLimits.placeholdersMax) placeholders")
            return false
        }
        index = start + 2
        if let subject = subject(end: end), let filters = filters(end: end) {
            segments.append(
                .placeholder(
                    Placeholder(subject: subject, filters: filters, place: locate(start))))
        }
        index = end + 1
        return true
    }

    /// The offset of the `}`; one inside quotes does not count.
    private func closing(from start: Int) -> Int? {
        var quote: Unicode.Scalar?
        var offset = start
        while offset < characters.count {
            let character = characters[offset]
            if let open = quote {
                if character == "\\" {
                    offset += 1
                } else if character == open {
                    quote = nil
                }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "}" {
                return offset
            }
            offset += 1
        }
        return nil
    }

    private mutating func subject(end: Int) -> Placeholder.Subject? {
        skipBlanks(end: end)
        let start = index
        let word = word(end: end)
        guard !word.isEmpty else {
            complain(
                .empty, at: start, "a placeholder names no value",
                allowed: room.forms)
            return nil
        }
        switch SubjectGrammar.read(word, in: room) {
        case .subject(let subject): return subject
        case .refused(let message, let allowed, let suggestion, let hint):
            complaints.append(
                TemplateError(
                    code: .unknownSubject, place: locate(start), message: message, found: word,
                    allowed: allowed, suggestion: suggestion, hint: hint))
            return nil
        }
    }

    private mutating func filters(end: Int) -> [Placeholder.Filter]? {
        var filters: [Placeholder.Filter] = []
        while true {
            skipBlanks(end: end)
            guard index < end else { return filters }
            guard current == "|" else {
                complain(
                    .syntax, at: index, "`|` or `}` was expected here",
                    hint: #"a filter follows a bar: ${cursor | date "%Y-%m-%d"}"#)
                return nil
            }
            index += 1
            guard filters.count < TemplateLimits.filtersMax else {
                complain(
                    .tooLong, at: index,
                    "a placeholder has at most \(TemplateLimits.filtersMax) filters")
                return nil
            }
            guard let filter = filter(end: end) else { return nil }
            filters.append(filter)
        }
    }

    private mutating func filter(end: Int) -> Placeholder.Filter? {
        skipBlanks(end: end)
        let start = index
        let name = word(end: end)
        guard FilterGrammar.names.contains(name) else {
            complaints.append(
                TemplateError(
                    code: .unknownFilter, place: locate(start),
                    message: name.isEmpty
                        ? "a filter was expected after `|`" : "there is no filter `\(name)`",
                    found: name, allowed: FilterGrammar.names,
                    suggestion: Suggestion.nearest(to: name, among: FilterGrammar.names)))
            return nil
        }
        skipBlanks(end: end)
        let argumentStart = index
        let argument = quoted(end: end)
        switch FilterGrammar.read(name, argument: argument) {
        case .filter(let filter): return filter
        case .refused(let message, let offset, let allowed, let hint):
            let at = argument == nil ? start : argumentStart
            complaints.append(
                TemplateError(
                    code: .filterArgument, place: locate(at + offset), message: message,
                    allowed: allowed, hint: hint))
            return nil
        }
    }

    /// Everything up to a blank or `|`; `file:"…"` may hold both.
    private mutating func word(end: Int) -> String {
        var word = String.UnicodeScalarView()
        while index < end, let character = current, !isBlank(character), character != "|" {
            if character == "\"" || character == "'" {
                guard String(word) == "file:", let path = quoted(end: end) else { break }
                return "file:" + path
            }
            word.append(character)
            index += 1
        }
        return String(word)
    }

    /// A text in quotes: `\` keeps the next character from meaning anything.
    private mutating func quoted(end: Int) -> String? {
        guard index < end, let quote = current, quote == "\"" || quote == "'" else { return nil }
        var text = String.UnicodeScalarView()
        index += 1
        while index < end, let character = current, character != quote {
            if character == "\\", index + 1 < end { index += 1 }
            text.append(characters[index])
            index += 1
        }
        index += 1
        return String(text)
    }

    private mutating func skipBlanks(end: Int) {
        while index < end, let character = current, isBlank(character) { index += 1 }
    }

    private func isBlank(_ character: Unicode.Scalar) -> Bool {
        character == " " || character == "\t" || character == "\n"
    }

    private func starts(with text: String) -> Bool {
        characters[index...].starts(with: text.unicodeScalars)
    }

    private mutating func complain(
        _ code: TemplateError.Code, at offset: Int, _ message: String, allowed: [String] = [],
        hint: String = ""
    ) {
        complaints.append(
            TemplateError(
                code: code, place: locate(offset), message: message, allowed: allowed,
                hint: hint))
    }
}
