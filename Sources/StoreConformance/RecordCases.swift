import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let recordCases: [StoreCase] = [
        StoreCase("known answers in the order asked, with nil where nothing is known") { scene in
            try await scene.commit([
                ("b", Scene.known(0)), ("d", Scene.known(1, version: 7)), ("a", Scene.known(2)),
            ])
            for keys in [["a", "b", "c", "d", "e"], ["d", "x", "a", "b"], ["b", "b", "b"], []] {
                let found = try await scene.store.known(keys)
                #expect(found.map { $0?.ordinal } == keys.map { ["b": 0, "d": 1, "a": 2][$0] })
            }
            let found = try await scene.store.known(["d"])
            #expect(found == [Scene.known(1, version: 7)])
        },
        StoreCase("a stream does not know the records of another") { scene in
            try await scene.commit([("a", Scene.known(0))])
            let found = try await scene.store.known(
                KeyList([RecordKey("a")]), of: scene.users)
            #expect(found == [nil])
        },
        StoreCase("keys of any bytes are told apart", oddKeys),
        StoreCase("near and far keys are found among many, in any order", manyKeys),
        StoreCase("unseen pages through the live records in the order of their bytes") { scene in
            let keys = ["B", "a", "Z\u{0}", "Z", "\u{E9}", "zz", "\u{1F600}", "\u{FFFD}"]
            try await scene.commit(
                keys.enumerated().map { ($1, Scene.known(Int64($0))) })
            let order = ["B", "Z", "Z\u{0}", "a", "zz", "\u{E9}", "\u{FFFD}", "\u{1F600}"]
            for limit in [1, 3, 8, 100] {
                var found: [String] = []
                var last: RecordKey?
                while true {
                    let page = try await scene.store.unseen(
                        of: scene.orders, seen: SeenSet(), after: last, limit: limit)
                    #expect(page.count <= limit)
                    guard let end = page.last else { break }
                    found += page.map(\.key.text)
                    last = end.key
                }
                #expect(found == order)
            }
        },
        StoreCase("unseen leaves out what was seen and what is deleted") { scene in
            try await scene.commit([
                ("a", Scene.known(0)), ("b", Scene.known(1)), ("c", Scene.deleted(2)),
                ("d", Scene.known(70)),
            ])
            var seen = SeenSet()
            seen.insert(1)
            let found = try await scene.store.unseen(
                of: scene.orders, seen: seen, after: nil, limit: 10)
            #expect(found.map(\.key.text) == ["a", "d"])
            #expect(found.map(\.state) == [Scene.known(0), Scene.known(70)])
            let none = try await scene.store.unseen(
                of: scene.orders, seen: seen, after: nil, limit: 0)
            #expect(none.isEmpty)
            let other = try await scene.store.unseen(
                of: scene.users, seen: SeenSet(), after: nil, limit: 10)
            #expect(other.isEmpty)
        },
        StoreCase("a deleted record is remembered and may come back") { scene in
            try await scene.commit([("a", Scene.known(0)), ("b", Scene.known(1))])
            #expect(try await scene.state()?.liveCount == 2)
            try await scene.commit([("a", Scene.deleted(0))])
            #expect(try await scene.state()?.liveCount == 1)
            #expect(try await scene.store.known(["a"]) == [Scene.deleted(0)])
            try await scene.commit([("a", Scene.deleted(0))])
            #expect(try await scene.state()?.liveCount == 1)
            try await scene.commit([("a", Scene.known(0, version: 3))])
            #expect(try await scene.state()?.liveCount == 2)
            #expect(try await scene.store.known(["a"]) == [Scene.known(0, version: 3)])
            #expect(try await scene.state()?.nextOrdinal == 2)
        },
        StoreCase("the next ordinal is beyond every one that was given") { scene in
            try await scene.commit([("a", Scene.known(4)), ("b", Scene.deleted(9))])
            let state = try await scene.state()
            #expect(state?.nextOrdinal == 10 && state?.liveCount == 1)
        },
        StoreCase("a key that stands in a batch twice counts once") { scene in
            try await scene.commit([("a", Scene.known(0)), ("a", Scene.known(0, version: 2))])
            let state = try await scene.state()
            #expect(state?.nextOrdinal == 1 && state?.liveCount == 1)
            #expect(try await scene.store.known(["a"]) == [Scene.known(0, version: 2)])
        },
    ]

    @Sendable
    private static func oddKeys(_ scene: Scene) async throws {
        let long = String(repeating: "k", count: Limits.keyBytesMax - 1)
        // The two spellings of e with an acute are one text to Swift and two keys to an API.
        let keys = [
            "", "\u{0}", "\u{0}\u{0}", "a", "a\u{0}", "a\u{0}b", "A", "\u{1F600}", "\u{E9}",
            "e\u{301}", "'", "\"", "%", " ", " a", long + "x", long + "y", #"["a","b"]"#,
        ]
        try await scene.commit(keys.enumerated().map { ($1, Scene.known(Int64($0))) })
        let found = try await scene.store.known(keys)
        #expect(found == keys.indices.map { Scene.known(Int64($0)) })
        let strangers = ["b", "a\u{0}c", "\u{0}\u{0}\u{0}", long, "\u{1F601}", "e"]
        let none = try await scene.store.known(strangers)
        #expect(none == strangers.map { _ in nil })
        // Bytes that are no UTF-8 are nobody's key, and no mistake.
        var broken = KeyList()
        broken.append([0xFF, 0xFE])
        #expect(try await scene.store.known(broken, of: scene.orders) == [nil])
    }

    @Sendable
    private static func manyKeys(_ scene: Scene) async throws {
        let count = 3000
        func key(_ number: Int) -> String { String(1_000_000 + number * 3) }
        let numbers = Array(0..<count)
        for start in stride(from: 0, to: count, by: 1000) {
            try await scene.commit(
                numbers[start..<start + 1000].map { (key($0), Scene.known(Int64($0))) })
        }
        #expect(try await scene.state()?.liveCount == count)
        let orders: [[Int]] = [
            numbers, numbers.reversed(), numbers.filter { $0 % 7 == 0 },
            numbers.filter { $0 % 500 == 3 }, numbers.filter { $0 < 20 || $0 > 2900 },
            numbers.map { $0 * 1871 % count },
        ]
        for order in orders {
            let found = try await scene.store.known(order.map(key))
            #expect(found.map { $0?.ordinal } == order.map { Int64($0) })
        }
        // Between any two known keys lie two that are not.
        let mixed = (0..<count).map { String(1_000_000 + $0) }
        let found = try await scene.store.known(mixed)
        let expected = (0..<count).map { $0.isMultiple(of: 3) ? Int64($0 / 3) : nil }
        #expect(found.map { $0?.ordinal } == expected)
        let beyond = try await scene.store.known(["0", "9", "99"])
        #expect(beyond == [nil, nil, nil])
    }
}

extension Store {
    /// Asks for keys of the scene's first stream, which a fresh store numbers first.
    fileprivate func known(_ keys: [String]) async throws -> [KnownRecord?] {
        let stream = try await register(streams: [Scene.orders])[0].id
        return try await known(KeyList(keys.map { RecordKey($0) }), of: stream)
    }
}
