import PullcordAdapter
import PullcordModel

/// What can be said of a URL before it is rendered.
enum URLRules {
    /// Complains about a literal beginning that is no `http://` or `https://` with a host.
    static func check(_ template: Template, _ field: Field) {
        guard case .literal(let text)? = template.segments.first else { return }
        check(text, isWhole: template.segments.count == 1, field)
    }

    private static func check(_ text: String, isWhole: Bool, _ field: Field) {
        guard let parts = Parts(text) else {
            let looksLikeHost = !text.contains("://") && text.contains(".") && !text.hasPrefix("/")
            field.collector.error(
                "url_invalid", at: field.place, path: field.path, found: text,
                "this is no URL of http or https", allowed: ["https://host/path"],
                suggestion: looksLikeHost ? "https://\(text)" : nil)
            return
        }
        if isWhole, parts.host.isEmpty {
            field.collector.error(
                "url_invalid", at: field.place, path: field.path, found: text,
                "the URL has no host", allowed: ["https://host/path"])
        }
        if parts.hasUserInfo {
            field.collector.secrets.append(Secret(parts.userInfo))
            field.collector.error(
                "url_credentials", at: field.place, path: field.path,
                "credentials cannot stand in a URL", hint: "use `auth` or a header")
        }
        if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
            field.collector.error(
                "url_invalid", at: field.place, path: field.path,
                "a URL holds no blanks: write %20")
        }
        if text.contains("#") {
            field.collector.error(
                "url_invalid", at: field.place, path: field.path,
                "a fragment (`#…`) is never sent")
        }
    }

    /// Scheme and host of an absolute URL.
    struct Parts {
        let isPlain: Bool
        let host: String
        /// What stands before the host, with its `@`.
        let userInfo: String

        var hasUserInfo: Bool { !userInfo.isEmpty }

        init?(_ url: String) {
            let lower = url.lowercased()
            guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else { return nil }
            isPlain = lower.hasPrefix("http://")
            let rest = url.dropFirst(isPlain ? 7 : 8)
            let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            let at = authority.lastIndex(of: "@")
            userInfo = at.map { String(authority[...$0]) } ?? ""
            let hostAndPort = at.map { authority[authority.index(after: $0)...] } ?? authority
            if hostAndPort.hasPrefix("[") {
                host = String(hostAndPort.prefix { $0 != "]" }) + "]"
            } else {
                host = String(hostAndPort.prefix { $0 != ":" })
            }
        }

        var isLoopback: Bool {
            let name = host.lowercased()
            return name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]"
                || isLoopbackAddress(name)
        }

        /// 127.0.0.0/8 written with four numbers.
        private func isLoopbackAddress(_ name: String) -> Bool {
            let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
            return numbers.count == 4 && numbers.first == "127"
                && numbers.allSatisfy { UInt8($0) != nil }
        }
    }
}
