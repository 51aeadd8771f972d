import Foundation
import PullcordAdapter
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordPacks
import Testing

@Suite struct WatchedFilesTests {
    private static let files = FileAccess(
        read: { path in
            FileManager.default.contents(atPath: path).map { .bytes(Array($0)) } ?? .missing
        },
        list: { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] })

    private static func pack(_ path: String) throws -> [UInt8] {
        let adapter = """
            adapter: orders
            base_url: https://shop.example.com
            streams: { orders: { request: \(path), key: .id } }

            """
        return try Pack.write([("orders.yaml", Array(adapter.utf8))])
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }

    @Test func `a changed archive of adapters is noticed, and read when its checksum is`() throws {
        let folder = try TemporaryFolder()
        let (bridge, archive) = ("\(folder.path)/pullcord.yaml", "\(folder.path)/acme.tar.gz")
        func write(_ pack: [UInt8], checksum: String) throws {
            try Self.write(pack, archive)
            let text = """
                adapters: [{ archive: acme.tar.gz, sha256: \(checksum) }]
                sources: [{ name: shop, adapter: orders, every: 1m }]
                subscriptions: []
                """
            try Self.write(Array(text.utf8), bridge)
        }
        let watched = WatchedFiles()
        func load() throws -> Configuration {
            try Loader(checkers: .native, files: watched.beginning(over: Self.files))
                .load(bridge, environment: [:]).get()
        }
        let first = try Self.pack("/a")
        try write(first, checksum: Pack.checksum(first))
        #expect(try load().sources.count == 1)
        #expect(watched.paths.contains(archive))
        #expect(!watched.haveSettled())

        // Changed alone, it is another archive than the file names.
        let second = try Self.pack("/b")
        try Self.write(second, archive)
        #expect(!watched.haveSettled())
        #expect(watched.haveSettled())
        #expect(throws: DiagnosticReport.self) { try load() }

        try write(second, checksum: Pack.checksum(second))
        let request = try load().sources.first?.adapter.streams.first?.request
        #expect("\(try #require(request).target)".contains("/b"))
    }
}
