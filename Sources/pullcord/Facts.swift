import PullcordConfig
import PullcordEngine
import Synchronization

/// One line on how the daemon fares, for the service manager.
final class Facts: Sendable {
    private struct Room: Sendable { weak var runtime: Runtime? }
    private let room = Mutex(Room())

    func follow(_ runtime: Runtime) { room.withLock { $0.runtime = runtime } }

    var text: String {
        guard let runtime = room.withLock({ $0.runtime }) else { return "starting" }
        let configuration = runtime.configuration
        let work =
            "\(configuration.sources.count) sources, "
            + "\(configuration.subscriptions.count) subscriptions"
        switch runtime.readiness.state {
        case .ready: return work
        case .full(let message, _): return "\(work); not polling: \(message)"
        }
    }
}
