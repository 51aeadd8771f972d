/// Decides whether the deletions that a complete scan implies are to be believed.
package struct DeleteGuard: Sendable, Equatable {
    /// The share of the live records that may vanish in one scan, 0 to 1.
    package let maxShare: Double
    /// So many deletions are never suspicious.
    package let minimum: Int

    /// Guards with a fifth of the records and 10 deletions unless told otherwise.
    package init(maxShare: Double = 0.20, minimum: Int = 10) {
        self.maxShare = maxShare
        self.minimum = minimum
    }

    package enum Verdict: Sendable, Equatable {
        /// Nothing vanished.
        case none
        /// So many records are gone.
        case proceed(Int)
        /// Too many records would be gone: somebody must confirm it.
        case suspicious(Int, of: Int)
    }

    /// Judges a scan.
    ///
    /// - Parameters:
    ///   - live: How many records were known and not deleted before the scan.
    ///   - seenLive: How many of these the scan has seen; if that is none and more than
    ///     ``minimum`` were known, it is suspicious whatever the share allows.
    /// - Returns: Whether to delete, and how many.
    package func judge(live: Int, seenLive: Int) -> Verdict {
        let gone = live - seenLive
        guard gone > 0 else { return .none }
        guard gone > minimum else { return .proceed(gone) }
        let isTooMany = seenLive <= 0 || Double(gone) > maxShare * Double(live)
        return isTooMany ? .suspicious(gone, of: live) : .proceed(gone)
    }
}
