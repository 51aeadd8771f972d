import ArgumentParser
import PullcordTestSupport

/// How late changes are found by `every: auto`, beside even intervals with as many requests.
struct AutoBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auto",
        abstract: "The delay of every: auto beside a fixed interval of the same budget (simulated)."
    )

    @Option(help: "How many lists share the budget.")
    var lists = 200

    @Option(help: "Days that pass.")
    var days: Double = 7

    @Option(help: "How many worlds of each shape, by the seeds 1, 2, …")
    var worlds = 4

    func run() throws {
        Report.title(
            "auto: \(lists) lists, one request in \(Int(PaceWorld.even)) s each on an average, "
                + "\(days) days")
        for shape in PaceWorld.Shape.allCases {
            var paced = 0.0
            var even = 0.0
            var spent = 0.0
            for seed in 1...UInt64(max(1, worlds)) {
                var world = PaceWorld(shape, lists: lists, days: days, seed: seed)
                let result = world.run()
                paced += result.paced * Double(result.changes)
                even += result.even * Double(result.changes)
                spent += result.spent / Double(max(1, worlds))
            }
            Report.bound(
                "\(shape.rawValue): delay", paced / max(even, 1), unit: "× of even",
                atMost: shape.isHeavyTailed ? 0.5 : 1.2)
            Report.bound("  requests", spent, unit: "of the budget", atMost: 1.02)
        }
    }
}
