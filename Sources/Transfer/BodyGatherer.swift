/// Gathers the bytes of a page that comes from elsewhere than the network, as the page of an
/// answer is gathered: in memory, and from a size on in a file without a name.
package struct BodyGatherer {
    private var answer: Answer

    /// `limit` is how many bytes are taken, `spoolsOver` from how many on they go to a file in
    /// `folder`; nil for never.
    package init(limit: Int, spoolsOver: Int?, folder: String) {
        answer = Answer(
            limit: .refuse(over: limit),
            spooling: spoolsOver.map { Answer.Spooling(over: $0, folder: folder) })
    }

    /// Takes the next bytes; the complaint says why no more can be taken.
    package mutating func take(_ bytes: some Collection<UInt8>) -> Complaint? {
        guard !answer.receive(body: bytes, announced: nil) else { return nil }
        switch answer.stop {
        case .spoolFailed(let failure): return .file(BodySpool.reason(of: failure.number))
        case .bodyTooLarge, .headersTooLarge, nil: return .tooLarge
        }
    }

    package enum Complaint: Sendable, Equatable {
        case tooLarge
        /// The file could not be made or written, with the system's reason.
        case file(String)
    }

    /// Hands over what came: all of it, or its beginning and the file that holds it.
    package mutating func finish() -> (body: [UInt8], file: BodyFile?) {
        (answer.takeBody(), answer.takeFile())
    }
}
