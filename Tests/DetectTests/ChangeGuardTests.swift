import PullcordDetect
import Testing

@Suite struct ChangeGuardTests {
    private static func guardian(
        live: Int = 1000, share: Double = 0.9, held: Int = 1000, bytes: Int = 1 << 20
    ) -> ChangeGuard {
        ChangeGuard(live: live, maxShare: share, heldMax: held, heldBytesMax: bytes)
    }

    private static func page(
        _ known: Int, _ updated: Int, created: Int = 0, bytes: Int = 0
    ) -> ChangeGuard.Tally {
        ChangeGuard.Tally(known: known, updated: updated, created: created, bytes: bytes)
    }

    @Test(arguments: [(100, 0), (100, 1), (100, 79), (5, 3)])
    func `a page of which little has changed is committed at once`(known: Int, updated: Int) {
        var guardian = Self.guardian()
        #expect(guardian.take(Self.page(known, updated)) == .commit)
        #expect(guardian.judge() == .believed)
    }

    @Test(arguments: [(100, 80), (100, 100), (5, 4), (1, 1)])
    func `a page of which nearly all has changed is held`(known: Int, updated: Int) {
        var guardian = Self.guardian()
        #expect(guardian.take(Self.page(known, updated)) == .hold)
    }

    @Test func `what was held is committed as soon as the list is calm again`() {
        var guardian = Self.guardian()
        #expect(guardian.take(Self.page(10, 10)) == .hold)
        #expect(guardian.take(Self.page(100, 0)) == .commit)
        #expect(guardian.take(Self.page(10, 10)) == .hold)
        #expect(guardian.judge() == .believed)
    }

    @Test func `one calm page among many changed ones lets nothing go`() {
        var guardian = Self.guardian()
        for _ in 1...20 { #expect(guardian.take(Self.page(10, 10)) == .hold) }
        #expect(guardian.take(Self.page(10, 3)) == .hold)
        #expect(guardian.judge() == .suspicious(203, of: 210))
    }

    @Test(arguments: [
        (known: 26, updated: 26, isSuspicious: true), (1000, 900, true), (1000, 899, false),
        (25, 25, false),
    ])
    func `a list is suspicious from a share and a number on`(
        known: Int, updated: Int, isSuspicious: Bool
    ) {
        var guardian = Self.guardian()
        _ = guardian.take(Self.page(known, updated))
        let expected: ChangeGuard.Verdict =
            isSuspicious ? .suspicious(updated, of: known) : .believed
        #expect(guardian.judge() == expected)
    }

    @Test func `more than fits into memory is counted only`() {
        var guardian = Self.guardian(held: 30)
        #expect(guardian.take(Self.page(20, 20)) == .hold)
        #expect(guardian.take(Self.page(20, 20)) == .count)
        #expect(guardian.take(Self.page(500, 0)) == .count)
        #expect(guardian.isCounting)
        var heavy = Self.guardian(bytes: 99)
        #expect(heavy.take(Self.page(1, 1, bytes: 100)) == .count)
    }

    @Test func `a list that begins with strangers is held until somebody known comes`() {
        var guardian = Self.guardian()
        #expect(guardian.take(Self.page(0, 0, created: 50)) == .hold)
        #expect(!guardian.isLight)
        #expect(guardian.take(Self.page(50, 0)) == .commit)
        #expect(guardian.take(Self.page(0, 0, created: 50)) == .commit)
    }

    @Test(arguments: [(live: 25, share: 0.9, updated: 20), (1000, 1, 500)])
    func `short lists and a share of all are not watched for updates`(
        live: Int, share: Double, updated: Int
    ) {
        var guardian = Self.guardian(live: live, share: share)
        #expect(guardian.take(Self.page(updated, updated)) == .commit)
        #expect(guardian.judge() == .believed)
    }

    @Test func `what was confirmed is committed, and little more`() {
        var guardian = Self.guardian(held: 0)
        #expect(guardian.take(Self.page(100, 100)) == .count)
        guardian.confirm()
        #expect(guardian.take(Self.page(100, 100)) == .commit)
        #expect(guardian.judge() == .believed)
        #expect(guardian.take(Self.page(100, 100)) == .count)
    }
}

@Suite struct ScanGuardTests {
    private static func guardian(live: Int, held: Int = 1000) -> ScanGuard {
        ScanGuard(
            live: live,
            changes: ChangeGuard(live: live, heldMax: held, heldBytesMax: 1 << 20),
            deletes: DeleteGuard(), judgesDeletes: true)
    }

    private static let no: @Sendable (ScanGuard.Refusal) -> Bool = { _ in false }

    @Test func `a list of which all was seen is done after one pass`() {
        var guardian = Self.guardian(live: 100)
        #expect(guardian.take(.init(known: 100, updated: 1)) == .commit)
        let end = guardian.endPass(seenLive: 100, records: 100, accepts: Self.no)
        #expect(end.step == .done)
        #expect(end.held == .commit)
    }

    @Test func `an empty list is believed after two looks where that is nothing unusual`() {
        var guardian = ScanGuard(
            live: 5, changes: nil, deletes: DeleteGuard(), mayBeEmpty: true, judgesDeletes: true)
        #expect(guardian.endPass(seenLive: 0, records: 0, accepts: Self.no).step == .readAgain)
        #expect(guardian.endPass(seenLive: 0, records: 0, accepts: Self.no).step == .delete)
        var many = ScanGuard(
            live: 50, changes: nil, deletes: DeleteGuard(), mayBeEmpty: true, judgesDeletes: true)
        _ = many.endPass(seenLive: 0, records: 0, accepts: Self.no)
        let step = many.endPass(seenLive: 0, records: 0, accepts: Self.no).step
        #expect(step == .refuse(.massDelete(50, of: 50)))
    }

    @Test func `few deletes need two looks`() {
        var guardian = Self.guardian(live: 100)
        #expect(guardian.endPass(seenLive: 95, records: 95, accepts: Self.no).step == .readAgain)
        #expect(guardian.endPass(seenLive: 95, records: 95, accepts: Self.no).step == .delete)
    }

    @Test(arguments: [
        (seen: 50, records: 50, ScanGuard.Refusal.massDelete(50, of: 100)),
        (0, 0, .massDelete(100, of: 100)),
    ])
    func `many deletes are refused after two looks, unless they are accepted`(
        seen: Int, records: Int, refusal: ScanGuard.Refusal
    ) {
        var guardian = Self.guardian(live: 100)
        #expect(
            guardian.endPass(seenLive: seen, records: records, accepts: Self.no).step == .readAgain)
        #expect(
            guardian.endPass(seenLive: seen, records: records, accepts: Self.no).step
                == .refuse(refusal))
        var accepted = Self.guardian(live: 100)
        let yes: (ScanGuard.Refusal) -> Bool = { $0 == refusal }
        #expect(accepted.endPass(seenLive: seen, records: records, accepts: yes).step == .readAgain)
        #expect(accepted.endPass(seenLive: seen, records: records, accepts: yes).step == .delete)
    }

    @Test func `a list of strangers only is dropped with the deletes that it implies`() {
        var guardian = Self.guardian(live: 100)
        #expect(guardian.take(.init(created: 12)) == .hold)
        let first = guardian.endPass(seenLive: 0, records: 12, accepts: Self.no)
        #expect(first.step == .readAgain && first.held == .drop)
        #expect(guardian.take(.init(created: 12)) == .count)
        let second = guardian.endPass(seenLive: 0, records: 12, accepts: Self.no)
        #expect(second.step == .refuse(.massDelete(100, of: 100)) && second.held == .drop)
    }

    @Test func `strangers that one look found are read a third time if the next finds the list`() {
        var guardian = Self.guardian(live: 100)
        _ = guardian.take(.init(created: 12))
        _ = guardian.endPass(seenLive: 0, records: 12, accepts: Self.no)
        #expect(guardian.take(.init(known: 100)) == .count)
        #expect(guardian.endPass(seenLive: 100, records: 100, accepts: Self.no).step == .readAgain)
        #expect(guardian.take(.init(known: 100)) == .commit)
        #expect(guardian.endPass(seenLive: 100, records: 100, accepts: Self.no).step == .done)
    }

    @Test func `a mass change is refused at the first look, and read again once accepted`() {
        let refusal = ScanGuard.Refusal.massChange(100, of: 100)
        for held in [1000, 10] {
            var guardian = Self.guardian(live: 100, held: held)
            _ = guardian.take(.init(known: 100, updated: 100))
            let end = guardian.endPass(seenLive: 100, records: 100, accepts: Self.no)
            #expect(end.step == .refuse(refusal) && end.held == .drop)
        }
        var small = Self.guardian(live: 100)
        _ = small.take(.init(known: 100, updated: 100))
        let done = small.endPass(seenLive: 100, records: 100) { $0 == refusal }
        #expect(done.step == .done && done.held == .commit)
        var large = Self.guardian(live: 100, held: 10)
        _ = large.take(.init(known: 100, updated: 100))
        #expect(large.endPass(seenLive: 100, records: 100) { $0 == refusal }.step == .readAgain)
        #expect(large.take(.init(known: 100, updated: 100)) == .commit)
        #expect(large.endPass(seenLive: 100, records: 100) { $0 == refusal }.step == .done)
    }

    @Test func `a list that is another one each time is given up after three passes`() {
        var guardian = Self.guardian(live: 100, held: 10)
        for pass in 1...3 {
            _ = guardian.take(.init(known: 100, updated: 80 * pass))
            let end = guardian.endPass(seenLive: 100, records: 100) { _ in true }
            guard pass == 3 else {
                #expect(end.step == .readAgain)
                continue
            }
            #expect(end.step == .refuse(.massChange(240, of: 100)) && end.held == .drop)
        }
    }

    @Test func `an empty list of few records is refused as such`() {
        var guardian = Self.guardian(live: 3)
        #expect(guardian.endPass(seenLive: 0, records: 0, accepts: Self.no).step == .readAgain)
        #expect(
            guardian.endPass(seenLive: 0, records: 0, accepts: Self.no).step
                == .refuse(.emptyList(3)))
    }
}
