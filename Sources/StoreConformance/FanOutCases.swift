import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    /// Parents: records of one stream that another one is asked for.
    static let fanOutCases: [StoreCase] = [
        StoreCase("a parent is due at once, and again when it says so") { scene in
            try await scene.mark([("b", .changed), ("a", .changed)])
            let due = try await scene.due()
            #expect(due.map(\.key.text) == ["a", "b"])
            #expect(due.allSatisfy { $0.fields == Array("{}".utf8) && $0.isFirst })
            try await scene.settle(due[0], due: 100)
            try await scene.settle(due[1], due: nil)
            #expect(try await scene.due(at: 100).isEmpty)
            #expect(try await scene.due(at: 101).map(\.key.text) == ["a"])
            try await scene.mark([("a", .same), ("b", .changed)])
            #expect(try await scene.due(at: 99).map(\.key.text) == ["b"])
        },
        StoreCase("what happens to a parent during a visit is not settled by it") { scene in
            try await scene.mark([("a", .changed)])
            let visited = try await scene.due()[0]
            try await scene.mark([("a", .changed)])
            try await scene.settle(visited, due: nil)
            let again = try await scene.due()
            #expect(again.map(\.key.text) == ["a"] && again[0].cursor == nil)
            try await scene.settle(again[0], due: nil)
            #expect(try await scene.due().isEmpty)
        },
        StoreCase("parents are handed out in order, those after the last only") { scene in
            try await scene.mark((0..<10).map { ("\($0)", .changed) })
            var found: [String] = []
            var last: ParentState?
            repeat {
                let next = try await scene.store.dueParents(
                    of: scene.users, before: Scene.time(1), after: last, limit: 3)
                found += next.map(\.key.text)
                last = next.last
            } while last != nil
            #expect(found == (0..<10).map { "\($0)" })
        },
        StoreCase("a visit's cursor, validators and rules come back, and go with the parent") {
            scene in
            try await scene.mark([("a", .changed)])
            let validators = Validators(
                entityTag: "\"x\"", lastModified: nil, request: Scene.fingerprint(3))
            let verdict = ParentSettlement.Verdict.read(
                cursor: "7", validators: validators, rules: Scene.fingerprint(1),
                children: Scene.fingerprint(2))
            try await scene.settle(try await scene.due()[0], due: 0, verdict)
            var parent = try await scene.due()[0]
            #expect(parent.cursor == "7" && parent.validators == validators)
            #expect(parent.rules == Scene.fingerprint(1))
            #expect(parent.children == Scene.fingerprint(2))
            var progress = ParentProgress(key: parent.key)
            progress.cursor = "8"
            progress.clearsValidators = true
            progress.pendingRules = Scene.fingerprint(9)
            try await scene.write { $0.fanOut.progress = progress }
            parent = try await scene.due()[0]
            #expect(parent.cursor == "8" && parent.validators == nil)
            #expect(parent.pendingRules == Scene.fingerprint(9))
            try await scene.mark([("a", .gone)])
            parent = try await scene.due()[0]
            #expect(parent.isGone)
            try await scene.settle(parent, due: nil, .removed)
            try await scene.mark([("a", .changed)])
            parent = try await scene.due()[0]
            #expect(parent.cursor == nil && parent.rules == nil && !parent.isGone)
        },
        StoreCase("a parent that is not wanted is due once more if it was written down") { scene in
            try await scene.mark([("a", .changed)])
            try await scene.settle(try await scene.due()[0], due: nil)
            for _ in 1...2 {
                try await scene.mark([("a", .unwanted), ("b", .unwanted)])
                let due = try await scene.due()
                guard let parent = due.first else { continue }
                #expect(due.map(\.key.text) == ["a"] && parent.isResting)
                try await scene.settle(parent, due: nil)
            }
            #expect(try await scene.due().isEmpty)
            try await scene.mark([("a", .changed), ("b", .same)])
            #expect(try await scene.due().map(\.isResting) == [false, false])
            try await scene.mark([("a", .gone), ("a", .unwanted)])
            #expect(try await scene.due().filter(\.isGone).map(\.key.text) == ["a"])
        },
        StoreCase("parents that were read are handed out by key") { scene in
            try await scene.mark([("a", .changed), ("b", .changed), ("c", .changed)])
            let read = ParentSettlement.Verdict.read(
                cursor: nil, validators: nil, rules: Scene.fingerprint(1), children: nil)
            for parent in try await scene.due() where parent.key.text != "b" {
                try await scene.settle(parent, due: nil, read)
            }
            let all = { (last: RecordKey?, limit: Int) async throws -> [String] in
                try await scene.store.readParents(of: scene.users, after: last, limit: limit)
                    .map(\.key.text)
            }
            var found = try await all(nil, 9)
            #expect(found == ["a", "c"])
            found = try await all(nil, 1)
            #expect(found == ["a"])
            found = try await all(RecordKey("a"), 9)
            #expect(found == ["c"])
            try await scene.mark([("a", .gone)])
            found = try await all(nil, 9)
            #expect(found == ["c"])
        },
        StoreCase("adopted rules have each parent read from its beginning") { scene in
            try await scene.mark([("a", .changed)])
            let read = ParentSettlement.Verdict.read(
                cursor: "7", validators: nil, rules: Scene.fingerprint(1), children: nil)
            try await scene.settle(try await scene.due()[0], due: nil, read)
            try await scene.write {
                $0.fanOut.adoption = FanOutUpdate.Adoption(
                    rules: Scene.fingerprint(5), children: [], revisits: true)
            }
            let parent = try await scene.due()[0]
            #expect(parent.cursor == nil && parent.rules == Scene.fingerprint(1))
        },
        StoreCase("one that is gone and comes back before its visit begins anew") { scene in
            try await scene.mark([("a", .changed)])
            let validators = Validators(
                entityTag: "\"x\"", lastModified: "then", request: Scene.fingerprint(3))
            let verdict = ParentSettlement.Verdict.read(
                cursor: "7", validators: validators, rules: Scene.fingerprint(1), children: nil)
            for news in [ParentMark.News.changed, .same] {
                try await scene.settle(try await scene.due()[0], due: nil, verdict)
                try await scene.mark([("a", .gone), ("a", news)])
                let parent = try await scene.due()[0]
                #expect(!parent.isGone && parent.cursor == nil && parent.validators == nil)
            }
        },
        StoreCase("parents whose record is not known are gone once rules are adopted") { scene in
            try await scene.commit([("a", Scene.known(0)), ("b", Scene.deleted(1))])
            try await scene.mark([("a", .changed), ("b", .changed), ("c", .changed)])
            #expect(try await scene.store.adoption(of: scene.orders) == nil)
            #expect(try await scene.store.adopters().isEmpty)
            var batch = CommitBatch(stream: scene.orders, time: Scene.time(1))
            batch.fanOut.adoption = FanOutUpdate.Adoption(
                rules: Scene.fingerprint(4), children: [scene.users], revisits: false)
            try await scene.store.commit(batch)
            #expect(try await scene.store.adoption(of: scene.orders) == Scene.fingerprint(4))
            #expect(try await scene.store.adopters() == [scene.orders])
            #expect(try await scene.due().filter(\.isGone).map(\.key.text) == ["b", "c"])
        },
        StoreCase("a stretch of keys is counted and searched alone") { scene in
            let keys = [#"["a","1"]"#, #"["a","2"]"#, #"["a","3"]"#, #"["ab","1"]"#, #"["b","1"]"#]
            try await scene.commit(
                keys.enumerated().map { ($1, Scene.known(Int64($0))) })
            try await scene.commit([(keys[2], Scene.deleted(2))])
            let span = KeySpan(after: RecordKey(#"["a","#), before: RecordKey(#"["a"-"#))
            #expect(try await scene.store.countLive(of: scene.orders, within: span) == 2)
            var seen = SeenSet()
            seen.insert(0)
            let unseen = try await scene.store.unseen(
                of: scene.orders, within: span, seen: seen, after: nil, limit: 10)
            #expect(unseen.map(\.key.text) == [keys[1]])
            let rest = try await scene.store.unseen(
                of: scene.orders, within: span, seen: SeenSet(), after: RecordKey(keys[0]),
                limit: 10)
            #expect(rest.map(\.key.text) == [keys[1]])
        },
    ]
}

extension ParentMark.News {
    fileprivate var fields: [UInt8] {
        switch self {
        case .gone: []
        case .changed, .same: Array("{}".utf8)
        case .unwanted: ParentMark.resting + Array("}".utf8)
        }
    }
}

extension Scene {
    fileprivate func write(_ body: (inout CommitBatch) -> Void) async throws {
        var batch = CommitBatch(stream: users, time: Self.time(0))
        body(&batch)
        try await store.commit(batch)
    }

    /// Writes down orders as parents of `users`.
    fileprivate func mark(_ marks: [(String, ParentMark.News)]) async throws {
        var batch = CommitBatch(stream: orders, time: Self.time(0))
        batch.fanOut.marks = marks.map { key, news in
            ParentMark(
                child: users, key: RecordKey(key), news: news,
                fields: news.fields, isFirst: true)
        }
        try await store.commit(batch)
    }

    fileprivate func settle(
        _ parent: ParentState, due seconds: Int64?, _ verdict: ParentSettlement.Verdict = .kept
    ) async throws {
        try await write {
            $0.fanOut.settled = [
                ParentSettlement(
                    key: parent.key, mark: parent.mark, verdict: verdict,
                    due: seconds.map { Self.time($0) })
            ]
        }
    }

    fileprivate func due(at seconds: Int64 = 1000) async throws -> [ParentState] {
        try await store.dueParents(
            of: users, before: Self.time(seconds), after: nil, limit: 100)
    }
}
