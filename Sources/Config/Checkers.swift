package import PullcordModel

/// What is checked by rooms that know more of it.
package struct Checkers: Sendable {
    package var expressions: ExpressionChecker
    package var allowEntries: AllowEntryChecker
    package var zones: ZoneChecker
    package var signingKeys: SigningKeyChecker
    package var destinations: DestinationChecker
    package var programs: ProgramChecker
    package var packs: PackOpener

    package init(
        expressions: ExpressionChecker, allowEntries: AllowEntryChecker, zones: ZoneChecker,
        signingKeys: SigningKeyChecker = SigningKeyChecker { _ in nil },
        destinations: DestinationChecker = DestinationChecker { _, _ in nil },
        programs: ProgramChecker = ProgramChecker { _, _ in nil },
        packs: PackOpener = .none
    ) {
        self.expressions = expressions
        self.allowEntries = allowEntries
        self.zones = zones
        self.signingKeys = signingKeys
        self.destinations = destinations
        self.programs = programs
        self.packs = packs
    }
}

/// Checks jq programs.
package struct ExpressionChecker: Sendable {
    package struct Complaint: Sendable {
        package let message: String
        /// Of the mistake within the program, from 1 in Unicode scalars; nil if unknown.
        package let column: Int?

        package init(message: String, column: Int? = nil) {
            self.message = message
            self.column = column
        }
    }

    /// What is wrong with a program; nil if it compiles.
    package var check: @Sendable (String) -> Complaint?
    /// Whether a program is a plain path such as `.a["b c"][0]` or `.a[].b`.
    package var isPlainPath: @Sendable (String) -> Bool

    package init(
        check: @escaping @Sendable (String) -> Complaint?,
        isPlainPath: @escaping @Sendable (String) -> Bool
    ) {
        self.check = check
        self.isPlainPath = isPlainPath
    }
}

/// Checks where a URL leads to, as far as its text tells.
package struct DestinationChecker: Sendable {
    package struct Complaint: Sendable {
        package let message: String
        package let hint: String

        package init(message: String, hint: String) {
            self.message = message
            self.hint = hint
        }
    }

    /// What is wrong with a URL under the entries of `network.allow`; nil if nothing is.
    package var check: @Sendable (_ url: String, _ allow: [String]) -> Complaint?

    package init(check: @escaping @Sendable (String, [String]) -> Complaint?) {
        self.check = check
    }
}

/// Looks for programs of this machine.
package struct ProgramChecker: Sendable {
    /// Why a program, by its path from a folder or its name, cannot be run; nil if it can.
    package var check: @Sendable (_ program: String, _ folder: String) -> String?

    package init(check: @escaping @Sendable (String, String) -> String?) { self.check = check }
}

/// Checks the entries of `network.allow`: what is wrong with one, or nil.
package struct AllowEntryChecker: Sendable {
    package var check: @Sendable (String) -> String?

    package init(check: @escaping @Sendable (String) -> String?) { self.check = check }
}

/// Knows the names of time zones, as in `Europe/Berlin`.
package struct ZoneChecker: Sendable {
    /// The rules of a zone; nil if there is none of that name.
    package var rules: @Sendable (String) -> (any ZoneRules)?

    package init(rules: @escaping @Sendable (String) -> (any ZoneRules)?) { self.rules = rules }
}

/// Checks private Ed25519 keys: what is wrong with one, or nil.
package struct SigningKeyChecker: Sendable {
    package var check: @Sendable (String) -> String?

    package init(check: @escaping @Sendable (String) -> String?) { self.check = check }
}

/// Opens archives of adapters.
package struct PackOpener: Sendable {
    package struct Complaint: Error, Sendable {
        package let code: String
        package let message: String
        package let hint: String

        package init(code: String, message: String, hint: String = "") {
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    /// The YAML files of an archive by their paths in it.
    package var open: @Sendable ([UInt8]) -> Result<[String: [UInt8]], Complaint>
    /// SHA-256 of an archive, in hexadecimal digits.
    package var checksum: @Sendable ([UInt8]) -> String

    package init(
        open: @escaping @Sendable ([UInt8]) -> Result<[String: [UInt8]], Complaint>,
        checksum: @escaping @Sendable ([UInt8]) -> String
    ) {
        self.open = open
        self.checksum = checksum
    }

    /// Opens none.
    package static let none = PackOpener(
        open: { _ in .failure(Complaint(code: "pack_none", message: "archives are not read here"))
        },
        checksum: { _ in "" })
}
