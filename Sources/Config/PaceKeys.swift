import PullcordAdapter

/// The keys of `every`, where streams are polled by how often they change.
package enum PaceKeys {
    package static let every = KeyTable(
        "`every`", "Each stream is polled by how often it changes, within a budget.",
        elsewhere: [
            "min": "write `between: [30s, 1h]`", "max": "write `between: [30s, 1h]`",
            "auto": "`every: auto` alone, or these keys without `auto`",
        ],
        [
            .init(
                "between", .list(BridgeKeys.pause), default: "[30s, 1h]",
                "The shortest and the longest interval."),
            .init(
                "budget", .rate, default: "12/h for each stream",
                "Requests of all streams that share it, on an average."),
            .init(
                "share", .choice(BudgetSpec.Share.allCases.map(\.rawValue)), default: "source",
                "Who shares the budget: the streams of this source, or all sources with the same "
                    + "credential or host."),
        ])
}
