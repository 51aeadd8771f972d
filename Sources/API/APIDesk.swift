package import PullcordCommit
package import PullcordEngine
package import PullcordModel

/// Everything that the routes work on.
package struct APIDesk: Sendable {
    package let store: any Store & StoreReader
    package let operations: Operations
    package let catalogue: Catalogue
    package let time: any TimeSource
    package let version: String
    let activity = ActivityTally()
    /// Reads and checks adapters.
    package let adapters: AdapterDesk
    /// Whether the process can do its work.
    package var readiness: @Sendable () -> Readiness.State
    /// Who wants what now; replays ask.
    package var matcher: @Sendable () -> EventMatcher
    /// What sources and subscriptions are made and changed by; nil where nothing can be.
    package var definitions: (any DefinitionBook)?
    /// What is counted and measured; the server counts its requests there.
    package var meters = Meters()
    /// How each stream fares.
    package var sights: @Sendable () -> [SourceWatch.Sight] = { [] }
    /// What the machine says of the process.
    package var host: @Sendable () -> HostFigures = { HostFigures() }

    package init(
        store: any Store & StoreReader, operations: Operations, catalogue: Catalogue,
        time: any TimeSource, version: String, adapters: AdapterDesk,
        readiness: @escaping @Sendable () -> Readiness.State,
        matcher: @escaping @Sendable () -> EventMatcher,
        definitions: (any DefinitionBook)? = nil
    ) {
        self.store = store
        self.operations = operations
        self.catalogue = catalogue
        self.time = time
        self.version = version
        self.adapters = adapters
        self.readiness = readiness
        self.matcher = matcher
        self.definitions = definitions
    }

    /// Has an operation carried out for somebody, and answers with what was done.
    func perform(
        _ kind: String, _ arguments: [String: String], for request: APIRequest, status: Int = 200
    ) async throws -> APIAnswer {
        do {
            let outcome = try await operations.perform(
                kind, arguments, by: request.principal.name, request: request.number)
            return APIAnswer(status: status, json: Shapes.done(outcome))
        } catch let problem as Problem {
            throw APIProblem(problem)
        }
    }

    /// What the API made and was set aside, by name.
    func broken(_ kind: DefinitionKind) async throws -> [String: Definition] {
        let broken = try await definitions?.broken().filter { $0.kind == kind } ?? []
        return Dictionary(broken.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Since when each source is paused that is.
    func paused() async throws -> [String: Timestamp] {
        let paused = try await store.pausedSources()
        return Dictionary(paused.map { ($0.source.text, $0.since) }) { $1 }
    }
}
