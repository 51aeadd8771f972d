import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import Testing

@Suite
struct QueryPlanTests {
    /// Statements that run for every record, event or delivery.
    static let statements =
        [
            DeliverySQL.due, DeliverySQL.nextDue, DeliverySQL.one, DeliverySQL.nextOfLane,
            DeliverySQL.oldestOfBacklog, DeliverySQL.lastFailure, RecordSQL.one, RecordSQL.from,
            RecordSQL.after,
            KeptSQL.one, KeptSQL.any,
            QueueSQL.insert, QueueSQL.line, QueueSQL.waiting, QueueSQL.takeGap, DeliverySQL.settled,
            DeliverySQL.laterOfLane, ReplaySQL.markReplayed, ReplaySQL.waiting,
            ParentSQL.due, ParentSQL.live, ParentSQL.within,
            PurgeSQL.backlog, PurgeSQL.dead, PurgeSQL.events, PurgeSQL.keys, RetentionSQL.rows,
            PurgeSQL.page, PurgeSQL.parents, StreamSQL.sources,
            CredentialSQL.one,
        ] + PurgeSQL.parts

    @Test(arguments: statements)
    func `no statement of the hot path walks or sorts a table`(_ sql: String) async throws {
        let place = try TemporaryStore()
        await (try place.store()).close()
        let plan = try place.plan(of: sql)
        #expect(!plan.isEmpty)
        for detail in plan {
            #expect(!detail.contains("TEMP B-TREE"), "\(detail)")
            #expect(!detail.hasPrefix("SCAN ") || detail.contains("CONSTANT"), "\(detail)")
        }
    }

    @Test func `what is due is read from its own index in order`() async throws {
        let place = try TemporaryStore()
        await (try place.store()).close()
        #expect(
            try place.plan(of: DeliverySQL.due) == [
                "SEARCH delivery USING COVERING INDEX delivery_ready (subscription=? AND state=? AND is_replay=? AND due<?)"
            ])
    }
}
