import Foundation
package import PullcordConfig
import PullcordModel

extension FileAccess {
    /// The files of this machine, up to the size that a configuration may have.
    package static let machine = FileAccess(
        read: { path in
            guard FileManager.default.fileExists(atPath: path) else { return .missing }
            do {
                let file = URL(filePath: path)
                let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
                guard size <= Limits.configurationBytesMax else {
                    return .unreadable("it has more than \(Limits.configurationBytesMax) bytes")
                }
                return .bytes(Array(try Data(contentsOf: file)))
            } catch {
                let reason = (error as NSError).localizedFailureReason ?? "it is no readable file"
                return .unreadable(reason)
            }
        },
        list: { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] })
}
