import PullcordJSON
package import PullcordTransfer

/// The header fields of an answer as a page with one record.
package enum HeaderPage {
    /// An object of all fields by their names in lower case; several of one name are a list with
    /// commas (RFC 9110, section 5.3).
    package static func json(_ headers: HTTPHeaders) -> [UInt8] {
        var values: [String: String] = [:]
        for field in headers.fields {
            let name = field.name.lowercased()
            values[name] = values[name].map { "\($0), \(field.value)" } ?? field.value
        }
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            writer.string(value)
        }
        writer.endObject()
        return writer.bytes
    }
}
