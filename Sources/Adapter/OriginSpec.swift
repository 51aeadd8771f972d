package import PullcordModel

/// Where the records of an adapter come from.
package enum OriginSpec: Sendable, Equatable {
    /// From an API of HTTP.
    case network
    /// From a program that is run.
    case program(ProgramSpec)
    /// From code of the process, by the name that it is registered by.
    case code(String)

    package var isNetwork: Bool { self == .network }

    package var program: ProgramSpec? {
        if case .program(let program) = self { program } else { nil }
    }

    /// The scheme of what stands for a URL.
    package var scheme: String {
        switch self {
        case .network: "https"
        case .program: "exec"
        case .code: "swift"
        }
    }
}

/// Headers of answers of this machine, as an adapter's reader knows them.
package enum LocalNames {
    /// Where the next poll starts.
    package static let cursor = "pullcord-cursor"
    /// What leads to the next page.
    package static let next = "pullcord-next"
}

/// Words of a command line that go together: where one needs a value that is absent, all are left
/// out.
package typealias Words = [Template]

/// A program that brings the records of all streams.
package struct ProgramSpec: Sendable, Equatable {
    package enum Language: String, Sendable, CaseIterable {
        /// It prints records, one a line unless a stream has another `format`.
        case ndjson
        /// The messages of a Singer tap.
        case singer
    }

    /// How a tap learns which stream is wanted.
    package enum Catalog: String, Sendable, CaseIterable {
        case discover, properties, none
    }

    /// A path, or a name that is looked for in `PATH`.
    package var program: LocatedText
    package var arguments: [Words]
    /// What a relative path starts from: the folder of the file that says it.
    package var folder: String
    package var language = Language.ndjson
    package var environment: [NamedTemplate] = []
    package var input: RequestSpec.Body?
    /// The working directory, relative to ``folder``; nil for that itself.
    package var directory: String?
    /// Bytes of address space; nil for no bound.
    package var memoryBytes: Int?
    /// What a tap is told with `--config`.
    package var config: JSONTemplate?
    package var catalog = Catalog.discover
    package var place: Place

    package init(program: LocatedText, arguments: [Words], folder: String, place: Place) {
        self.program = program
        self.arguments = arguments
        self.folder = folder
        self.place = place
    }

    package var templates: [Template] {
        arguments.flatMap { $0 } + environment.map(\.value) + (input?.templates ?? [])
            + (config?.templates ?? [])
    }
}

/// What one stream adds to the program of its adapter.
package struct ProgramPartSpec: Sendable, Equatable {
    package var arguments: [Words] = []
    package var environment: [NamedTemplate] = []
    /// The tap's own name of the stream; nil for the stream's.
    package var tapStream: String?
    /// The field that a tap goes on by; nil to leave that to the tap.
    package var replicationKey: String?

    package init() {}

    package var templates: [Template] { arguments.flatMap { $0 } + environment.map(\.value) }
}

extension AdapterSpec {
    /// The templates of what stands in the place of a request.
    package func programTemplates(for stream: StreamSpec) -> [Template] {
        (origin.program?.templates ?? []) + stream.program.templates
    }
}
