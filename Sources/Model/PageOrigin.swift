/// The page that events were found on, for those who ask where an event came from.
package struct PageOrigin: Sendable, Equatable {
    /// When the poll started that read it.
    package let pollStarted: Timestamp
    /// 1 for the first page of a scan; 0 for what a whole scan did not have, which is deleted.
    package let number: Int
    /// 2 where all pages were read a second time, because records seemed to be gone; else 1.
    package let look: Int
    /// What was asked for, without secrets, at most ``Limits/urlBytesKept`` bytes; nil for a
    /// whole scan.
    package let url: String?
    /// The HTTP status of the answer; nil for a whole scan.
    package let status: Int?
    /// How many records the page held, whether they counted or not.
    package let records: Int
    package let readAt: Timestamp

    package init(
        pollStarted: Timestamp, number: Int, look: Int, url: String?, status: Int?, records: Int,
        readAt: Timestamp
    ) {
        self.pollStarted = pollStarted
        self.number = number
        self.look = look
        self.url = url
        self.status = status
        self.records = records
        self.readAt = readAt
    }
}
