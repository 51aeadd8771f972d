import PullcordModel
package import PullcordTransfer
import Synchronization

/// Carries requests for programs: each is one run, and its output the answer.
///
/// A program gets an environment of its own, a process group, a folder that is gone afterwards, and
/// three descriptors; there is no shell. It is asked to end, and then killed with all that it has
/// started, when its time is over, when the calling task is cancelled, and with this process.
package final class ProgramExchange: Exchange {
    /// It has brought what there is.
    package static let done = 0
    /// It may do better later: `EX_TEMPFAIL` of sysexits.h.
    package static let busy = 75
    /// There is nothing new since the last run.
    package static let unchanged = 99

    private let folder: String
    private let environment: [String: String]
    private let catalogs = Mutex<[SingerRun.Identity: SingerRun.Discovery]>([:])

    /// `folder` is where large outputs and the folders of runs are kept; of `environment` only
    /// `PATH`, `HOME` and `LANG` are handed on.
    package init(folder: String, environment: [String: String]) {
        self.folder = folder
        self.environment = environment
        PrivateFolder.sweep(folder)
    }

    package func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        do throws(ProgramFailure) {
            switch request.call {
            case .program(let call)?: return try await run(call, request)
            case .code(let call)?:
                throw ProgramFailure(
                    "the source `\(call.name)` is in Swift code, which this program does not have",
                    hint: "run the program that registers it")
            case nil: throw ProgramFailure("this is a request of the network")
            }
        } catch {
            throw error.error(url: request.url)
        }
    }

    private func run(
        _ call: ProgramCall, _ request: HTTPRequest
    ) async throws(ProgramFailure) -> HTTPResponse {
        let program = try Program(call, environment: environment, parent: folder)
        guard let singer = call.singer else {
            let gathered = try await program.run([], request, sink(for: request, call))
            guard let gathered else { return HTTPResponse(status: 304) }
            let cursor = try program.statedCursor()
            return program.page(
                gathered, cursor.map { [HTTPField(LocalHeader.cursor, $0)] } ?? [])
        }
        let run = SingerRun(singer, program)
        let identity = run.identity
        var discovery: SingerRun.Discovery?
        if singer.catalog != .none {
            discovery = catalogs.withLock { $0[identity]?.used() }
            if discovery == nil { discovery = try await run.discover(request) }
            keep(discovery, for: identity)
        }
        do throws(ProgramFailure) {
            return try await run.sync(request, discovery, folder: folder)
        } catch {
            // The tap may have other streams by now.
            catalogs.withLock { $0[identity] = nil }
            throw error
        }
    }

    /// Thousands of sources of one tap may each have credentials of their own, and a catalog.
    private func keep(_ discovery: SingerRun.Discovery?, for identity: SingerRun.Identity) {
        catalogs.withLock { catalogs in
            catalogs[identity] = discovery
            guard catalogs.count > Limits.catalogsMax,
                let other = catalogs.keys.first(where: { $0 != identity })
            else { return }
            catalogs[other] = nil
        }
    }

    private func sink(
        for request: HTTPRequest, _ call: ProgramCall
    ) -> @Sendable () -> any OutputSink {
        let (limit, over, folder) = (request.bodyLimit.bytes, request.spoolsOver, folder)
        let isLines = call.printsLines
        return { RecordSink(limit: limit, spoolsOver: over, folder: folder, isLines: isLines) }
    }
}
