import PullcordAdapter
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordTransfer

extension Checkup {
    /// Clocks that differ by so much are worth a word, and receivers refuse by so much.
    private static let skew = (warned: 5.0, refused: 120.0)
    /// Hosts that are looked at; thousands of sources have few.
    private static let hostsMax = 50

    /// Whether the hosts' names lead to addresses that Pullcord may connect to, and what time it
    /// is at the APIs.
    static func network(_ configuration: Configuration) async -> [Finding] {
        guard let policy = try? ConfiguredExchange.policy(of: configuration),
            let exchange = try? Workplace.exchange(for: configuration)
        else { return [] }
        var findings: [Finding] = []
        let apis = origins(of: configuration.sources.compactMap(baseURL(of:)))
        let receivers = origins(of: configuration.subscriptions.map(\.url))
        for origin in Set(apis + receivers).sorted().prefix(hostsMax) {
            findings.append(name(origin, Egress(policy: policy), configuration.proxy != nil))
        }
        for origin in apis.prefix(hostsMax) {
            findings.append(await clock(origin, exchange))
        }
        await exchange.shutdown()
        return findings
    }

    private static func baseURL(of source: BoundSource) -> String? {
        let context = TemplateContext(parameters: source.parameters)
        return source.adapter.baseURL.flatMap { (try? $0.render(context)) ?? nil }
    }

    private static func origins(of urls: [String]) -> [String] {
        Set(urls.compactMap { (try? RequestURL($0))?.origin.lowercased() }).sorted()
    }

    private static func name(_ origin: String, _ egress: Egress, _ isProxied: Bool) -> Finding {
        do throws(TransferError) {
            for route in try egress.routes(of: try RequestURL(origin)) {
                guard case .refused(let refusal) = route.verdict, !isProxied else { continue }
                return Finding(.fail, origin, refusal.message, refusal.hint)
            }
            return Finding(.ok, origin, "the name leads to an address that is allowed")
        } catch {
            return Finding(
                isProxied ? .warn : .fail, origin, error.message,
                error.hint.isEmpty
                    ? "see whether the name is right: pullcord explain-url" : error.hint)
        }
    }

    private static func clock(_ origin: String, _ exchange: some Exchange) async -> Finding {
        let response: HTTPResponse
        do throws(TransferError) {
            response = try await exchange.send(HTTPRequest(method: .head, url: origin + "/"))
        } catch {
            return Finding(.fail, origin, "does not answer: \(error.message)", error.hint)
        }
        let now = Workplace.time.wall()
        guard let text = response.headers.value(of: "Date"),
            let date = HTTPDate.parse(text, now: now)
        else {
            return Finding(.ok, origin, "answers (\(response.status)), and does not tell its time")
        }
        // The header has whole seconds.
        let distance = abs(now.seconds - date.seconds)
        let hint = "let a time service set the clock: receivers refuse webhooks of another time"
        let text2 = "answers (\(response.status)); its clock and ours are \(distance) s apart"
        if Double(distance) > skew.refused { return Finding(.fail, origin, text2, hint) }
        return Double(distance) > skew.warned
            ? Finding(.warn, origin, text2, hint) : Finding(.ok, origin, text2)
    }
}
