import Foundation
import Glibc
import PullcordTransfer
import Testing

/// Programs that behave, and programs that do not.
@Suite
struct ProgramRunTests {
    @Test func `what a program prints is the answer`() async throws {
        let scripts = try Scripts()
        try scripts.write(#"echo '{"id":1}'; echo '{"id":2}'"#)
        let answer = try await scripts.exchange.run(scripts.call()).get()
        #expect(answer.status == 200)
        #expect(answer.text == "{\"id\":1}\n{\"id\":2}\n")
        #expect(scripts.leftovers.isEmpty)
    }

    @Test func `a large output goes to a file, whole`() async throws {
        let scripts = try Scripts()
        try scripts.write("seq 1 100000 | sed 's/.*/{\"id\":&}/'")
        let answer = try await scripts.exchange.run(
            scripts.call(), limit: 10 << 20, spoolsOver: 100_000
        ).get()
        #expect(answer.file != nil)
        #expect(answer.text.hasSuffix("{\"id\":99999}\n{\"id\":100000}\n"))
    }

    @Test func `a program gets its own environment, input, folder and descriptors`() async throws {
        let scripts = try Scripts()
        try scripts.write(
            """
            #!/usr/bin/python3
            import json, os, sys
            print(json.dumps({"variables": sorted(os.environ), "token": os.environ["TOKEN"],
                "input": sys.stdin.read(), "folder": os.getcwd(), "arguments": sys.argv[1:],
                "descriptors": sorted(int(n) for n in os.listdir("/proc/self/fd")),
                "leads": os.getpgid(0) == os.getpid(), "private": os.path.isdir(os.environ["TMPDIR"]),
                "mode": oct(os.stat(os.environ["TMPDIR"]).st_mode & 0o777)}))
            """)
        var call = scripts.call(["a b", "$HOME", "*"])
        call.environment = ["TOKEN": "t", "PULLCORD_STREAM": "s"]
        call.input = Array("in\n".utf8)
        let text = try await scripts.exchange.run(call).get().text
        let found = try #require(
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let variables = try #require(found["variables"] as? [String])
        let allowed: Set = [
            "HOME", "LANG", "LC_CTYPE", "PATH", "PULLCORD_CURSOR_FILE", "PULLCORD_STREAM",
            "TMPDIR", "TOKEN",
        ]
        #expect(Set(variables).subtracting(allowed).isEmpty)
        #expect(found["token"] as? String == "t")
        #expect(found["input"] as? String == "in\n")
        #expect(found["arguments"] as? [String] == ["a b", "$HOME", "*"])
        // The last is that of the listing itself.
        #expect(found["descriptors"] as? [Int] == [0, 1, 2, 3])
        #expect(found["leads"] as? Bool == true)
        #expect(found["private"] as? Bool == true)
        #expect(found["mode"] as? String == "0o700")
        let folder = URL(filePath: try #require(found["folder"] as? String))
        #expect(folder.lastPathComponent == scripts.folder.lastPathComponent)
    }

    @Test func `a program need not read its input`() async throws {
        let scripts = try Scripts()
        try scripts.write(#"exec 0<&-; echo '{"id":1}'"#)
        var call = scripts.call()
        call.input = [UInt8](repeating: 0x20, count: 1 << 20)
        #expect(try await scripts.exchange.run(call).get().text == "{\"id\":1}\n")
    }

    @Test func `a cursor that a program writes down comes with its answer`() async throws {
        let scripts = try Scripts()
        try scripts.write(#"echo '{"id":1}'; echo at-7 > "$PULLCORD_CURSOR_FILE""#)
        let answer = try await scripts.exchange.run(scripts.call()).get()
        #expect(answer.headers.value(of: LocalHeader.cursor) == "at-7")
    }

    @Test func `status 99 says that nothing is new, unless everything is wanted`() async throws {
        let scripts = try Scripts()
        try scripts.write("exit 99")
        #expect(try await scripts.exchange.run(scripts.call()).get().status == 304)
        var call = scripts.call()
        call.wantsAll = true
        let error = try #require(await scripts.exchange.failure(call))
        #expect(error.code == .program)
        #expect(error.message.contains("asked for all"))
        try scripts.write(#"echo '{"id":1}'; exit 99"#)
        #expect(await scripts.exchange.failure(scripts.call())?.code == .program)
    }

    /// What it does, and what is said of it.
    private static let failing: [(text: String, code: TransferError.Code, said: String)] = [
        ("exit 75", .programBusy, "ended with status 75"),
        (
            "echo '{\"id\":1}'; echo why >&2; echo last words >&2; exit 1", .program,
            "ended with status 1: why\nlast words"
        ),
        ("kill -SEGV $$", .program, "was killed by signal 11"),
        ("echo '{\"id\":1}'; printf 12", .program, "ends in the middle of a line"),
        ("yes '{\"id\":1}'", .program, "wrote more than"),
        ("(sleep 100) & echo '{\"id\":1}'", .program, "still holds its output open"),
        ("#!/no/such/shell", .program, "cannot be run"),
    ]

    @Test(arguments: failing.indices)
    func `a program that does not bring all of it is a failure`(index: Int) async throws {
        let (text, code, said) = Self.failing[index]
        let scripts = try Scripts()
        try scripts.write(text)
        let error = try #require(await scripts.exchange.failure(scripts.call()))
        #expect(error.code == code)
        #expect(error.message.contains(said), "\(error.message)")
        #expect(scripts.leftovers.isEmpty)
    }

    @Test func `what is not there, or no program, is told`() async throws {
        let scripts = try Scripts()
        let error = try #require(
            await scripts.exchange.failure(scripts.call(program: "./none")))
        #expect(error.message.contains("there is no"))
        let missing = try #require(
            await scripts.exchange.failure(scripts.call(program: "no-such-program-anywhere")))
        #expect(missing.message.contains("no folder of PATH has"))
        try "text".write(
            to: scripts.folder.appending(path: "text"), atomically: true, encoding: .utf8)
        let text = try #require(
            await scripts.exchange.failure(scripts.call(program: "./text")))
        #expect(text.message.contains("may not be executed"))
    }

    @Test func `time that is over ends a program and its children, deaf ones too`() async throws {
        let scripts = try Scripts()
        // It says who it is, hears no SIGTERM, and waits for a child that hears none either.
        try scripts.write(
            """
            trap '' TERM
            (trap '' TERM; while :; do sleep 1; done) &
            echo $$ $! > pids
            wait
            """)
        let error = try #require(
            await scripts.exchange.failure(scripts.call(), timeout: .seconds(2)))
        #expect(error.message.contains("was not done after 2 s"))
        let pids = scripts.text(of: "pids").split(whereSeparator: \.isWhitespace)
        #expect(pids.count == 2)
        for pid in pids.compactMap({ pid_t($0) }) { #expect(Self.isGone(pid)) }
    }

    @Test func `time that is over ends what has left the program's group, too`() async throws {
        let scripts = try Scripts()
        let folder = scripts.folder.path
        // A daemon: a session of its own, no descriptor of the program, and no parent.
        try scripts.write(
            """
            (setsid sh -c 'echo $$ > \(folder)/daemon; exec sleep 1000' <&- >&- 2>&- &)
            while ! [ -s \(folder)/daemon ]; do :; done
            sleep 1000
            """)
        let failure = await scripts.exchange.failure(scripts.call(), timeout: .seconds(3))
        #expect(failure?.code == .program)
        let daemon = try #require(pid_t(scripts.text(of: "daemon").filter(\.isNumber)))
        #expect(Self.isGone(daemon))
    }

    @Test func `a poll that is cancelled ends its program`() async throws {
        let scripts = try Scripts()
        try scripts.write("mkfifo gate; echo $$ > pid; cat gate")
        let run = Task { await scripts.exchange.failure(scripts.call()) }
        // The gate opens when the program has come so far.
        let gate = scripts.folder.appending(path: "gate").path
        var handle: FileHandle?
        while handle == nil {
            handle = FileHandle(forWritingAtPath: gate)
            await Task.yield()
        }
        run.cancel()
        #expect(await run.value?.code == .cancelled)
        let pid = try #require(
            pid_t(scripts.text(of: "pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(Self.isGone(pid))
        try handle?.close()
    }

    @Test func `a bound on memory holds`() async throws {
        let scripts = try Scripts()
        try scripts.write(
            "#!/usr/bin/python3\nx = bytearray(1 << 30)\nprint('{\"id\":1}')\n")
        var call = scripts.call()
        call.memoryBytes = 256 << 20
        let error = try #require(await scripts.exchange.failure(call))
        #expect(error.message.contains("MemoryError"))
    }

    @Test func `only the end of many complaints is told`() async throws {
        let scripts = try Scripts()
        try scripts.write("seq 1 200000 >&2; exit 3")
        let error = try #require(await scripts.exchange.failure(scripts.call()))
        #expect(error.message.hasSuffix("199999\n200000"))
        #expect(error.message.utf8.count < 1000)
    }

    /// A child of a killed parent is somebody else's to bury: a zombie is gone too.
    private static func isGone(_ pid: pid_t) -> Bool {
        guard kill(pid, 0) == 0 else { return true }
        let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return status.map { $0.contains(") Z") } ?? true
    }
}
