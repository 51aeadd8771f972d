import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let credentialCases: [StoreCase] = [
        StoreCase("a credential that nobody has kept is none") { scene in
            let nothing = try await scene.store.credential("a")
            #expect(nothing == nil)
        },
        StoreCase("a credential replaces the one before, of its own name only") { scene in
            let bytes: [UInt8] = [0, 1, 255, 0]
            try await scene.store.setCredential(bytes, for: "a", at: Scene.time(0))
            try await scene.store.setCredential([], for: "b", at: Scene.time(0))
            #expect(try await scene.store.credential("a") == bytes)
            #expect(try await scene.store.credential("b") == [])
            try await scene.store.setCredential([7], for: "a", at: Scene.time(0))
            #expect(try await scene.store.credential("a") == [7])
            #expect(try await scene.store.credential("b") == [])
            #expect(try await scene.store.credential("A") == nil)
        },
        StoreCase(restarting: "a credential is there after a restart") { place in
            var scene = try await Scene(place)
            let bytes = (0..<60_000).map { UInt8(truncatingIfNeeded: $0) }
            try await scene.store.setCredential(bytes, for: "a", at: Scene.time(0))
            await scene.store.close()
            scene = try await Scene(place)
            #expect(try await scene.store.credential("a") == bytes)
            await scene.store.close()
        },
        StoreCase(restarting: "a closed store keeps and gives no credential") { place in
            let scene = try await Scene(place)
            await scene.store.close()
            let kept = await storeErrorCode {
                try await scene.store.setCredential([1], for: "a", at: Scene.time(0))
            }
            #expect(kept == .closed)
            let read = await storeErrorCode { _ = try await scene.store.credential("a") }
            #expect(read == .closed)
        },
    ]
}
