import PullcordJSON
import PullcordModel
import PullcordTransfer

/// An event as CloudEvents 1.0 has it; the HTTP binding's three modes.
///
/// `id` is the event's id, `source` is `/pullcord/<source>`, `type` the event's type, `subject`
/// the record's key; extensions are `pullcordversion` and `pullcordorigin`, both strings. `data`
/// is that of the standard envelope.
enum CloudEvent {
    static let contentType = "application/cloudevents+json; charset=UTF-8"
    static let batchContentType = "application/cloudevents-batch+json; charset=UTF-8"

    /// The attributes but `datacontenttype`, in the order in which they are written.
    static func attributes(of event: Event) -> [(name: String, value: String)] {
        var attributes = [
            ("specversion", "1.0"), ("id", event.id.text),
            ("source", "/pullcord/\(PercentEncoding.encode(event.address.source.text))"),
            ("type", event.type), ("time", "\(event.time)"),
        ]
        // An empty subject is not allowed; the key is in the data all the same.
        let subject = subject(event.key.text)
        if !subject.isEmpty { attributes.append(("subject", subject)) }
        attributes.append(("pullcordversion", String(event.version)))
        attributes.append(("pullcordorigin", event.origin.rawValue))
        return attributes
    }

    /// Structured mode (JSON Event Format 1.0, section 3).
    static func append(
        _ event: Event, _ content: Envelope.Content, marks: String, to body: inout [UInt8]
    ) {
        body.append(0x7B)
        for (name, value) in attributes(of: event) {
            body += "\"\(name)\":".utf8
            JSONText.append(value.utf8, to: &body)
            body.append(0x2C)
        }
        body += "\"datacontenttype\":\"application/json\",\"data\":".utf8
        Envelope.appendData(of: event, content, marks: marks, to: &body)
        body.append(0x7D)
    }

    /// Binary mode: attributes as headers (HTTP Protocol Binding 1.0, section 3.1.3).
    static func headers(of event: Event) -> [HTTPField] {
        attributes(of: event).map { HTTPField("ce-\($0.name)", HeaderText.encode($0.value)) }
    }

    /// A key without what a CloudEvents string must not hold (CloudEvents 1.0, "Type System"):
    /// control characters and noncharacters are percent-encoded.
    private static func subject(_ key: String) -> String {
        let isAllowed: (Unicode.Scalar) -> Bool = { scalar in
            switch scalar.value {
            case 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: false
            default: scalar.value & 0xFFFE != 0xFFFE
            }
        }
        guard !key.unicodeScalars.allSatisfy(isAllowed) else { return key }
        return key.unicodeScalars.map {
            isAllowed($0) ? String($0) : PercentEncoding.encode(String($0))
        }
        .joined()
    }
}
