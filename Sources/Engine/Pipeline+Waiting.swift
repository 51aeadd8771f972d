import PullcordModel
import ServiceLifecycle

extension Pipeline {
    /// Waits without keeping others from polling; ends at once when the process is to stop.
    func pauseUnlessStopping(_ pause: Duration, _ options: PollOptions) async throws {
        let end = time.monotonic() + pause
        options.pausing?(true)
        defer { options.pausing?(false) }
        try await cancelWhenGracefulShutdown { try await time.sleep(until: end) }
    }

    /// What was read is committed; the rest is read after the restart.
    func stopBetweenPages() throws {
        if Task.isShuttingDownGracefully { throw CancellationError() }
    }
}
