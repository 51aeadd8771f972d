/// Why bytes are no pack, or files cannot become one.
package struct PackError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// No gzip, or cut, or with a wrong checksum of its own.
        case gzip = "pack_gzip"
        /// No tar archive, or a broken one.
        case tar = "pack_tar"
        /// An entry that a pack must not have.
        case entry = "pack_entry"
        /// More of something than a pack may have.
        case tooLarge = "pack_too_large"
    }

    package let code: Code
    /// One sentence without the final stop.
    package let message: String
    package let hint: String

    package init(_ code: Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
