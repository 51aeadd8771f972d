/// How the receiver answers webhooks whose signature is valid; for trying out retries.
package struct ReplyPolicy: Sendable, Equatable {
    /// The status of an accepted webhook, 204 unless said otherwise.
    package let status: Int
    /// Every webhook of this number is refused; nil refuses none, 1 refuses all.
    package let failEvery: Int?
    /// The status of a refused webhook, 500 unless said otherwise.
    package let failStatus: Int

    /// Statuses outside of 200 to 599 become the default; `failEvery` below 1 counts as nil.
    package init(status: Int = 204, failEvery: Int? = nil, failStatus: Int = 500) {
        self.status = (200...599).contains(status) ? status : 204
        self.failEvery = failEvery.flatMap { $0 >= 1 ? $0 : nil }
        self.failStatus = (200...599).contains(failStatus) ? failStatus : 500
    }

    /// The status for webhook `number`, counted from 1.
    package func status(forNumber number: Int) -> Int {
        guard let failEvery, number % failEvery == 0 else { return status }
        return failStatus
    }
}
