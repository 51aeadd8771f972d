import PullcordConfig
import PullcordModel

/// Files in memory and checkers that know just enough of jq.
struct Fixture {
    var files: [String: String] = [:]

    static let checkers = Checkers(
        expressions: ExpressionChecker(
            check: { text in
                if text == "tickets" || text.hasPrefix("$.") {
                    return .init(message: "tickets/0 is not defined", column: 1)
                }
                var open: [Character] = []
                let closing: [Character: Character] = ["(": ")", "[": "]", "{": "}"]
                for (index, character) in text.enumerated() {
                    if let partner = closing[character] {
                        open.append(partner)
                    } else if ")]}".contains(character), open.popLast() != character {
                        return .init(message: "unexpected \(character)", column: index + 1)
                    }
                }
                return open.isEmpty ? nil : .init(message: "a bracket is never closed")
            },
            isPlainPath: { text in
                text.hasPrefix(".") && !text.contains("..")
                    && text.allSatisfy { $0.isLetter || $0.isNumber || "._[]\" ".contains($0) }
            }),
        allowEntries: AllowEntryChecker { text in
            text.contains(" ") || text == "loopbak" ? "`\(text)` is no entry of an allow list" : nil
        }, zones: ZoneChecker { ["UTC", "Europe/Berlin"].contains($0) ? UniversalTime() : nil },
        destinations: DestinationChecker { url, allow in
            url.contains("//10.0.0.1") && !allow.contains("private")
                ? .init(message: "10.0.0.1 is refused", hint: "allow it") : nil
        })

    var loader: Loader {
        let files = files
        return Loader(
            checkers: Self.checkers,
            files: FileAccess(
                read: { path in
                    switch files[path] {
                    case nil: .missing
                    case "(locked)"?: .unreadable("permission denied")
                    case let text?: .bytes(Array(text.utf8))
                    }
                },
                list: { folder in
                    let prefix = folder == "." ? "" : folder + "/"
                    let inside = files.keys.filter { $0.hasPrefix(prefix) }
                        .compactMap { $0.dropFirst(prefix.count).split(separator: "/").first }
                    return Array(Set(inside.map(String.init)))
                }))
    }

    func check(_ paths: String..., environment: [String: String]? = nil) -> DiagnosticReport {
        loader.check(paths, environment: environment)
    }

    /// 32 bytes.
    static let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    static let github = """
        adapter: github
        version: 1
        summary: Issues and releases of a GitHub repository
        params:
          owner: { type: string, required: true }
          repo:  { type: string, required: true }
          token: { type: secret }
        base_url: https://api.github.com
        auth: { bearer: "${params.token}" }
        limits: { remaining: x-ratelimit-remaining, reset: { header: x-ratelimit-reset, as: epoch_seconds } }
        streams:
          issues:
            request: { path: "/repos/${params.owner}/${params.repo}/issues", query: { state: all, sort: updated, direction: asc, per_page: 100, since: "${cursor}" } }
            pages: { link: next }
            records: .
            key: .id
            cursor: { from: .updated_at, overlap: 2m }
            ignore: [.reactions, .comments_url]
            reconcile: "0 3 * * *"

        """

    static let bridge = """
        store: sqlite:pullcord.db
        sources:
          - name: swift-issues
            adapter: github
            with: { owner: swiftlang, repo: swift, token: "${env.GITHUB_TOKEN}" }
            every: 60s
        subscriptions:
          - name: triage
            url: https://triage.example.com/hooks
            events: [issues.created, issues.updated]
            filter: '.data.record.state == "open"'
            secret: "${env.TRIAGE_SECRET}"

        """

    /// An adapter that is all right, to be broken.
    static let orders = """
        adapter: orders
        base_url: https://shop.example/api/
        params: { key: secret, region: { type: string, allowed: [eu, us], default: eu } }
        auth: { api_key: { header: X-Key, value: "${params.key}" } }
        headers: { Accept: application/json, X-Region: "${params.region}" }
        streams:
          orders:
            request:
              method: POST
              path: /orders/search
              body:
                page: "${page.number | number}"
                size: "${page.size | number}"
                since: "${cursor}"
                filter: { deep: [1, 2.50, true, null, "x"] }
            pages: { number: { start: 1 }, size: 50, stop: short, total: .total, end_statuses: [404] }
            records: .data.items
            when: .kind == "order"
            key: [.shop, .id]
            cursor: { from: .changed, format: epoch_milliseconds, overlap: 5m, initial: "0", ascending: true }
            only: [.state, .total]
            unordered: [.tags]
            first: emit
            max_delete: 5%
            conditional: false
          customers: { request: /customers, key: .id, detect: snapshot }

        """
}
