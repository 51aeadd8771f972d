import Foundation
import Testing

/// The house's rules, checked on the text of the sources.
@Suite
struct TidyTests {
    /// What each room may import of ours; what is not listed may be imported by nobody.
    private static let imports: [String: Set<String>] = [
        "Model": [],
        "Transfer": ["Model"],
        "YAML": ["Model"],
        "JSON": ["Model"],
        "JQ": ["Model", "JSON"],
        "Signing": ["Model"],
        "Zstd": [],
        "Packs": ["Model"],
        "Metrics": [],
        "Auth": ["Model", "JSON", "JQ", "Transfer", "Adapter"],
        "Adapter": ["Model", "JSON"],
        "Config": ["Model", "Adapter", "YAML", "JSON"],
        "Schedule": ["Model"],
        "Formats": ["Model", "JSON", "Adapter"],
        "Guide": ["Model", "JSON", "Adapter", "Config"],
        "Poll": ["Model", "JSON", "JQ", "Adapter", "Transfer", "Formats", "Signing"],
        "Programs": ["Model", "JSON", "Transfer"],
        "Detect": ["Model", "Commit", "JSON", "JQ"],
        "Commit": ["Model"],
        "SQLiteStore": ["Model", "Commit", "Zstd"],
        "Deliver": ["Model", "Commit", "JSON", "JQ", "Adapter", "Transfer", "Signing", "Auth"],
        "Drafting": ["Model", "JSON", "YAML", "Adapter", "Formats", "Poll"],
        "Engine": [
            "Model", "Adapter", "Config", "Schedule", "Poll", "Detect", "Commit", "Deliver",
            "JSON", "JQ", "Signing", "Transfer", "Formats", "Auth", "Programs", "Packs", "Metrics",
        ],
        "API": [
            "Model", "JSON", "JQ", "Signing", "Transfer", "Adapter", "Config", "Commit", "Engine",
            "Metrics",
        ],
        "Console": ["API"],
        "Authoring": [
            "Model", "JSON", "JQ", "Transfer", "YAML", "Adapter", "Config", "Formats", "Commit",
            "SQLiteStore", "Engine",
        ],
        "Receiver": ["Model", "JSON", "Signing"],
        "Demo": ["Model", "JSON"],
        "Bench": [
            "Model", "JSON", "Transfer", "Config", "Commit", "SQLiteStore", "Engine", "TestSupport",
        ],
        "Kit": [
            "Model", "JSON", "Transfer", "Adapter", "Config", "Commit", "SQLiteStore", "Engine",
        ],
        "Sample": ["Kit"],
        "StoreConformance": ["Model", "Commit"],
        "TestSupport": ["Model", "Transfer", "Commit", "Schedule"],
    ]

    /// Which package or C library each room is the door to.
    private static let doors: [String: Set<String>] = [
        "CCurl": ["Transfer"], "CYAML": ["YAML"], "CJQ": ["JQ"], "CZstd": ["Zstd"],
        "CSpawn": ["Programs"],
        "CZlib": ["Packs"],
        "GRDB": ["SQLiteStore"], "GRDBSQLite": ["SQLiteStore"],
        "Hummingbird": ["Receiver", "Demo", "API"], "HummingbirdCore": ["API"],
        "HummingbirdTLS": ["API"], "NIOSSL": ["API"],
        "ArgumentParser": ["pullcord", "Bench"],
        "Crypto": ["Signing", "Deliver", "Auth", "API", "Packs"],
        "CryptoExtras": ["Auth", "API"], "FoundationXML": ["Formats"],
    ]

    /// Rooms that may say `unsafe`: the wrappers of C, and the reader of raw bytes.
    private static let unsafeRooms: Set<String> = [
        "Transfer", "YAML", "JQ", "JSON", "SQLiteStore", "Engine", "pullcord", "Bench",
        "TestSupport", "Demo", "Receiver", "Zstd", "Formats", "Packs", "Programs",
    ]

    private struct Source {
        let room: String
        let name: String
        let lines: [String]
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func sources() throws -> [Source] {
        let folder = root.appending(path: "Sources").path
        let names = try #require(FileManager.default.subpaths(atPath: folder))
        return try names.filter { $0.hasSuffix(".swift") }.map { name in
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            return Source(
                room: String(name.prefix { $0 != "/" }), name: name,
                lines: text.components(separatedBy: "\n"))
        }
    }

    @Test func `the sources are found at all`() throws {
        let rooms = Set(try Self.sources().map(\.room))
        #expect(rooms.isSuperset(of: ["Schedule", "Poll", "Detect", "Commit", "Deliver"]))
    }

    @Test func `no room imports a room that it must not know`() throws {
        for source in try Self.sources() where source.room != "pullcord" {
            let allowed = try #require(Self.imports[source.room], "\(source.room) is not listed")
            for line in source.lines where line.contains("import Pullcord") {
                let name = try #require(line.components(separatedBy: "import Pullcord").last)
                #expect(allowed.contains(name), "\(source.name) imports \(name)")
            }
        }
    }

    @Test func `each library has its doors and no other`() throws {
        for source in try Self.sources() {
            for line in source.lines where line.contains("import ") && !line.hasPrefix("//") {
                guard let name = line.components(separatedBy: "import ").last,
                    let rooms = Self.doors[name]
                else { continue }
                #expect(rooms.contains(source.room), "\(source.name) imports \(name)")
            }
        }
    }

    @Test(
        arguments: [
            " print(", "fatalError(", "try!", "as!", " Date()", "Task.sleep", "usleep(",
            "unowned(unsafe)",
        ])
    func `no room calls what is banned`(call: String) throws {
        for source in try Self.sources() where source.room != "Bench" {
            for (index, line) in source.lines.enumerated() {
                let code = line.prefix { $0 != "/" }.replacing("func print(", with: "")
                #expect(!code.contains(call), "\(source.name):\(index + 1) says \(call)")
            }
        }
    }

    @Test func `clocks are read in one place`() throws {
        for source in try Self.sources() where !["Bench", "TestSupport"].contains(source.room) {
            // libcurl's thread measures its own deadlines; the demo's shop waits on a clock of
            // the standard library's protocol.
            let doors = [
                "Engine/SystemTime.swift", "Transfer/EasyHandle.swift", "pullcord/Demo/Demo.swift",
            ]
            guard !doors.contains(source.name) else { continue }
            for line in source.lines {
                let isRead = line.contains("clock_gettime") || line.contains("ContinuousClock")
                #expect(!isRead, "\(source.name) reads a clock: \(line)")
            }
        }
    }

    @Test func `a file is one room, not several`() throws {
        for source in try Self.sources() {
            #expect(source.lines.count <= 320, "\(source.name) has \(source.lines.count) lines")
        }
    }

    @Test func `what the compiler cannot check stays rare`() throws {
        var count = 0
        for source in try Self.sources() where source.room != "TestSupport" {
            for line in source.lines {
                let isEscape =
                    line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)")
                if isEscape { count += 1 }
                let saysUnsafe = line.contains(" unsafe ") && !line.contains("//")
                #expect(
                    !saysUnsafe || Self.unsafeRooms.contains(source.room),
                    "\(source.name) says unsafe")
            }
        }
        #expect(count <= 5)
    }

    @Test func `nothing is left open in the text`() throws {
        for source in try Self.sources() {
            for line in source.lines {
                let words = line.components(separatedBy: CharacterSet.alphanumerics.inverted)
                #expect(
                    Set(words).isDisjoint(with: ["TODO", "FIXME", "XXX"]),
                    "\(source.name): \(line)")
            }
        }
    }
}
