import ArgumentParser
import PullcordConfig
import PullcordModel

struct AdapterShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print an adapter's file.")

    @Argument(help: "The name of an adapter.")
    var name: String

    @Option(help: "The folder to look in.", completion: .directory)
    var folder = "adapters"

    func run() async throws {
        try await explaining {
            guard case .bytes(let bytes) = Workplace.files.read("\(folder)/\(name).yaml") else {
                throw Problem(
                    code: "adapter_unknown", message: "no adapter is called `\(name)`",
                    place: folder, hint: "looked for \(folder)/\(name).yaml")
            }
            StandardOutput.write(String(decoding: bytes, as: UTF8.self))
        }
    }
}
