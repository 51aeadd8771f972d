import Foundation
import PullcordModel
import PullcordPacks
import Testing

@Suite struct PackTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func code(_ archive: [UInt8]) -> String? {
        do throws(PackError) {
            _ = try Pack.read(archive)
            return nil
        } catch {
            return error.code.rawValue
        }
    }

    /// What tar and gzip of the system make of some files.
    private static func tar(
        _ files: [(String, String)], _ options: [String], links: [(String, String)] = []
    ) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "pullcord-packs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let inside = folder.appending(path: "in")
        try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = inside.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(
                atPath: inside.appending(path: name).path, withDestinationPath: target)
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/tar")
        let archive = folder.appending(path: "out.tar.gz")
        process.arguments = ["-czf", archive.path] + options + ["-C", inside.path, "."]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(try Data(contentsOf: archive))
    }

    @Test func `what was packed comes out byte for byte, and only YAML`() throws {
        let archive = try Pack.write([
            ("b.yaml", Self.bytes("adapter: b\n")), ("a/adapter.yaml", Self.bytes("adapter: a\n")),
            ("README.md", Self.bytes("hello")),
        ])
        let files = try Pack.read(archive)
        #expect(files.keys.sorted() == ["a/adapter.yaml", "b.yaml"])
        #expect(files["b.yaml"] == Self.bytes("adapter: b\n"))
    }

    @Test func `equal files make equal bytes, in whatever order they come`() throws {
        let files = [
            ("b.yaml", Self.bytes("adapter: b\n")), ("a.yaml", Self.bytes("adapter: a\n")),
        ]
        let first = try Pack.write(files)
        #expect(try Pack.write(files.reversed()) == first)
        #expect(Pack.checksum(first) == Pack.checksum(try Pack.write(files)))
        #expect(
            Pack.checksum(Self.bytes("abc"))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: [["--format=ustar"], ["--format=pax"], ["--format=gnu"]])
    func `archives of the system's tar are read`(options: [String]) throws {
        let long = String(repeating: "deep/", count: 10) + String(repeating: "n", count: 60)
        let archive = try Self.tar(
            [("orders.yaml", "adapter: orders\n"), ("\(long).yaml", "adapter: long\n")], options)
        let files = try Pack.read(archive)
        #expect(files["orders.yaml"] == Self.bytes("adapter: orders\n"))
        #expect(files["\(long).yaml"] == Self.bytes("adapter: long\n"))
    }

    @Test func `what the system's tar reads of ours is what was packed`() throws {
        let archive = try Pack.write([("a.yaml", Self.bytes("adapter: a\n"))])
        let file = FileManager.default.temporaryDirectory
            .appending(path: "pullcord-\(UUID().uuidString).tar.gz")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(archive).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/tar")
        process.arguments = ["-xzOf", file.path, "a.yaml"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: text, as: UTF8.self) == "adapter: a\n")
    }

    @Test func `an archive of one folder is taken for what is in the folder`() throws {
        let wrapped = try Pack.write([
            ("acme/a.yaml", Self.bytes("adapter: a\n")),
            ("acme/b/adapter.yaml", Self.bytes("adapter: b\n")),
        ])
        #expect(try Pack.read(wrapped).keys.sorted() == ["a.yaml", "b/adapter.yaml"])
        let single = try Pack.write([("acme/adapter.yaml", Self.bytes("adapter: acme\n"))])
        #expect(try Pack.read(single).keys.sorted() == ["acme/adapter.yaml"])
    }

    @Test(arguments: [
        "../a.yaml", "/etc/a.yaml", "a/../../b.yaml", "a//b.yaml", "", "a\\b.yaml", "a\u{7}.yaml",
        String(repeating: "a/", count: 200) + "a.yaml",
    ])
    func `a path that leads out of an archive is refused`(path: String) {
        #expect(throws: PackError.self) { try Pack.write([(path, [])]) }
    }

    @Test func `hostile paths are refused where they are read, too`() throws {
        // The name in the header, and the header's sum with it, are changed by hand.
        let archive = try TarFixture.archive(named: "../../etc/passwd.yaml", type: 0x30)
        #expect(Self.code(archive) == "pack_entry")
    }

    @Test(arguments: [UInt8(0x31), 0x32, 0x33, 0x34, 0x36])
    func `links and devices are refused`(type: UInt8) throws {
        #expect(Self.code(try TarFixture.archive(named: "a.yaml", type: type)) == "pack_entry")
    }

    @Test func `a link that the system's tar has packed is refused`() throws {
        let archive = try Self.tar([], [], links: [("a.yaml", "/etc/passwd")])
        #expect(Self.code(archive) == "pack_entry")
    }

    @Test func `an archive that is cut anywhere is refused`() throws {
        let archive = try Pack.write([("a.yaml", Self.bytes("adapter: a\n"))])
        for count in 0..<archive.count {
            #expect(Self.code(Array(archive.prefix(count))) != nil, "cut after \(count)")
        }
        #expect(Self.code(archive + [0]) == "pack_gzip")
    }

    @Test func `no changed byte goes unnoticed or traps`() throws {
        let archive = try Pack.write([("a.yaml", Self.bytes("adapter: a\n"))])
        let files = try Pack.read(archive)
        for index in archive.indices {
            var changed = archive
            changed[index] ^= 0x55
            // gzip's header has bytes that mean nothing; what comes out must be right all the same.
            if let found = try? Pack.read(changed) { #expect(found == files) }
        }
    }

    @Test func `what is no archive at all is refused`() throws {
        #expect(Self.code([]) == "pack_gzip")
        #expect(Self.code(Self.bytes("adapter: a\n")) == "pack_gzip")
        #expect(Self.code(try TarFixture.gzip([UInt8](repeating: 0x61, count: 2048))) == "pack_tar")
        #expect(Self.code(try TarFixture.gzip([])) == "pack_tar")
    }

    @Test func `what unpacks to more than there may be is refused`() throws {
        let zeros = [UInt8](repeating: 0, count: Limits.packContentBytesMax + 1)
        #expect(Self.code(try TarFixture.gzip(zeros)) == "pack_too_large")
    }

    @Test func `two files of one path are refused`() throws {
        let entry = ("a.yaml", Self.bytes("adapter: a\n"))
        #expect(Self.code(try Pack.write([entry, entry])) == "pack_entry")
    }
}

/// Archives that no tar would make.
enum TarFixture {
    static func archive(named name: String, type: UInt8) throws -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ start: Int) {
            for (index, byte) in text.utf8.enumerated() { header[start + index] = byte }
        }
        put(name, 0)
        put("0000644", 100)
        put("00000000000", 124)
        put("        ", 148)
        header[156] = type
        put("ustar", 257)
        put("00", 263)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", 148)
        return try gzip(header + [UInt8](repeating: 0, count: 1024))
    }

    static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "pullcord-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/gzip")
        process.arguments = ["-c", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let packed = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(packed)
    }
}
