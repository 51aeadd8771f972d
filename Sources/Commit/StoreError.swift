/// Why a store refused or failed.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Another process owns the store.
        case owned
        /// This process was the owner and is no longer: another has taken the store over.
        case fenced
        /// The store was made by a newer Pullcord.
        case newerSchema = "newer_schema"
        /// The file is no store, or is damaged.
        case corrupt
        /// The disk is full.
        case full
        /// The disk or the file system failed.
        case io
        /// Somebody else held the database for too long.
        case busy
        /// The store has been closed.
        case closed
        /// A mistake of ours: SQL or a constraint that must not fail.
        case fault
    }

    package let code: Code
    /// What was being done, as in `commit` or `open`.
    package let operation: String
    /// The file or URL of the store.
    package let path: String
    package let message: String
    package let hint: String

    package init(
        code: Code, operation: String, path: String, message: String, hint: String = ""
    ) {
        self.code = code
        self.operation = operation
        self.path = path
        self.message = message
        self.hint = hint
    }

    package var description: String {
        let text = "store \(path): \(operation): \(message) [\(code.rawValue)]"
        return hint.isEmpty ? text : "\(text)\n  hint: \(hint)"
    }

    /// Whether the same call may succeed later, with nothing done about the store itself.
    package var mayPass: Bool {
        switch code {
        case .full, .busy: true
        case .owned, .fenced, .newerSchema, .corrupt, .io, .closed, .fault: false
        }
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
