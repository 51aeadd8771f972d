import PullcordDeliver
import PullcordModel
import Testing

@Suite struct `The identity of an event` {
    static let first = Fingerprint(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)
    static let second = Fingerprint(high: 0x0F0E_0D0C_0B0A_0908, low: 0x0706_0504_0302_0100)
    static let full = Fingerprint(high: .max, low: .max)
    static let zero = Fingerprint(high: 0, low: 0)

    func id(
        _ source: String = "shop", _ stream: String = "orders", _ key: String = "1042",
        _ version: Int64 = 1, _ fingerprint: Fingerprint? = first, _ kind: EventKind = .created
    ) -> String {
        EventIdentity.id(
            address: StreamAddress(source: SourceName(source), stream: StreamName(stream)),
            key: RecordKey(key), version: version, fingerprint: fingerprint, kind: kind
        ).text
    }

    /// Computed with Python's hashlib: these ids stand in receivers' databases, so they are fixed.
    @Test func `never changes from one release to the next`() {
        #expect(id() == "evt_4hj096sef4dc16hebpcqjadz5e")
        #expect(
            id("shop", "orders", "1042", 2, Self.second, .updated)
                == "evt_0fd1b8w2ffxz64pyqkmceyp25x")
        #expect(
            id("shop", "orders", "1042", 3, nil, .deleted) == "evt_105fespc4sm473gwbqva67k7jz")
        #expect(
            id("s", "t", #"["acme","7"]"#, .max, Self.full, .updated)
                == "evt_6zdpawcjebmagz7arksqhrk97f")
        #expect(
            id("s", "t", "Zoë 🚂", -1, Self.zero, .updated) == "evt_2ke65xpsghdcjdk4j0eqt8baga")
    }

    @Test func `tells A, B, A, B apart`() {
        let fingerprints = [Self.first, Self.second, Self.first, Self.second]
        let ids = fingerprints.enumerated().map { index, fingerprint in
            id("shop", "orders", "1", Int64(index + 1), fingerprint, .updated)
        }
        #expect(Set(ids).count == 4)
    }

    @Test func `differs when any one field does`() {
        let ids = [
            id(), id("shop2"), id("shop", "order"), id("shop", "orders", "1043"),
            id("shop", "orders", "1042", 2), id("shop", "orders", "1042", 1, Self.second),
            id("shop", "orders", "1042", 1, nil),
            id("shop", "orders", "1042", 1, Self.first, .updated),
        ]
        #expect(Set(ids).count == ids.count)
    }

    @Test func `cannot be forged by moving text from one field to the next`() {
        let ids = [
            id("ab", "c", "d"), id("a", "bc", "d"), id("a", "b", "cd"), id("abc", "", "d"),
            id("", "abc", "d"), id("", "", "abcd"), id("abcd", "", ""),
        ]
        #expect(Set(ids).count == ids.count)
    }

    @Test func `is 26 letters and digits without a dot`() {
        let alphabet = Set("0123456789abcdefghjkmnpqrstvwxyz")
        for version in Int64(0)..<500 {
            let text = id("shop", "orders", "1", version)
            #expect(text.hasPrefix("evt_") && text.utf8.count == 30)
            #expect(text.dropFirst(4).allSatisfy(alphabet.contains))
            // 128 bits in 26 digits of five leave the first with three.
            #expect(text.dropFirst(4).first.map { $0 <= "7" } == true)
        }
    }
}
