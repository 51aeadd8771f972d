package import PullcordAdapter

/// Takes the body out of a SOAP envelope (SOAP 1.1, section 4; SOAP 1.2 part 1, section 5).
package enum SOAPReader {
    /// What a service says when it failed.
    package struct Fault: Sendable, Equatable {
        /// As in `soap:Server` or `env:Sender`; the subcode where there is one.
        package let code: String
        package let text: String
        /// Whether the request is at fault, so that the same request fails again.
        package let isOurs: Bool
    }

    /// The object within the body, or an error for a fault.
    static func json(of text: consuming [UInt8], _ spec: XMLSpec) throws(FormatError) -> [UInt8] {
        let shaper = XMLShaper(spec)
        let envelope = Envelope()
        shaper.ended = { path, text, json in envelope.take(path, text, json) }
        try XMLReader.read(text, into: shaper)
        if let fault = envelope.fault {
            throw FormatError(
                .soapFault, "the service answers with the fault \(fault.code): \(fault.text)")
        }
        guard let body = envelope.body else {
            throw FormatError(
                .soapEnvelope, "this XML is no SOAP envelope with a body",
                hint: "check the address, or use `format: xml`")
        }
        // An empty body has no members, whatever white space stands in it.
        return body.first == 0x22 ? Array("{}".utf8) : body
    }

    /// What stands in the envelope, a fault too; nil for what is no envelope.
    package static func faultBody(
        in body: [UInt8], contentType: String?, _ spec: FormatSpec
    ) -> [UInt8]? {
        guard spec.kind == .soap else { return nil }
        return envelope(in: body, contentType: contentType, spec, spec.xml)?.body
    }

    /// The fault in an answer of any status; nil if there is none, or no XML at all.
    package static func fault(
        in body: [UInt8], contentType: String?, _ spec: FormatSpec
    ) -> Fault? {
        envelope(in: body, contentType: contentType, spec, XMLSpec(namespaces: .strip))?.fault
    }

    private static func envelope(
        in body: [UInt8], contentType: String?, _ spec: FormatSpec, _ shape: XMLSpec
    ) -> Envelope? {
        let decoder = TextDecoder(spec: spec, contentType: contentType)
        guard let text = try? decoder.text(body) else { return nil }
        let shaper = XMLShaper(shape)
        let envelope = Envelope()
        shaper.ended = { path, text, json in envelope.take(path, text, json) }
        do throws(FormatError) {
            try XMLReader.read(text, into: shaper)
        } catch {
            return nil
        }
        return envelope
    }
}

/// What is found in an envelope as it is read.
private final class Envelope {
    private(set) var body: [UInt8]?
    private var parts: [String: String] = [:]
    private var hasFault = false

    func take(_ path: [String], _ text: String, _ json: [UInt8]) {
        guard path.count >= 2, path.count <= 7 else { return }
        let names = path.map(Self.local)
        guard names[0] == "Envelope", names[1] == "Body" else { return }
        if names.count == 2 {
            body = json
        } else if names[2] == "Fault" {
            hasFault = true
            let key = names.dropFirst(3).joined(separator: "/")
            // Reasons come in several languages: the first counts.
            if parts[key] == nil {
                parts[key] = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
        }
    }

    var fault: SOAPReader.Fault? {
        guard hasFault else { return nil }
        let code = parts["faultcode"] ?? parts["Code/Value"] ?? ""
        let shown = parts["Code/Subcode/Value"] ?? code
        let text = parts["faultstring"] ?? parts["Reason/Text"] ?? ""
        let ours = ["Client", "Sender", "MustUnderstand", "VersionMismatch"]
        let local = Self.local(code).prefix { $0 != "." }
        return SOAPReader.Fault(
            code: shown.isEmpty ? "without a code" : String(shown.prefix(200)),
            text: text.isEmpty ? "no reason given" : String(text.prefix(300)),
            isOurs: ours.contains(String(local)))
    }

    private static func local(_ name: String) -> String {
        name.firstIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
    }
}
