package import PullcordModel

/// An adapter on its way to a file: what it says, and what is known of each guess in it.
package struct AdapterDraft: Sendable, Equatable {
    package var name: String
    /// Comment lines at the top of the file, without their `#`.
    package var head: [String] = []
    /// The keys of the adapter but `adapter` and `streams`, in their order.
    package var entries: [DraftEntry] = []
    package var streams: [DraftStream] = []
    /// What was guessed, for a person to look at.
    package var findings: [Finding] = []

    package init(name: String) { self.name = name }

    /// The file.
    package var text: String {
        var writer = DraftWriter()
        writer.comments(head, indent: 0)
        writer.entry(DraftEntry("adapter", .text(name)), indent: 0)
        for entry in entries where !entry.value.isEmpty { writer.entry(entry, indent: 0) }
        writer.line("streams:")
        for stream in streams {
            writer.entry(
                DraftEntry(stream.name, .map(stream.entries), comments: stream.comments),
                indent: 2, isOpen: true)
        }
        return writer.text
    }
}

/// One stream of a draft.
package struct DraftStream: Sendable, Equatable {
    package var name: String
    package var comments: [String] = []
    package var entries: [DraftEntry]
    /// Where it stands in the file that it was made from.
    package var origin: Place?

    package init(name: String, entries: [DraftEntry], origin: Place? = nil) {
        self.name = name
        self.entries = entries
        self.origin = origin
    }
}

/// How much a guess can be relied on.
package enum Sureness: String, Sendable, CaseIterable {
    /// Stated by the API, or tried.
    case sure
    case likely
    /// Somebody has to decide.
    case unsure
}

/// One guess, with its reason.
package struct Finding: Sendable, Equatable {
    /// What it is about: `records`, `key`, `cursor`.
    package let subject: String
    /// What stands in the draft.
    package let guess: String
    /// Why.
    package let evidence: String
    package let sureness: Sureness
    /// The flag of the command that settles it; empty if there is none.
    package let flag: String

    package init(
        _ subject: String, _ guess: String, because evidence: String, _ sureness: Sureness,
        flag: String = ""
    ) {
        self.subject = subject
        self.guess = guess
        self.evidence = evidence
        self.sureness = sureness
        self.flag = flag
    }

    /// As a comment in the draft.
    package var comment: String { "\(guess): \(sureness.rawValue), \(evidence)" }
}

/// Something that could not be carried over from another tool's file.
package struct Leftover: Sendable, Equatable, CustomStringConvertible {
    package enum Weight: String, Sendable {
        /// Not in the adapter.
        case leftOut = "left out"
        /// In the adapter, but not quite the same.
        case changed = "changed"
    }

    package let weight: Weight
    package let place: Place
    /// What: a stream and a component of it.
    package let subject: String
    package let reason: String
    /// What to write by hand; empty if there is nothing to do.
    package let remedy: String

    package init(
        _ weight: Weight = .leftOut, at place: Place, _ subject: String, _ reason: String,
        remedy: String = ""
    ) {
        self.weight = weight
        self.place = place
        self.subject = StrangerText.printable(subject)
        self.reason = StrangerText.printable(reason)
        self.remedy = StrangerText.printable(remedy)
    }

    package var description: String {
        "\(place): \(weight.rawValue): \(subject): \(reason)"
            + (remedy.isEmpty ? "" : "\n  by hand: \(remedy)")
    }
}
