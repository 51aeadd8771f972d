import PullcordAdapter
package import PullcordCommit
package import PullcordConfig
import PullcordJSON
package import PullcordModel
import PullcordSigning

/// The definitions of a bridge file and of a store, kept together: read at the start and at each
/// reload, changed one after the other.
package actor StoreBook: DefinitionBook {
    /// Puts a configuration to work; throws ``Problem`` if it is refused.
    package typealias Application = @Sendable (Configuration) async throws -> Void

    /// What the book needs to read a bridge file.
    package struct Source: Sendable {
        let path: String
        let environment: [String: String]
        let loader: @Sendable () -> Loader

        package init(
            path: String, environment: [String: String],
            loader: @escaping @Sendable () -> Loader
        ) {
            self.path = path
            self.environment = environment
            self.loader = loader
        }
    }

    /// One definition of the store and what became of it.
    struct Entry: Sendable {
        enum Bound: Sendable {
            case source(BoundSource)
            case subscription(BoundSubscription)
            case broken
        }

        var stored: StoredDefinition
        var bound: Bound
        var complaints: [DefinitionComplaint]
    }

    struct Key: Hashable {
        let kind: DefinitionKind
        let name: String
    }

    /// The file as it was read last, and everything that follows from it.
    struct State: Sendable {
        var file: Configuration
        var sealer: DefinitionSealer
        var entries: [Key: Entry] = [:]
        /// Why nothing may run by this: a key that is not at hand, a name that is there twice.
        var refusal: Problem?
        /// Those of the file, in the order of their names' bytes.
        let described: [DescribedDefinition]
        private let inFile: Set<Key>

        init(_ file: Configuration, _ sealer: DefinitionSealer) {
            self.file = file
            self.sealer = sealer
            described = file.described.sorted { $0.name < $1.name }
            inFile = Set(described.map { Key(kind: $0.kind, name: $0.name) })
        }

        func isInFile(_ kind: DefinitionKind, _ name: String) -> Bool {
            inFile.contains(Key(kind: kind, name: name))
        }
    }

    let store: any DefinitionReader
    private let owned: (any DefinitionStore)?
    let time: any TimeSource
    let tester: EndpointTester?
    private let source: Source
    private var apply: Application?
    private var state: State?
    /// Knows every source there is, and each adapter as it was read first.
    private var known: DefinitionBinder?
    private let turnstile = Turnstile()
    private let applying = Turnstile()
    /// Counts changes, so that one application serves all that came before it.
    private var changes = 0
    private var applied = 0

    package init(
        _ source: Source, store: any DefinitionStore, time: any TimeSource,
        tester: EndpointTester? = nil, apply: Application? = nil
    ) {
        self.source = source
        self.store = store
        owned = store
        self.time = time
        self.tester = tester
        self.apply = apply
    }

    /// A book that is only read.
    package init(reading store: any DefinitionReader, _ source: Source, time: any TimeSource) {
        self.source = source
        self.store = store
        owned = nil
        self.time = time
        tester = nil
    }

    /// The store as one that can be written.
    func writer() throws -> any DefinitionStore {
        guard let owned else {
            throw Problem(code: "read_only", message: "these definitions can only be read")
        }
        return owned
    }

    /// What later changes are put to work by; without it they wait for the next start.
    package func setApplication(_ apply: @escaping Application) { self.apply = apply }

    // MARK: Loading

    /// Reads the file and the store anew and gives the configuration that both make.
    ///
    /// Throws the ``DiagnosticReport`` of a file that is wrong, and ``Problem`` if a key is not at
    /// hand or a name stands in the file and in the store; then what was read before stays. A
    /// definition of the store that is wrong is set aside, and ``broken`` tells of it.
    package func load() async throws -> Configuration {
        try await turnstile.pass {
            let (new, binder) = try await read()
            let configuration = try Self.configuration(new)
            state = new
            known = binder
            return configuration
        }
    }

    /// The configuration by what was read last and changed since.
    package func configuration() async throws -> Configuration {
        try Self.configuration(try await current())
    }

    /// The definitions of the store that were set aside.
    package func broken() async throws -> [Definition] {
        try await current().entries.values.filter { $0.bound.isBroken }
            .sorted { $0.stored.name < $1.stored.name }.map(Self.definition)
    }

    private static func configuration(_ state: State) throws -> Configuration {
        if let refusal = state.refusal { throw refusal }
        var sources: [BoundSource] = []
        var subscriptions: [BoundSubscription] = []
        for entry in state.entries.values {
            switch entry.bound {
            case .source(let bound): sources.append(bound)
            case .subscription(let bound): subscriptions.append(bound)
            case .broken: continue
            }
        }
        return state.file.with(
            sources: sources.sorted { $0.spec.name < $1.spec.name },
            subscriptions: subscriptions.sorted { $0.spec.name < $1.spec.name })
    }

    private func read() async throws -> (State, DefinitionBinder) {
        let loader = source.loader()
        let file = try loader.load(source.path, environment: source.environment).get()
        let keys = try file.sealingKeys.isEmpty ? nil : SealingKeys(parsing: file.sealingKeys)
        var state = State(file, DefinitionSealer(keys))
        let binder = loader.definitions(over: file)
        let sources = try await store.allDefinitions(.source)
        let subscriptions = try await store.allDefinitions(.subscription)
        for stored in sources + subscriptions {
            let entry = state.entry(stored, binder)
            state.entries[Key(kind: stored.kind, name: stored.name)] = entry
            state.refuse(entry)
        }
        return (state, binder)
    }

    // MARK: One after the other

    /// What was read; reads it the first time.
    func current() async throws -> State {
        if let state { return state }
        return try await turnstile.pass {
            if let state { return state }
            let (new, binder) = try await read()
            state = new
            known = binder
            return new
        }
    }

    /// Works on what is known while nobody else changes it.
    func inTurn<Value>(
        _ work: (State) async throws -> (State, Value)
    ) async throws -> Value {
        _ = try await current()
        return try await turnstile.pass {
            let (new, value) = try await work(try await current())
            state = new
            changes += 1
            return value
        }
    }

    func binder() throws -> DefinitionBinder {
        guard let known else {
            throw Problem(code: "not_loaded", message: "the bridge file was not read yet")
        }
        known.forgetBroken()
        return known
    }

    /// Has the daemon run by the changes so far; why it does not, if it does not.
    func applied() async throws -> Problem? {
        guard let apply else {
            return Problem(
                code: "not_running", message: "it is kept, and works from the next start on",
                hint: "pullcord run")
        }
        let mine = changes
        return try await applying.pass {
            // Whoever had the turn before may have served this change too.
            guard applied < mine else { return nil }
            let now = changes
            do {
                try await apply(try await configuration())
            } catch let problem as Problem {
                return problem
            }
            applied = now
            return nil
        }
    }
}

extension StoreBook.Entry.Bound {
    var isBroken: Bool {
        if case .broken = self { true } else { false }
    }
}

extension StoreBook.State {
    /// Reads and checks one definition of the store.
    func entry(_ stored: StoredDefinition, _ binder: DefinitionBinder) -> StoreBook.Entry {
        var entry = StoreBook.Entry(stored: stored, bound: .broken, complaints: [])
        do {
            guard let value = try? JSONValue(parsing: stored.text) else {
                throw DefinitionComplaint(
                    code: "definition_damaged", message: "what is stored is no JSON")
            }
            let opened = try sealer.open(value, stored.kind, stored.name)
            (entry.bound, entry.complaints) = StoreBook.bind(
                stored.kind, stored.name, opened.value, opened.secrets, binder,
                isLoading: true)
        } catch let complaint as DefinitionComplaint {
            entry.complaints = [complaint]
        } catch {
            entry.complaints = [
                DefinitionComplaint(code: "definition_damaged", message: "it cannot be read")
            ]
        }
        if stored.kind == .source {
            if case .source(let bound) = entry.bound {
                binder.add(name: stored.name, bound)
            } else {
                binder.add(name: stored.name, nil)
            }
        }
        return entry
    }

    /// Looks again at what was set aside: the source that came or went may have been the reason.
    mutating func bindBrokenAnew(_ binder: DefinitionBinder) {
        let broken = entries.filter { $0.value.bound.isBroken }
        // Sources first, for subscriptions name them.
        for (key, old) in broken.filter({ $0.key.kind == .source })
            + broken.filter({ $0.key.kind == .subscription })
        {
            entries[key] = entry(old.stored, binder)
        }
    }

    /// Notes what keeps everything from running: starting without some of the sources because
    /// their key is missing would look like a start.
    mutating func refuse(_ entry: StoreBook.Entry) {
        let stored = entry.stored
        guard refusal == nil else { return }
        if isInFile(stored.kind, stored.name) {
            refusal = Problem(
                code: "name_taken",
                message: "the bridge file and the store both have a \(stored.kind) "
                    + "`\(stored.name)`", place: file.bridge.file,
                hint: "rename it in the file, or: pullcord \(stored.kind) delete \(stored.name)")
            return
        }
        let codes = ["sealed_other_key", "secrets_key_missing"]
        guard let complaint = entry.complaints.first(where: { codes.contains($0.code) }) else {
            return
        }
        refusal = Problem(
            code: complaint.code, message: complaint.message,
            place: "\(stored.kind) \(stored.name)\(complaint.pointer)", hint: complaint.hint)
    }

}
