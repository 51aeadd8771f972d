import PullcordAdapter
import PullcordAuth
import PullcordConfig
import PullcordDetect
import PullcordModel
import PullcordPoll
import PullcordSchedule

/// A source with its streams compiled.
struct SourcePlan: Sendable {
    let source: BoundSource
    /// Equal for sources that poll alike.
    let identity: Fingerprint
    /// Equal for sources that are polled at the same times.
    let schedule: Fingerprint
    let streams: [StreamPlan]

    var name: SourceName { source.spec.name }
}

extension BoundSource {
    /// Whether all that a poll goes by is equal, places in the files included; a cheap question
    /// before the one for identities.
    func isSame(as other: BoundSource) -> Bool {
        parameters == other.parameters && secrets == other.secrets && spec == other.spec
            && adapter == other.adapter
    }
}

/// A stream of a source with everything compiled that its adapter says.
struct StreamPlan: Sendable {
    let address: StreamAddress
    let budget: BudgetUse
    private let poll: PollPlan
    private let reader: PageReader
    private let spec: StreamSpec
    private let timetable: Timetable
    private let lane: BudgetLane
    private let access: SourceAccess?
    private let sender: RequestSender
    private let reconciliation: Reconciliation?
    private let deletions: DeletionList?
    private let pace: PaceUse?
    private let stalledAfter: Duration?

    init(
        _ source: BoundSource, _ stream: StreamSpec, _ budgets: Budgets, _ login: Logins.Entry?,
        _ sender: RequestSender
    ) throws {
        access = login?.access
        self.sender = sender
        address = StreamAddress(source: source.spec.name, stream: stream.name)
        spec = stream
        stalledAfter = source.spec.stalledAfter
        timetable = try Timetable(source.spec.schedule, of: address)
        budget = BudgetUse(
            key: BudgetKey.of(stream, source), spec: source.adapter.limits.budget)
        lane = budgets.lane(budget.key, budget.spec)
        poll = try PollPlan(
            address: address, adapter: source.adapter, stream: stream,
            parameters: source.parameters, rules: ComparisonRules.identity(of: stream, source),
            redactor: Redactor(source.secrets + Self.credentials(source), book: login?.book))
        reader = PageReader(try DetectPlan(stream, poll: poll))
        reconciliation = try Reconciliation(stream, source, like: poll)
        deletions = try DeletionList(stream, source, like: poll)
        pace = PaceUse(stream, source)
    }

    /// What the adapter's `auth` sends, also where its author wrote it down.
    private static func credentials(_ source: BoundSource) -> [Secret] {
        let context = TemplateContext(parameters: source.parameters)
        let values = { (templates: [Template]) in
            templates.compactMap { (try? $0.render(context)) ?? nil }
        }
        guard case .basic(let username, let password) = source.adapter.auth else {
            return values(source.adapter.auth.secretTemplates).map { Secret($0) }
        }
        let pair = values([username, password]).joined(separator: ":")
        return values([password]).map { Secret($0) } + [Secret(Base64.encode(Array(pair.utf8)))]
    }

    func stream(id: StreamID, fan: FanOut) -> LiveStream {
        LiveStream(
            id: id, poll: poll, reader: reader, timetable: timetable, first: spec.first,
            deletes: spec.deletes, lane: lane, sender: sender, access: access,
            reconciliation: reconciliation, deletions: deletions, pace: pace, fan: fan,
            stalledAfter: stalledAfter)
    }

    /// The streams of one source, connected with one another; `ids` has their numbers.
    static func streams(_ plans: [StreamPlan], _ ids: [StreamID]) throws -> [LiveStream] {
        let fans = try FanOut.connect(plans.map(\.spec), ids)
        return zip(zip(plans, ids), fans).map { $0.0.stream(id: $0.1, fan: $1) }
    }
}
