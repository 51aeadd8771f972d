import Foundation
import PullcordTransfer
import Testing

/// Taps as small as they can be, to see what is made of each message.
@Suite
struct SingerTests {
    private static let tap = """
        #!/usr/bin/python3
        import json, os, sys
        arguments = sys.argv[1:]
        option = lambda name: json.load(open(arguments[arguments.index(name) + 1])) \\
            if name in arguments else None
        config = option("--config")
        if "--discover" in arguments:
            with open("discoveries", "a") as file: file.write("x")
            metadata = {"inclusion": "available", "valid-replication-keys": ["at"]}
            if config.get("forced"): metadata["forced-replication-method"] = config["forced"]
            print(json.dumps({"streams": [{"stream": name, "tap_stream_id": name, "schema": {},
                "metadata": [{"breadcrumb": [], "metadata": metadata},
                    {"breadcrumb": ["properties", "id"], "metadata": {"inclusion": "available"}}]}
                for name in ["orders", "others"]]}))
            sys.exit()
        json.dump({"catalog": option("--catalog") or option("--properties"),
            "state": option("--state"), "config": config, "arguments": arguments},
            open("seen", "w"))
        for line in config.get("lines", []): print(line)
        print(json.dumps({"type": "SCHEMA", "stream": "orders", "schema": {},
            "key_properties": config.get("key", ["id"])}))
        print('{"type":"RECORD","stream":"orders","record":{"id":1,"price":1.50}}')
        print('{"type":"RECORD","stream":"others","record":{"id":9}}')
        print('{"type":"ACTIVATE_VERSION","stream":"orders","version":1}')
        print('{"type":"STATE","value":{"bookmarks":{"orders":{"at":"2026"}}}}')
        """

    private static func scripts() throws -> Scripts {
        let scripts = try Scripts()
        try scripts.write(tap)
        return scripts
    }

    private static func call(
        _ scripts: Scripts, _ singer: SingerCall = SingerCall(stream: "orders"),
        config: String = "{}"
    ) -> ProgramCall {
        var singer = singer
        singer.config = Array(config.utf8)
        var call = scripts.call()
        call.singer = singer
        return call
    }

    private static func seen(_ scripts: Scripts) throws -> [String: Any] {
        try #require(
            JSONSerialization.jsonObject(with: Data(scripts.text(of: "seen").utf8))
                as? [String: Any])
    }

    @Test func `records of one stream come as they are, with key and state`() async throws {
        let scripts = try Self.scripts()
        let answer = try await scripts.exchange.run(Self.call(scripts)).get()
        #expect(answer.text == "{\"id\":1,\"price\":1.50}\n")
        #expect(answer.headers.value(of: LocalHeader.key) == #"["id"]"#)
        #expect(
            answer.headers.value(of: LocalHeader.cursor)
                == #"{"key":["id"],"state":{"bookmarks":{"orders":{"at":"2026"}}}}"#)
        #expect(scripts.leftovers.isEmpty)
    }

    @Test func `state goes back, and the catalog selects one stream and its fields`() async throws {
        let scripts = try Self.scripts()
        let cursor = #"{"key":["id"],"state":{"bookmarks":1}}"#
        _ = try await scripts.exchange.run(
            Self.call(scripts, SingerCall(stream: "orders", cursor: cursor))
        ).get()
        let seen = try Self.seen(scripts)
        #expect((seen["state"] as? [String: Int]) == ["bookmarks": 1])
        let catalog = try #require(seen["catalog"] as? [String: [[String: Any]]])
        let streams = try #require(catalog["streams"])
        #expect(streams.map { $0["selected"] as? Bool } == [true, false])
        #expect(streams[0]["replication_method"] as? String == "INCREMENTAL")
        #expect(streams[0]["replication_key"] as? String == "at")
        let metadata = try #require(streams[0]["metadata"] as? [[String: Any]])
        #expect(
            metadata.allSatisfy { ($0["metadata"] as? [String: Any])?["selected"] as? Bool == true }
        )
    }

    @Test func `a whole reading has no state and is a full table`() async throws {
        let scripts = try Self.scripts()
        let cursor = #"{"key":["id"],"state":{"bookmarks":1}}"#
        let answer = try await scripts.exchange.run(
            Self.call(scripts, SingerCall(stream: "orders", isWhole: true, cursor: cursor))
        ).get()
        #expect(answer.headers.value(of: LocalHeader.cursor) == nil)
        let seen = try Self.seen(scripts)
        #expect(seen["state"] is NSNull)
        let catalog = try #require(seen["catalog"] as? [String: [[String: Any]]])
        #expect(catalog["streams"]?.first?["replication_method"] as? String == "FULL_TABLE")
    }

    @Test func `discovery is asked for once, and again after a failure`() async throws {
        let scripts = try Self.scripts()
        for _ in 0..<3 { _ = try await scripts.exchange.run(Self.call(scripts)).get() }
        #expect(scripts.text(of: "discoveries") == "x")
        let changed = Self.call(
            scripts, SingerCall(stream: "orders", cursor: #"{"key":["other"],"state":null}"#))
        let error = try #require(await scripts.exchange.failure(changed))
        #expect(error.message.contains("by id now, and did by other"))
        _ = try await scripts.exchange.run(Self.call(scripts)).get()
        #expect(scripts.text(of: "discoveries") == "xx")
    }

    private static let refused: [(config: String, singer: SingerCall, said: String)] = [
        (#"{"lines":["garbage"]}"#, SingerCall(stream: "orders"), "is no Singer message"),
        (#"{"lines":["{}"]}"#, SingerCall(stream: "orders"), "has no `type`"),
        (
            #"{"lines":["{\"type\":\"BATCH\",\"stream\":\"orders\"}"]}"#,
            SingerCall(stream: "orders"), "BATCH"
        ),
        (#"{"key":[]}"#, SingerCall(stream: "orders"), "names no key_properties"),
        ("{}", SingerCall(stream: "nothing"), "it has no stream `nothing`"),
        ("{}", SingerCall(stream: "nothing", catalog: .none), "said nothing of the stream"),
        (
            #"{"forced":"INCREMENTAL"}"#, SingerCall(stream: "orders", isWhole: true),
            "INCREMENTAL only"
        ),
    ]

    @Test(arguments: refused.indices)
    func `what does not fit is refused and becomes nothing`(index: Int) async throws {
        let (config, singer, said) = Self.refused[index]
        let scripts = try Self.scripts()
        let call = Self.call(scripts, singer, config: config)
        let error = try #require(await scripts.exchange.failure(call))
        #expect(error.code == .program)
        #expect(error.message.contains(said), "\(error.message)")
    }

    @Test func `older taps are given their catalog as properties`() async throws {
        let scripts = try Self.scripts()
        let singer = SingerCall(stream: "orders", catalog: .properties)
        _ = try await scripts.exchange.run(Self.call(scripts, singer)).get()
        let arguments = try #require(try Self.seen(scripts)["arguments"] as? [String])
        #expect(arguments.contains("--properties"))
        #expect(!arguments.contains("--catalog"))
    }
}
