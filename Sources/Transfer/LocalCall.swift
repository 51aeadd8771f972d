/// What a request asks of this machine instead of a host: a program, or code of this process.
///
/// An ``Exchange`` that knows neither refuses it. Its URL, as in `exec:orders`, is a name for
/// people; what comes back is an ``HTTPResponse`` like any other: 200 with a page, 206 with a page
/// of a list that is not complete, 304 if nothing is new.
package indirect enum LocalCall: Sendable, Hashable {
    case program(ProgramCall)
    case code(CodeCall)
}

/// Which header an answer states what in.
package enum LocalHeader {
    /// Where the next poll starts, as the program or the code says.
    package static let cursor = "pullcord-cursor"
    /// What leads to the next page.
    package static let next = "pullcord-next"
    /// A JSON array of the members that are a record's key.
    package static let key = "pullcord-key"
}

/// One run of a program.
package struct ProgramCall: Sendable, Hashable {
    /// The program and its arguments; a path, or a name that is looked for in `PATH`.
    package var command: [String]
    /// What a relative path of the program starts from.
    package var folder: String
    /// The working directory, relative to `folder`; nil for that itself.
    package var directory: String?
    /// Variables of its environment besides the few that every program gets.
    package var environment: [String: String]
    /// What it reads from standard input; nil for nothing.
    package var input: [UInt8]?
    /// Bytes of address space; nil for no bound.
    package var memoryBytes: Int?
    /// Whether everything is asked for, so that "nothing new" is no answer.
    package var wantsAll: Bool
    /// Whether what it prints is lines, so that the last has to be whole.
    package var printsLines: Bool
    /// nil for a program that prints records.
    package var singer: SingerCall?

    package init(
        command: [String], folder: String, directory: String? = nil,
        environment: [String: String] = [:],
        input: [UInt8]? = nil, memoryBytes: Int? = nil, wantsAll: Bool = false,
        printsLines: Bool = true, singer: SingerCall? = nil
    ) {
        self.printsLines = printsLines
        self.command = command
        self.folder = folder
        self.directory = directory
        self.environment = environment
        self.input = input
        self.memoryBytes = memoryBytes
        self.wantsAll = wantsAll
        self.singer = singer
    }
}

/// What a Singer tap is asked for: one of its streams.
package struct SingerCall: Sendable, Hashable {
    /// How the tap learns which stream is wanted.
    package enum Catalog: String, Sendable, Hashable {
        /// From what it discovers itself, with `--catalog`.
        case discover
        /// The same with `--properties`, as older taps have it.
        case properties
        /// It sends all of its streams, and the others are left out.
        case none
    }

    /// The stream's name as the tap has it.
    package var stream: String
    /// A JSON object; nil for no `--config`.
    package var config: [UInt8]?
    package var catalog: Catalog
    /// Whether the whole list is wanted, so that what is missing is gone.
    package var isWhole: Bool
    /// The field that the tap goes on by; nil to leave that to the tap.
    package var replicationKey: String?
    /// What the last run stated, with the key that it went by; nil at first.
    package var cursor: String?
    /// Whether the SCHEMA says what a record's key is.
    package var statesKey: Bool

    package init(
        stream: String, config: [UInt8]? = nil, catalog: Catalog = .discover,
        isWhole: Bool = false, replicationKey: String? = nil, cursor: String? = nil,
        statesKey: Bool = true
    ) {
        self.stream = stream
        self.config = config
        self.catalog = catalog
        self.isWhole = isWhole
        self.replicationKey = replicationKey
        self.cursor = cursor
        self.statesKey = statesKey
    }
}

/// One page of a source in code.
package struct CodeCall: Sendable, Hashable {
    /// The name that the source is registered by.
    package var name: String
    /// The source of the bridge file that asks.
    package var source: String
    package var stream: String
    package var parameters: [String: String]
    /// What the source stated at the end of the last poll, or the greatest value of records.
    package var cursor: String?
    /// What the page before led to; nil for the first page.
    package var page: String?
    package var wantsAll: Bool

    package init(
        name: String, source: String, stream: String, parameters: [String: String] = [:],
        cursor: String? = nil, page: String? = nil, wantsAll: Bool = false
    ) {
        self.name = name
        self.source = source
        self.stream = stream
        self.parameters = parameters
        self.cursor = cursor
        self.page = page
        self.wantsAll = wantsAll
    }
}
