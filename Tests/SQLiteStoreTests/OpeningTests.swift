import Glibc
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import Testing

@Suite
struct OpeningTests {
    let place: TemporaryStore

    init() throws { place = try TemporaryStore() }

    // MARK: One owner

    @Test func `a second owner is refused until the first has closed`() async throws {
        let first = try place.store()
        let refusal = await place.refusal()
        #expect(refusal?.code == .owned)
        #expect(
            refusal?.message
                == "owned by process \(getpid()) since \(TemporaryStore.now)")
        #expect(refusal?.hint.isEmpty == false)
        await first.close()
        #expect(await place.refusal() == nil)
    }

    @Test func `a second name of the same file does not make a second owner`() async throws {
        let first = try place.store()
        let other = place.folder + "/other.db"
        #expect(unsafe symlink(place.path, other) == 0)
        #expect(throws: StoreError.self) {
            _ = try SQLiteStore.open(path: other, now: TemporaryStore.now)
        }
        await first.close()
    }

    @Test func `another process keeps the store until it is killed`() async throws {
        await (try place.store()).close()
        let holder = try LockHolder(place.path + ".lock")
        #expect(await place.refusal()?.code == .owned)
        holder.kill()
        #expect(await place.refusal() == nil)
    }

    @Test func `an owner that was killed leaves what it committed`() async throws {
        // A copy of file and log without a close is what a killed process leaves behind.
        let first = try place.store()
        let stream = try await first.register(streams: [orders])[0].id
        try await first.commit(
            CommitBatch(stream: stream, time: TemporaryStore.now, records: records(0..<500)))
        let copy = try TemporaryStore()
        for suffix in ["", "-wal"] {
            copy.write(try #require(place.bytes(suffix)), to: copy.path + suffix)
        }
        let second = try copy.store()
        #expect(try await second.streams()[0].liveCount == 500)
        await second.close()
        await first.close()
    }

    // MARK: What is no store

    @Test(arguments: [1, 100, 5000, 100_000])
    func `a file that is no database is refused and left alone`(_ size: Int) async throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        place.write(bytes, to: place.path)
        let refusal = await place.refusal()
        #expect(refusal?.code == .corrupt && refusal?.hint.isEmpty == false)
        #expect(place.bytes("") == bytes)
        #expect(await code { _ = try SQLiteReader.open(path: place.path) } == .corrupt)
    }

    @Test func `the database of another program is refused`() async throws {
        try place.execute("CREATE TABLE theirs (id INTEGER)")
        #expect(await place.refusal()?.code == .corrupt)
        #expect(await code { _ = try SQLiteReader.open(path: place.path) } == .corrupt)
    }

    @Test func `a store of a newer schema is refused with both versions`() async throws {
        await (try place.store()).close()
        try place.execute("PRAGMA user_version = \(Schema.version + 1)")
        let refusal = await place.refusal()
        #expect(refusal?.code == .newerSchema)
        #expect(refusal?.message.contains("\(Schema.version + 1)") == true)
        #expect(refusal?.hint.isEmpty == false)
        #expect(await code { _ = try SQLiteReader.open(path: place.path) } == .newerSchema)
    }

    @Test func `a damaged page is an error and not an answer`() async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        try await store.commit(
            CommitBatch(stream: stream, time: TemporaryStore.now, records: records(0..<2000)))
        await store.close()
        var bytes = try #require(place.bytes(""))
        for index in bytes.indices.dropFirst(4096 * 2) { bytes[index] = 0xA5 }
        place.write(bytes, to: place.path)
        #expect(
            await code {
                let damaged = try place.store()
                _ = try await damaged.streams()
                _ = try await damaged.known(KeyList([RecordKey("1")]), of: stream)
                await damaged.close()
            } == .corrupt)
    }

    @Test func `a folder that does not exist is named with a hint`() async throws {
        do throws(StoreError) {
            _ = try SQLiteStore.open(
                path: place.folder + "/missing/store.db", now: TemporaryStore.now)
            Issue.record("it opened")
        } catch {
            #expect(error.code == .io && error.hint == "make the folder first")
        }
    }

    @Test func `a folder is no store`() async throws {
        #expect(
            await code {
                _ = try SQLiteStore.open(path: place.folder, now: TemporaryStore.now)
            } == .io)
    }

    @Test func `an empty file becomes a store`() async throws {
        place.write([], to: place.path)
        let store = try place.store()
        #expect(try await store.streams().isEmpty)
        await store.close()
    }

    // MARK: Schema

    @Test func `a migration that was released is never edited`() {
        let hashes = Schema.migrations.map { text in
            text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
                ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
            }
        }
        #expect(
            hashes == [
                1_398_454_492_421_960, 14_578_791_054_847_515_531, 15_978_766_149_507_698_914,
                1_280_283_536_433_201_031, 9_715_181_048_951_007_787, 4_768_747_374_769_992_356,
                15_009_368_175_091_992_367, 3_644_046_566_295_412_581,
                2_584_066_536_496_140_578, 16_889_439_663_548_395_044,
                3_641_514_701_973_321_958, 15_651_356_413_721_259_704,
                6_178_517_455_732_542_718,
            ])
    }

    // MARK: Reader

    @Test func `a reader sees what an owner commits, and needs no owner`() async throws {
        let store = try place.store()
        let stream = try await store.register(streams: [orders])[0].id
        let reader = try SQLiteReader.open(path: place.path)
        #expect(try await reader.streams().map(\.liveCount) == [0])
        try await store.commit(
            CommitBatch(stream: stream, time: TemporaryStore.now, records: records(0..<7)))
        #expect(try await reader.streams().map(\.liveCount) == [7])
        await store.close()
        #expect(try await reader.streams().map(\.liveCount) == [7])
        let later = try SQLiteReader.open(path: place.path)
        #expect(try await later.streams().map(\.liveCount) == [7])
        #expect(try await later.subscriptions().isEmpty)
        #expect(try await later.events(EventQuery()).isEmpty)
        #expect(try await later.deliveries(DeliveryQuery()).isEmpty)
    }

    @Test func `a reader of a store that was never made says so`() async throws {
        do throws(StoreError) {
            _ = try SQLiteReader.open(path: place.path)
            Issue.record("it opened")
        } catch {
            #expect(error.code == .io && error.hint.contains("nothing has run yet"))
        }
        #expect(place.status() == nil)
    }
}
