import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore
import PullcordSigning
import PullcordTestSupport
import Synchronization

/// A store, a bridge file and a book over both; the files can be changed.
final class DefinitionWorld: Sendable {
    let time = ManualTime()
    let folder: TemporaryFolder
    let key = SealingKeys.generate()
    private let files: Mutex<[String: String]>
    private let applied = Mutex<[[String]]>([])

    init() throws {
        folder = try TemporaryFolder()
        files = Mutex([:])
        set("shop.yaml", Self.adapter)
        set("b.yaml", bridge())
    }

    static let adapter = """
        adapter: shop
        params: { site: { required: true }, token: { type: secret } }
        base_url: https://shop.example
        auth: { bearer: "${params.token}" }
        streams: { orders: { request: "/${params.site}", records: ., key: .id } }
        """

    func set(_ name: String, _ text: String?) { files.withLock { $0[name] = text } }

    /// The bridge file with these keys, the world's own unless said otherwise.
    func bridge(keys: [Secret]? = nil, sources: String = "") -> String {
        let keys = (keys ?? [key]).map { "\"\($0.expose())\"" }.joined(separator: ", ")
        return "store: sqlite:\(folder.path)/s.db\nnetwork: { allow: [loopback] }\n"
            + "secrets: { key: [\(keys)] }\n" + sources
    }

    func open() throws -> SQLiteStore {
        try SQLiteStore.open(path: "\(folder.path)/s.db", now: time.wall())
    }

    /// The names of the sources that each application ran by.
    var applications: [[String]] { applied.withLock { $0 } }

    func book(
        _ store: any DefinitionStore, tester: EndpointTester? = nil,
        refusing problem: Problem? = nil
    ) -> StoreBook {
        StoreBook(
            StoreBook.Source(path: "b.yaml", environment: [:]) { [self] in
                Loader(
                    checkers: .native,
                    files: FileAccess(
                        read: { [self] path in
                            files.withLock { $0[path] }.map { .bytes(Array($0.utf8)) } ?? .missing
                        }, list: { [self] _ in Array(files.withLock { $0 }.keys) }))
            }, store: store, time: time, tester: tester
        ) { [self] configuration in
            if let problem { throw problem }
            applied.withLock { $0.append(configuration.sources.map(\.spec.name.text)) }
        }
    }

    /// Runs with an open store and its book.
    func with(_ body: (SQLiteStore, StoreBook) async throws -> Void) async throws {
        let store = try open()
        do {
            try await body(store, book(store))
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    static func source(_ site: String, token: String = "\"t0ken-value\"", more: String = "")
        -> [UInt8]
    {
        Array(
            (#"{"adapter":"shop","every":"1s","with":{"site":"\#(site)","token":\#(token)}"#
                + "\(more)}").utf8)
    }

    static func subscription(_ secret: String, url: String = "https://t.example", more: String = "")
        -> [UInt8]
    {
        Array(#"{"url":"\#(url)","secret":\#(secret)\#(more)}"#.utf8)
    }
}

extension StoreBook {
    @discardableResult
    func source(
        _ name: String, _ text: [UInt8], _ expecting: DefinitionExpectation = .anything
    ) async throws -> DefinitionChange {
        try await put(.source, name, text: text, expecting: expecting, by: "a test")
    }

    @discardableResult
    func subscription(_ name: String, _ text: [UInt8]) async throws -> DefinitionChange {
        try await put(.subscription, name, text: text, expecting: .anything, by: "a test")
    }
}

/// The code of the refusal that a piece of work ends with; nil if it does not.
func refusal(_ work: () async throws -> Void) async throws -> String? {
    do {
        try await work()
        return nil
    } catch let refusal as DefinitionRefusal {
        return refusal.problem.code
    } catch let problem as Problem {
        return problem.code
    }
}
