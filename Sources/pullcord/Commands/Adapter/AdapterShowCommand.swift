import ArgumentParser
import PullcordConfig
import PullcordModel

struct AdapterShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print an adapter's file, wherever it is.",
        discussion: """
            Looks where sources of the bridge file find their adapters: in its folders and \
            archives. Without a bridge file it looks in adapters and in the folder at hand.
            """)

    @Argument(help: "The name of an adapter.")
    var name: String

    @OptionGroup var places: AdapterPlaces

    func run() async throws {
        try await explaining {
            let (path, files) = try places.find(name)
            switch files.read(path) {
            case .bytes(let bytes): StandardOutput.write(String(decoding: bytes, as: UTF8.self))
            case .missing:
                throw Problem(
                    code: "file_unreadable", message: "there is no such file", place: path)
            case .unreadable(let reason):
                throw Problem(
                    code: "file_unreadable", message: "the file cannot be read: \(reason)",
                    place: path)
            }
        }
    }
}
