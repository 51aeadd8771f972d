/// How the answers of a stream are written, and what is needed to read them as records.
package struct FormatSpec: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case json
        /// One JSON value a line.
        case ndjson
        case xml
        /// RFC 4180, with its dialects.
        case csv
        /// RSS 0.9x, 1.0 and 2.0; an Atom feed is read alike.
        case rss
        /// RFC 4287; an RSS feed is read alike.
        case atom
        /// XML within the body of a SOAP 1.1 or 1.2 envelope.
        case soap
        /// The header fields of the answer as one object, whatever its body.
        case headers

        /// Whether records have the one shape that all feeds share.
        package var isFeed: Bool { self == .rss || self == .atom }
    }

    package var kind: Kind
    /// What the bytes are, whatever the answer says; nil to believe the answer.
    package var charset: Charset?
    /// Whether a Content-Type that does not fit makes the answer a failure.
    package var checksContentType: Bool
    package var csv: CSVSpec
    package var xml: XMLSpec

    package init(
        _ kind: Kind = .json, charset: Charset? = nil, checksContentType: Bool = true,
        csv: CSVSpec = CSVSpec(), xml: XMLSpec? = nil
    ) {
        self.kind = kind
        self.charset = charset
        self.checksContentType = checksContentType && kind != .headers
        self.csv = csv
        self.xml = xml ?? XMLSpec(namespaces: kind == .soap ? .strip : .keep)
    }

    package static let json = FormatSpec()
}

/// The dialect of a CSV file.
package struct CSVSpec: Sendable, Equatable {
    package enum Header: Sendable, Equatable {
        /// The first row names the columns.
        case firstRow
        /// There is no such row: these are the names.
        case names([String])
    }

    package var header: Header
    /// One ASCII character.
    package var delimiter: UInt8
    /// One ASCII character; nil if quotes mean nothing.
    package var quote: UInt8?
    /// Whether spaces and tabs around a field are dropped.
    package var trims: Bool
    /// Whether an empty field without quotes is null rather than an empty string.
    package var emptyIsNull: Bool

    package init(
        header: Header = .firstRow, delimiter: UInt8 = 0x2C, quote: UInt8? = 0x22,
        trims: Bool = false, emptyIsNull: Bool = false
    ) {
        self.header = header
        self.delimiter = delimiter
        self.quote = quote
        self.trims = trims
        self.emptyIsNull = emptyIsNull
    }
}

/// How XML becomes JSON.
package struct XMLSpec: Sendable, Equatable {
    package enum Namespaces: String, Sendable, CaseIterable {
        /// Names keep their prefix as it is written.
        case keep
        case strip
    }

    /// An element that is always an array, so that one and many have one shape.
    package struct List: Sendable, Equatable {
        /// Only within elements of this name, which then have the array even when it is empty.
        package var parent: String?
        package var element: String

        /// Reads `item` or `items/item`; nil for anything else.
        package init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count),
                parts.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }),
                let last = parts.last
            else { return nil }
            parent = parts.count == 2 ? parts.first.map(String.init) : nil
            element = String(last)
        }
    }

    package var lists: [List]
    package var namespaces: Namespaces

    package init(lists: [List] = [], namespaces: Namespaces = .keep) {
        self.lists = lists
        self.namespaces = namespaces
    }
}
