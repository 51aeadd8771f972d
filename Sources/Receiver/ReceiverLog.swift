/// Numbers valid webhooks and knows the ids of those that were accepted, the newest ones only.
package struct ReceiverLog: Sendable {
    private let policy: ReplyPolicy
    private let idsMax: Int
    private var number = 0
    private var known: Set<String> = []
    /// The ids in order of arrival, a ring once it is full.
    private var order: [String] = []
    private var oldest = 0

    /// `idsMax` ids are remembered, one at least: enough for trying out; a receiver in production
    /// has to remember them for as long as retries go on.
    package init(policy: ReplyPolicy, idsMax: Int = 10_000) {
        self.policy = policy
        self.idsMax = max(1, idsMax)
    }

    /// Takes one valid webhook in.
    ///
    /// One that is refused on purpose is not remembered: its next attempt is no duplicate.
    package mutating func receive(id: String) -> (status: Int, isDuplicate: Bool) {
        number &+= 1
        let status = policy.status(forNumber: number)
        let isDuplicate = known.contains(id)
        if !isDuplicate, (200...299).contains(status) { remember(id) }
        return (status, isDuplicate)
    }

    private mutating func remember(_ id: String) {
        known.insert(id)
        guard order.count == idsMax else {
            order.append(id)
            return
        }
        known.remove(order[oldest])
        order[oldest] = id
        oldest = (oldest + 1) % idsMax
    }
}
