import Foundation
import PullcordKit

/// Watches folders: `pullcord-sample pullcord.yaml`, where a source has `adapter: swift:folder`.
@main
struct Sample {
    static func main() async {
        var bridge = Bridge(file: CommandLine.arguments.dropFirst().first ?? "pullcord.yaml")
        bridge.add(FolderSource(), as: "folder")
        do {
            try await bridge.run()
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }
}
