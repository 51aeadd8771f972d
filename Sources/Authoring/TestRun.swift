import PullcordConfig
import PullcordEngine
package import PullcordModel
import Synchronization

/// Runs the cases of many test files, some at once.
package struct TestRun: Sendable {
    private let reader: TestReader
    private let runner: CaseRunner
    private let clock: any TimeSource
    private let atOnce: Int

    /// `clock` only measures; `atOnce` is how many cases run at the same time.
    package init(
        reader: TestReader, runner: CaseRunner, clock: any TimeSource = SystemTime(),
        atOnce: Int
    ) {
        self.reader = reader
        self.runner = runner
        self.clock = clock
        self.atOnce = max(1, atOnce)
    }

    /// `filter` keeps the cases whose name, or whose file's path, holds it, whatever its case.
    ///
    /// The outcomes come in the order of the paths; `finished` is told of each file in that order
    /// too.
    package func run(
        _ paths: [String], filter: String? = nil,
        finished: @Sendable (FileOutcome) -> Void = { _ in }
    ) async -> [FileOutcome] {
        var outcomes: [FileOutcome] = []
        var number = 0
        for path in paths {
            let outcome = await run(path, filter: filter, number: &number)
            guard let outcome else { continue }
            finished(outcome)
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// nil where the filter leaves nothing.
    private func run(_ path: String, filter: String?, number: inout Int) async -> FileOutcome? {
        switch reader.read(path) {
        case .failure(let report): return FileOutcome(path: path, cases: [], report: report)
        case .success(let file):
            let cases = file.cases.filter { Self.isChosen($0, path, filter) }
            guard !cases.isEmpty || filter == nil else { return nil }
            let outcomes = await run(cases, from: number)
            number += cases.count
            return FileOutcome(path: path, cases: outcomes, report: nil)
        }
    }

    private func run(_ cases: [TestCase], from number: Int) async -> [CaseOutcome] {
        let desk = CaseDesk(count: cases.count)
        await withDiscardingTaskGroup { group in
            for _ in 0..<min(atOnce, cases.count) {
                group.addTask { [runner, clock] in
                    while let index = desk.next() {
                        let outcome = await runner.run(
                            cases[index], number: number + index, measuring: clock)
                        desk.put(outcome, at: index)
                    }
                }
            }
        }
        return desk.outcomes
    }

    private static func isChosen(_ test: TestCase, _ path: String, _ filter: String?) -> Bool {
        guard let filter = filter?.lowercased(), !filter.isEmpty else { return true }
        return test.name.lowercased().contains(filter) || path.lowercased().contains(filter)
    }
}

/// Hands out the cases of a file, and takes what became of them.
private final class CaseDesk: Sendable {
    private struct State {
        var next = 0
        var outcomes: [CaseOutcome?]
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(outcomes: Array(repeating: nil, count: count))) }

    /// The index of a case that nobody has; nil if there is none.
    func next() -> Int? {
        state.withLock { state in
            guard state.next < state.outcomes.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func put(_ outcome: CaseOutcome, at index: Int) {
        state.withLock { $0.outcomes[index] = outcome }
    }

    /// In the order of the file.
    var outcomes: [CaseOutcome] { state.withLock { $0.outcomes.compactMap { $0 } } }
}
