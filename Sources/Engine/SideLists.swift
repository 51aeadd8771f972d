import PullcordAdapter
import PullcordConfig
import PullcordDetect
import PullcordJQ
import PullcordJSON
import PullcordModel
import PullcordPoll

// The other lists that a stream of a source reads, compiled from what its adapter says.

extension Reconciliation {
    /// nil for a stream without `reconcile`.
    init?(_ stream: StreamSpec, _ source: BoundSource, like poll: PollPlan) throws {
        guard let whole = stream.reconciling, let spec = stream.changes.reconcile else {
            return nil
        }
        guard let zone = NamedZone(source.spec.schedule.zone) else {
            throw Problem(
                code: "zone_unknown", message: "there is no zone `\(source.spec.schedule.zone)`")
        }
        let rhythm: ReconcileRule.Rhythm =
            switch spec.rhythm {
            case .every(let interval): .every(interval)
            case .cron(let expression): .cron(expression)
            }
        let plan = try poll.with(whole)
        // What the first poll begins with, or what only the other request lists, would be news.
        let isFirst = stream.cursor?.initial != nil || spec.request != nil
        self.init(
            poll: plan, reader: PageReader(try DetectPlan(whole, poll: plan)),
            rule: ReconcileRule(rhythm, zone: zone, isFirst: isFirst))
    }
}

extension DeletionList {
    /// nil for a stream without `deletes`.
    init?(_ stream: StreamSpec, _ source: BoundSource, like poll: PollPlan) throws {
        guard let list = stream.deletionStream, let spec = stream.changes.deletions else {
            return nil
        }
        let plan = try poll.with(list)
        let covered = [spec.covered].compactMap { $0 }
        self.init(
            poll: plan,
            reader: PageReader(try DetectPlan(list, poll: plan, moment: spec.at, more: covered)),
            hasCovered: !covered.isEmpty)
    }
}

extension PollPlan {
    /// The same source, asked for another list.
    fileprivate func with(_ stream: StreamSpec) throws(JQError) -> PollPlan {
        try PollPlan(
            address: address, adapter: adapter, stream: stream, parameters: parameters,
            rules: rules, redactor: redactor)
    }
}

extension Normalization {
    /// nil where the path is none; it was checked before.
    init?(_ spec: NormalSpec) {
        guard let path = JSONPath(pattern: spec.path.text) else { return nil }
        switch spec.kind {
        case .number: self.init(path, .number)
        case .time: self.init(path, .time)
        }
    }
}
