import PullcordModel
import PullcordSQLiteStore
import Testing

@Suite
struct ClaimsTests {
    let claims = Claims()
    let one = DeliveryID(1)
    let two = DeliveryID(2)

    @Test func `a delivery is taken once until it is released`() {
        let first = claims.round()
        #expect(first.take(one))
        #expect(!first.take(one) && !claims.round().take(one))
        #expect(!first.isFree(one) && first.isFree(two))
        claims.release([one])
        #expect(claims.round().take(one))
    }

    @Test func `what is settled during a round is not taken by it`() {
        #expect(claims.round().take(one))
        // This round reads the store as it was before the settlement, where one is still ready.
        withExtendedLifetime(claims.round()) { round in
            claims.settle([one])
            #expect(!round.isFree(one))
            #expect(!round.take(one))
            #expect(round.take(two))
        }
        // A later round reads what the settlement wrote, as a retry that is due again.
        #expect(claims.round().take(one))
    }

    @Test func `a round that fails gives back what it took and no more`() {
        #expect(claims.round().take(one))
        let failing = claims.round()
        #expect(failing.take(two))
        failing.undo()
        #expect(claims.round().take(two))
        #expect(!claims.round().take(one))
    }
}
