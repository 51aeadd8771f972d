import PullcordTransfer

/// Why a program did not bring what it was asked for.
struct ProgramFailure: Error, Sendable, Equatable {
    enum Code: Sendable {
        case failed
        /// It says that it may do better later.
        case busy
        /// Nobody wants to know any more.
        case stopped
    }

    let code: Code
    /// One sentence without the final stop; what the program wrote may stand in it.
    let message: String
    let hint: String

    init(_ message: String, code: Code = .failed, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The same as the outcome of a request.
    func error(url: String) -> TransferError {
        let kind: TransferError.Code =
            switch code {
            case .failed: .program
            case .busy: .programBusy
            case .stopped: .cancelled
            }
        return TransferError(
            code: kind, url: url, phase: .body, mayHaveBeenSent: true, message: message,
            hint: hint)
    }
}
