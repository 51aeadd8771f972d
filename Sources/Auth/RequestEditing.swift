import PullcordJSON
import PullcordModel
import PullcordTransfer

/// What logins do to requests that are made already.
extension HTTPRequest {
    mutating func setHeader(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append(HTTPField(name, value))
    }

    /// Adds to the one Cookie header that a request may have (RFC 6265, section 5.4).
    mutating func addCookie(_ name: String, _ value: String) {
        let index = headers.firstIndex { $0.name.lowercased() == "cookie" }
        guard let index else {
            headers.append(HTTPField("Cookie", "\(name)=\(value)"))
            return
        }
        let others = headers[index].value.split(separator: ";").map(\.trimmed).filter {
            !$0.hasPrefix("\(name)=")
        }
        headers[index].value = (others + ["\(name)=\(value)"]).joined(separator: "; ")
    }

    /// Sets a query item; one of that name, as an API's own link may carry, is replaced.
    mutating func setQueryItem(_ name: String, _ value: String) {
        let address = url.prefix { $0 != "#" }
        let path = address.prefix { $0 != "?" }
        let encoded = PercentEncoding.encode(name)
        let items = address.dropFirst(path.count + 1).split(separator: "&").filter {
            $0 != encoded && !$0.hasPrefix("\(encoded)=")
        }
        let all = items.map(String.init) + ["\(encoded)=\(PercentEncoding.encode(value))"]
        url = "\(path)?\(all.joined(separator: "&"))"
    }

    /// Adds a member to a body that is a JSON object; another body stays as it is.
    mutating func addMember(_ name: String, _ value: String) {
        guard let body, let start = body.firstIndex(of: 0x7B),
            body[..<start].allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) })
        else { return }
        let rest = body[(start + 1)...]
        let isEmpty = rest.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x7D
        let member = "\(JSONText.quoted(name)):\(JSONText.quoted(value))\(isEmpty ? "" : ",")"
        self.body = body[...start] + Array(member.utf8) + rest
    }
}

extension Substring {
    var trimmed: String {
        String(
            drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
