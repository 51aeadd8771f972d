/// What is believed of a stream, besides the share of deletes.
package struct BeliefSpec: Sendable, Equatable {
    /// The share of the known records, 0…1, from which a scan's updates are held back; 1 for
    /// never.
    package var maxChangeShare = 0.9
    /// nil believes a delete as soon as two looks at a complete list have missed the record.
    package var confirmation: DeleteConfirmation?
    /// Whether an empty list is believed at once, as far as so many deletes are.
    package var mayBeEmpty = false
    /// How many events of `first: emit` become due in a second.
    package var emitRate = BudgetSpec.Rate(count: 100, window: .seconds(1))

    package init() {}
}

/// What must happen before a record counts as gone.
package enum DeleteConfirmation: Sendable, Equatable {
    /// So many complete polls in a row have missed it.
    case scans(Int)
    /// A GET for this path (appended to `base_url`) is answered by 404 or 410.
    case get(Template)
}
