package import PullcordModel

extension Placeholder {
    /// What of an event `${event.…}` may name, in the headers of a subscription.
    package enum EventValue: String, Sendable, CaseIterable {
        case id, type, key, source, stream, kind, version, origin

        package func text(of event: Event) -> String {
            switch self {
            case .id: event.id.text
            case .type: event.type
            case .key: event.key.text
            case .source: event.address.source.text
            case .stream: event.address.stream.text
            case .kind: event.kind.rawValue
            case .version: String(event.version)
            case .origin: event.origin.rawValue
            }
        }
    }

    /// The value of an event with the filters applied, safe to stand in a header.
    ///
    /// Everything but the printable ASCII characters is percent-encoded, also space, `"` and `%`,
    /// as CloudEvents does it (HTTP Protocol Binding 1.0, section 3.1.3.2). What `urlencode` or
    /// `base64` made stays as it is, and `raw` keeps space, `"` and `%`. nil for a placeholder
    /// of something else.
    package func headerText(of event: Event) -> String? {
        guard case .event = subject else { return nil }
        let template = Template(segments: [.placeholder(self)], place: place)
        // Filters that can fail are refused when the file is read.
        let text = (try? template.render(TemplateContext(event: event))) ?? nil
        let isASCII = filters.contains(.urlencode) || filters.contains(.base64)
        return text.map {
            HeaderText.encode($0, keepsPrintable: isASCII || filters.contains(.raw))
        }
    }
}
