import Synchronization

/// Secrets that become known while Pullcord runs, such as tokens that were fetched.
///
/// A ``Redactor`` that was made with a book masks what is in it from then on.
package final class SecretBook: Sendable {
    /// So many of the newest secrets are remembered: an old token opens nothing.
    package static let secretsMax = 4096

    private struct State {
        /// What was added together, the newest last; none of them twice.
        var sets: [Set<Secret>] = []
        var count = 0
        /// All of them, to be searched for; nil until somebody does.
        var index: NeedleIndex?
    }

    private let state = Mutex(State())

    package init() {}

    package func add(_ secrets: [Secret]) {
        let added = Set(secrets)
        guard !added.isEmpty else { return }
        state.withLock { state in
            if let known = state.sets.lastIndex(of: added) {
                state.sets.append(state.sets.remove(at: known))
                return
            }
            state.sets.append(added)
            state.count += added.count
            while state.count > Self.secretsMax, state.sets.count > 1 {
                state.count -= state.sets.removeFirst().count
            }
            state.index = nil
        }
    }

    func redact(_ text: String) -> String {
        let index = state.withLock { state in
            if let index = state.index { return index }
            let index = NeedleIndex(state.sets.flatMap { Redactor($0).needles })
            state.index = index
            return index
        }
        return index.masked(text)
    }
}

/// Many texts that are masked in one pass.
private struct NeedleIndex: Sendable {
    private var needles: [UInt16: [[UInt8]]] = [:]

    init(_ texts: [String]) {
        for text in Set(texts) {
            let needle = Array(text.utf8)
            guard needle.count >= 2 else { continue }
            needles[Self.start(needle, 0), default: []].append(needle)
        }
    }

    private static func start(_ bytes: [UInt8], _ index: Int) -> UInt16 {
        UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
    }

    /// The text with `***` for every stretch that belongs to one of them.
    func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard !needles.isEmpty, bytes.count >= 2 else { return text }
        var result: [UInt8] = []
        /// Where the stretch ends that is being masked.
        var end = 0
        for index in bytes.indices {
            var length = 0
            if index + 1 < bytes.count, let candidates = needles[Self.start(bytes, index)] {
                for needle in candidates
                where needle.count > length && bytes[index...].starts(with: needle) {
                    length = needle.count
                }
            }
            if length > 0, index >= end { result.append(contentsOf: "***".utf8) }
            end = max(end, index + length)
            if index >= end { result.append(bytes[index]) }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
