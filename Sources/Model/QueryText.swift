/// The query of a URL as names and values, still percent-encoded.
package enum QueryText {
    /// In the order of the query; an item without `=` has an empty value.
    package static func items(of query: String) -> [(name: Substring, value: Substring)] {
        query.split(separator: "&").map { item in
            let name = item.prefix { $0 != "=" }
            return (name, item.dropFirst(name.count + 1))
        }
    }

    /// The same items sorted by name, then by value, as many signatures want them.
    package static func sorted(_ query: String) -> String {
        items(of: query).sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

extension PercentEncoding {
    /// The bytes that a percent-encoded text stands for; what is no encoding stands for itself.
    package static func decode(_ text: Substring) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25, index + 2 < bytes.count,
                let byte = Hex.decode(
                    String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self))
            {
                result += byte
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
