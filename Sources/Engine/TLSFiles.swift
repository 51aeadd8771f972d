import Foundation
import Glibc
import PullcordDeliver
import PullcordModel
package import PullcordTransfer
import Synchronization

/// The certificates of an endpoint, read again when their files change.
///
/// Looking at the files costs a system call each, so that is done once a second at most. A file
/// that cannot be read at some moment (while it is being replaced, say) leaves what was there.
package final class TLSFiles: TLSIdentitySource {
    private struct Stamp: Equatable {
        var device: UInt64
        var node: UInt64
        var size: Int64
        var seconds: Int64
        var nanoseconds: Int64
    }

    private struct State {
        var identity: TLSIdentity
        var stamps: [Stamp?]
        var looked: Duration?
    }

    /// Between two looks at the files.
    private static let interval: Duration = .seconds(1)
    /// Bytes of one file; a bundle of all public authorities has a fifth of it.
    private static let bytesMax = 1 << 20

    private let authority: String?
    private let certificate: String?
    private let key: String?
    private let state: Mutex<State>

    /// Paths of PEM files; nil for none.
    package init(authority: String?, certificate: String?, key: String?) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
        let paths = [authority, certificate, key]
        let stamps = paths.map { $0.flatMap(Self.stamp(of:)) }
        let texts = paths.map { $0.flatMap(Self.read) }
        state = Mutex(
            State(
                identity: TLSIdentity(authority: texts[0], certificate: texts[1], key: texts[2]),
                stamps: stamps))
    }

    package func current(now: Duration) -> TLSIdentity {
        state.withLock { state in
            if let looked = state.looked, now >= looked, now - looked < Self.interval {
                return state.identity
            }
            state.looked = now
            let paths = [authority, certificate, key]
            let stamps = paths.map { $0.flatMap(Self.stamp(of:)) }
            guard stamps != state.stamps else { return state.identity }
            let texts = paths.map { $0.flatMap(Self.read) }
            let isWhole = zip(paths, texts).allSatisfy { $0 == nil || $1 != nil }
            guard isWhole else { return state.identity }
            state.stamps = stamps
            state.identity = TLSIdentity(
                authority: texts[0], certificate: texts[1], key: texts[2])
            return state.identity
        }
    }

    private static func stamp(of path: String) -> Stamp? {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { return nil }
        return Stamp(
            device: UInt64(found.st_dev), node: UInt64(found.st_ino), size: Int64(found.st_size),
            seconds: Int64(found.st_mtim.tv_sec), nanoseconds: Int64(found.st_mtim.tv_nsec))
    }

    /// A file without any PEM in it is one that is being written.
    private static func read(_ path: String) -> [UInt8]? {
        guard let bytes = FileManager.default.contents(atPath: path).map(Array.init),
            bytes.count <= bytesMax, String(decoding: bytes, as: UTF8.self).contains("-----END")
        else { return nil }
        return bytes
    }
}
