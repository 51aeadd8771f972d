import ArgumentParser
import PullcordDemo
import PullcordModel
import PullcordReceiver

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a shop that can only be polled send webhooks.",
        discussion: """
            Starts a small order API on loopback that changes by itself, polls it through \
            adapters/orders.yaml, and receives, verifies and prints each webhook. Everything is \
            real: sockets, store, signatures. What it keeps is in one folder, and the next demo \
            goes on from there; remove the folder to begin anew.
            """)

    @Option(help: "Where the shop's orders and the store are kept.")
    var folder = ".demo"

    @Option(help: "Seconds between two changes in the shop.")
    var changeEvery = 2

    @Option(help: "End after so many webhooks; 0 goes on until Ctrl-C.")
    var count = 0

    func run() async throws {
        try await explaining {
            do {
                try await Demo(
                    folder: folder, changeEvery: .seconds(max(1, changeEvery)), count: count
                ).run()
            } catch let error as DemoError {
                throw Problem(
                    code: error.code.rawValue, message: error.message, place: error.operation,
                    hint: error.hint)
            } catch let error as ReceiverError {
                throw Problem(
                    code: error.code.rawValue, message: error.message, place: error.operation,
                    hint: error.hint)
            }
        }
    }
}
