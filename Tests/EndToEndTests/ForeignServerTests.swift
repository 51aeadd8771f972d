import Foundation
import Glibc
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct ForeignServerTests {
    @Test func `repositories of a real registry are found by its Link headers, and lost`()
        async throws
    {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "registry")
        let make = { (name: String) in
            try FileManager.default.createDirectory(
                at: root.appending(path: "docker/registry/v2/repositories/\(name)/_layers"),
                withIntermediateDirectories: true)
        }
        for name in ["alpha", "beta", "gamma/one", "gamma/two", "omega"] { try make(name) }
        let server = try ForeignServer("docker-registry") { port in
            let file = try folder.write(
                """
                version: 0.1
                log: { level: error }
                storage: { filesystem: { rootdirectory: "\(root.path)" } }
                http: { addr: "127.0.0.1:\(port)" }
                """, to: "registry.yml")
            return ["serve", file]
        }
        try await server.waitUntilReady("/v2/")
        let source = try ForeignSource(
            folder, server.url,
            streams: """
                  repositories:
                    request: { path: /v2/_catalog, query: { n: "2" } }
                    records: '[.repositories[] | { name: . }]'
                    key: .name
                    pages: { link: next }
                """)
        try await source.poll()
        #expect(try await source.events().isEmpty)
        let draft = try await Self.draft(server.url + "/v2/_catalog?n=2")
        for words in ["records: .repositories", "key: .\n", "link: next", "tried: the next page"] {
            #expect(draft.contains(words), "\(draft)")
        }
        // One that sorts before all that were read, one behind them, and one that goes.
        for name in ["aardvark", "zeta"] { try make(name) }
        try FileManager.default.removeItem(
            at: root.appending(path: "docker/registry/v2/repositories/beta"))
        try await source.poll()
        try await source.poll()
        #expect(
            try await source.events() == [
                "repositories.created aardvark", "repositories.created zeta",
                "repositories.deleted beta",
            ])
    }

    /// What `pullcord adapter new` drafts of a URL.
    private static func draft(_ url: String) async throws -> String {
        let answer = try await PullcordProcess.run(
            "adapter", "new", url, "--allow", "loopback", "--output", "-")
        #expect(answer.status == 0, "\(answer.text)")
        return answer.text
    }

    /// Runs statements on the database, as another program would.
    private static func change(_ database: String, _ statements: String...) {
        let status = PythonScript.run(
            """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as database:
                for statement in sys.argv[2:]: database.execute(statement)
            """, [database] + statements)
        #expect(status == 0)
    }

    @Test func `tables of a real Datasette are read by its token, whole and by cursor`()
        async throws
    {
        let folder = try TemporaryFolder()
        let database = folder.url.appending(path: "shop.db").path
        Self.change(
            database, "CREATE TABLE orders (id INTEGER PRIMARY KEY, updated INTEGER, state TEXT)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) "
                + "INSERT INTO orders SELECT i, i / 4, 'new' FROM n")
        let server = try ForeignServer("python3") { port in
            [
                "-m", "datasette", "serve", database, "--port", "\(port)", "--setting",
                "default_cache_ttl", "0",
            ]
        }
        try await server.waitUntilReady("/shop/orders.json")
        let source = try ForeignSource(
            folder, server.url,
            streams: """
                  whole:
                    request:
                      path: /shop/orders.json
                      query: { _shape: objects, _size: "3", _next: "${page.token}" }
                    records: .rows
                    key: .id
                    pages: { token: .next, total: .filtered_table_rows_count }
                  changed:
                    request:
                      path: /shop/orders.json
                      query:
                        _shape: objects
                        _size: "3"
                        _sort: updated
                        updated__gte: "${cursor}"
                        _next: "${page.token}"
                    records: .rows
                    key: .id
                    pages: { token: .next }
                    cursor: { from: .updated, format: integer, initial: "0", ascending: true }
                """)
        try await source.poll()
        #expect(try await source.events().isEmpty)
        let draft = try await Self.draft(server.url + "/shop/orders.json?_shape=objects&_size=3")
        for words in ["records: .rows", "key: .id", "link: next", "tried: the next page"] {
            #expect(draft.contains(words), "\(draft)")
        }
        Self.change(
            database, "INSERT INTO orders VALUES (11, 2, 'tied'), (12, 3, 'new')",
            "UPDATE orders SET state = 'paid', updated = 3 WHERE id = 1",
            "DELETE FROM orders WHERE id = 5")
        try await source.poll()
        try await source.poll()
        #expect(
            try await source.events() == [
                "changed.created 11", "changed.created 12", "changed.updated 1",
                "whole.created 11", "whole.created 12", "whole.deleted 5", "whole.updated 1",
            ])
    }
}
