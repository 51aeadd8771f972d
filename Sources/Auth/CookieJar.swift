import PullcordModel
import PullcordTransfer

/// The cookies of one login (RFC 6265), as far as one needs to know them: they go back to where
/// they came from and live as long as the session does.
struct CookieJar: Sendable {
    struct Cookie: Sendable, Equatable {
        let name: String
        let value: String
        let origin: String
    }

    private static let cookiesMax = 50
    private static let bytesMax = 4096

    private(set) var all: [Cookie] = []

    /// Takes the values of Set-Cookie headers; one with an empty value is forgotten.
    mutating func take(_ lines: [String], from url: String) {
        guard let origin = try? RequestURL(url).origin else { return }
        for line in lines {
            let pair = line.prefix { $0 != ";" }
            guard let mark = pair.firstIndex(of: "="), line.utf8.count <= Self.bytesMax else {
                continue
            }
            let name = pair[..<mark].trimmed
            let value = pair[pair.index(after: mark)...].trimmed
            guard !name.isEmpty, Self.isText(name), Self.isText(value) else { continue }
            all.removeAll { $0.name == name }
            let isDeleted = value.isEmpty || line.lowercased().contains("max-age=0")
            if !isDeleted, all.count < Self.cookiesMax {
                all.append(Cookie(name: name, value: value, origin: origin))
            }
        }
    }

    func cookies(for url: String) -> [Cookie] {
        let origin = try? RequestURL(url).origin
        return all.filter { $0.origin == origin }
    }

    var secrets: [Secret] { all.map { Secret($0.value) } }

    private static func isText(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x3B }
    }
}
