import ArgumentParser
import PullcordConfig
import PullcordModel
import PullcordTransfer

struct ExplainURLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain-url",
        abstract: "Show where a URL leads to, and whether Pullcord would connect there.",
        discussion: """
            The name is resolved now, and each address is judged by the policy that judges every \
            connection of a poll and of a delivery: public addresses are allowed, others only if \
            `network.allow` of the bridge file names them. Without --config nothing is added to \
            the public addresses. A connection is not made. The status is 0 if every address is \
            allowed, and 1 otherwise.
            """)

    @Argument(help: "A URL of http or https.")
    var url: String

    @Option(
        name: [.short, .long], help: "The bridge file whose `network` counts.",
        completion: .file(extensions: ["yaml"]))
    var config: String?

    func run() async throws {
        let network = try Workplace.network(of: config)
        let isAllowed = try await explaining {
            do throws(TransferError) {
                return try explain(Egress(policy: network.policy), isProxied: network.isProxied)
            } catch {
                throw Problem(
                    code: error.code.rawValue, message: "\(error.url): \(error.message)",
                    hint: error.hint)
            }
        }
        if !isAllowed { throw ExitCode(1) }
    }

    /// Whether every address is allowed.
    private func explain(_ egress: Egress, isProxied: Bool) throws(TransferError) -> Bool {
        let parts = try RequestURL(url)
        let palette = Palette(isOn: StandardOutput.hasColours)
        StandardOutput.writeLine(
            "scheme \(parts.scheme), host \(parts.target.host), port \(parts.target.port)")
        if isProxied {
            StandardOutput.writeLine(
                "the bridge file names a proxy: it connects, and the policy judges its address")
        }
        var isAllowed = true
        for route in try egress.routes(of: parts) {
            switch route.verdict {
            case .allowed:
                StandardOutput.writeLine("\(route.address) is allowed: \(route.reason)")
            case .refused(let refusal):
                isAllowed = false
                StandardOutput.writeLine(palette.red(refusal.message))
                StandardOutput.writeLine(palette.dim("  hint: \(refusal.hint)"))
            }
        }
        return isAllowed
    }
}
