import PullcordAdapter
import PullcordModel

/// The keys of `exec`, and of who may use it.
package enum ExecKeys {
    /// A word of a command line, or several that are left out together.
    private static let words = KeyType.list(.either([.template, .list(.template)]))

    package static let exec = KeyTable(
        "`exec`", "A program that brings the records, instead of an API.",
        elsewhere: [
            "args": "arguments stand in `command`, behind the program",
            "arguments": "arguments stand in `command`, behind the program",
            "env": "write `environment`", "cwd": "write `directory`",
            "shell": "there is no shell; run one by name if you need it: [sh, -c, \"…\"]",
            "state": "what a tap states is kept and given back by itself",
        ],
        [
            .init(
                "command", words, required: true,
                "The program and its arguments; a list within it is left out as a whole where a "
                    + "value is absent."),
            .init(
                "protocol", .choice(ProgramSpec.Language.allCases.map(\.rawValue)),
                default: "ndjson",
                "What it prints: records, one a line, or the messages of a Singer tap."),
            .init("environment", .map(.template), "Variables of its environment."),
            .init(
                "stdin", .either([.template, .json]), "What it reads: a text, or JSON as YAML."),
            .init(
                "directory", .text, default: "the adapter's folder",
                "Its working directory, relative to the adapter's folder."),
            .init(
                "timeout", .duration(Limits.programMilliseconds), default: "10m",
                "How long it may run."),
            .init(
                "output_max", .size(1...Limits.dumpBytesMax), default: "1GiB",
                "Bytes of what it prints."),
            .init(
                "memory_max", .size(16 << 20...1 << 40), default: "none",
                "Bytes of its address space."),
            .init("config", .json, "What a Singer tap is told with --config."),
            .init(
                "catalog", .choice(ProgramSpec.Catalog.allCases.map(\.rawValue)),
                default: "discover",
                "How a tap learns which stream is wanted: what it discovers goes back with "
                    + "--catalog or --properties, or not at all."),
        ])

    package static let part = KeyTable(
        "`exec` of a stream", "What a stream adds to the program of its adapter.",
        elsewhere: ["command": "`command` belongs to `exec` at the top of the adapter"],
        [
            .init("arguments", words, "More arguments, behind those of all streams."),
            .init("environment", .map(.template), "More variables."),
            .init("tap_stream", .text, default: "the stream's name", "What the tap calls it."),
            .init(
                "replication_key", .text, default: "the tap's own",
                "The field that a tap goes on by."),
        ])

    package static let programs = KeyTable(
        "`programs`", "Which adapters may run programs on this machine.",
        [
            .init("allow", .list(.text), required: true, "Adapters, as sources name them."),
            .init(
                "store", .boolean, default: "false",
                "Whether sources that are kept in the store may use them too."),
        ])

    /// A stream of an adapter without requests.
    static let stream = KeyTable(
        StreamKeys.stream.name, StreamKeys.stream.summary,
        elsewhere: StreamKeys.stream.elsewhere,
        StreamKeys.stream.keys.map { key in
            guard key.name == "key" else { return key }
            return .init(key.name, key.type, default: key.defaultText, key.summary)
        })
}
