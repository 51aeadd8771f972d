import PullcordDetect
import PullcordFormats
import PullcordJSON
import PullcordModel
import PullcordPoll
import PullcordTransfer

/// Pages that are too large for memory: they come in a file, and are read in pieces.
extension Pipeline {
    /// Detects and commits the changes of a page piece by piece, each as a page of its own.
    ///
    /// The transfer was complete before the first piece is read. A piece that cannot be read ends
    /// the poll, and what came before it stays committed, as for any page after the first; nothing
    /// counts as gone then.
    func takePieces(
        of file: BodyFile, _ contentType: String?, of list: DeletionList?, isFreshStart: Bool,
        _ run: inout PollRun
    ) async throws -> PageFacts {
        var reader = PieceReader(
            run.stream.format, contentType: contentType, count: file.count,
            pieceBytes: run.options.pieces.bytes)
        var facts = PieceFacts()
        var isFirst = true
        while let piece = try nextPiece(of: file, &reader) {
            // In between, others have their turn, and the process may stop.
            if !isFirst {
                try Task.checkCancellation()
                try stopBetweenPages()
                await Task.yield()
            }
            if let list {
                facts.add(try await takeDeletions(.piece(piece), of: list, &run), from: nil)
            } else {
                let (found, least) = try await take(
                    .piece(piece), isFreshStart: isFreshStart && isFirst, &run)
                facts.add(found, from: least)
            }
            isFirst = false
        }
        return facts.page
    }

    private func nextPiece(
        of file: BodyFile, _ reader: inout PieceReader
    ) throws -> BodyPiece? {
        do {
            return try reader.next { try file.bytes(at: $0, count: $1) }
        } catch let error as TransferError {
            throw Problem(code: error.code.rawValue, message: error.message, hint: error.hint)
        }
    }
}

/// How pages that are too large for memory are cut; a bound in bytes each.
package struct PieceSizes: Sendable {
    /// A page of more goes to a file.
    package var over = Limits.spooledOver
    /// About what is read of it at a time.
    package var bytes = Limits.pieceBytes

    package init() {}
}

/// What a page is read from.
enum PageContent {
    /// The whole body, and its Content-Type.
    case whole([UInt8], String?)
    case piece(BodyPiece)

    /// A hash of all that the page depends on.
    var digest: Fingerprint {
        switch self {
        case .whole(let body, let contentType):
            BodyDigest.digest(of: body, contentType: contentType)
        case .piece(let piece):
            BodyDigest.digest(of: piece.bytes, contentType: piece.context)
        }
    }

    func json(_ format: PageFormat) throws(FormatError) -> [UInt8] {
        switch self {
        case .whole(let body, let contentType): try format.json(body, contentType: contentType)
        case .piece(let piece): try piece.json()
        }
    }

    /// The line that is no JSON, once the whole has been refused.
    func brokenLine(_ format: PageFormat) -> FormatError? {
        switch self {
        case .whole(let body, let contentType):
            format.brokenLine(in: body, contentType: contentType)
        case .piece(let piece): piece.brokenLine()
        }
    }
}
