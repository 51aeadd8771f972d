package import PullcordModel

/// Text with `${…}` placeholders, parsed once and rendered for every request.
///
/// `$${` stands for a literal `${`.
package struct Template: Sendable, Equatable {
    package enum Segment: Sendable, Equatable {
        case literal(String)
        case placeholder(Placeholder)
    }

    package var segments: [Segment]
    package var place: Place
    /// Whether all of the text was understood; else what was not is left out of the segments.
    package let isWhole: Bool

    package init(segments: [Segment], place: Place, isWhole: Bool = true) {
        self.segments = segments
        self.place = place
        self.isWhole = isWhole
    }

    /// A template without placeholders.
    package init(literal text: String, place: Place) {
        self.init(segments: text.isEmpty ? [] : [.literal(text)], place: place)
    }

    package var placeholders: [Placeholder] {
        segments.compactMap {
            if case .placeholder(let placeholder) = $0 { placeholder } else { nil }
        }
    }
}

/// One `${subject | filter …}`.
package struct Placeholder: Sendable, Equatable {
    /// What it stands for.
    package enum Subject: Sendable, Hashable {
        case parameter(String)
        case environment(String)
        case file(String)
        case cursor
        /// One of several cursors, or `until`: how far the poll looks.
        case namedCursor(String)
        case page(PageValue)
        /// When the poll started.
        case pollStarted
        /// Of the event that is delivered.
        case event(EventValue)
        /// The key of one record, in a request for that record.
        case recordKey
        /// A member of a record's summary, by names with dots, in the request for its details.
        case record(String)
        /// A field of the parent, in the request of a child.
        case parent(String)
        /// Of the request that `auth.hmac` signs.
        case request(RequestValue)
        /// What a login has brought, by the name that its adapter gives it.
        case session(String)
    }

    package enum PageValue: String, Sendable, CaseIterable {
        case token, number, last, offset, after, then, size
    }

    package enum Filter: Sendable, Equatable {
        /// A strftime-like format in UTC (`%Y-%m-%dT%H:%M:%SZ`, `%s` …), applied to a time.
        case date(String)
        case urlencode
        case base64
        /// A JSON string: whole, or its content where it stands between quotes.
        case json
        /// Escaped for the text or an attribute's value of an XML document.
        case xml
        /// A bare number: only as the whole value of a JSON body's member.
        case number
        /// A list of what stands between commas: only as a whole query item, which is repeated, or
        /// as the whole value of a JSON body's member, which becomes an array.
        case list
        /// Used when the subject is absent.
        case fallback(String)
        /// Not percent-encoded in a path.
        case raw
    }

    package var subject: Subject
    package var filters: [Filter]
    package var place: Place

    package init(subject: Subject, filters: [Filter] = [], place: Place) {
        self.subject = subject
        self.filters = filters
        self.place = place
    }
}
