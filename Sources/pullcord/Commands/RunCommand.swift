import ArgumentParser
import Logging
import PullcordAPI
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Poll the sources and deliver the events until stopped.",
        discussion: """
            SIGTERM and SIGINT stop in order: no new poll, polls end with their page, POSTs under \
            way are settled, the store is closed; what takes longer than 30 seconds is cut off. \
            After kill -9 simply start again: no change is lost and no id changes.

            SIGHUP, `pullcord reload` and a change of the bridge file, of an adapter or of a secret \
            file put the new configuration to work while everything else goes on; one with a \
            mistake in it is refused, and the log says where the mistake is.

            With --once everything that is due is polled once and what it finds is delivered. \
            Then it ends with status 0; with 3 if a poll failed or something found is not \
            delivered; with 4 if it was stopped, or was not done in --seconds. Cron may call it as \
            often as the shortest `every`.

            Status 1 is a mistake that another start does not mend: in the files, or a store that \
            is damaged or newer than this Pullcord. Status 75 may be well at the next start: the \
            store belongs to another process or its disk fails, the port is taken.

            One line of log per poll and per attempt goes to standard error.
            """)

    @OptionGroup var options: ConfigOption

    @Option(help: "How log lines are written.")
    var logFormat: LineLogHandler.Format = .text

    @Option(help: "The least level that is logged.")
    var logLevel: LogLevel = .info

    @Flag(help: "Poll what is due, deliver what it finds, and end.")
    var once = false

    @Option(help: "How many seconds --once may take.")
    var seconds = 300

    func validate() throws {
        guard (1...86_400).contains(seconds) else {
            throw ValidationError("--seconds takes 1 to 86400.")
        }
    }

    func run() async throws {
        let watched = WatchedFiles()
        let configuration = try options.load(watched: watched)
        var log = Logger(label: "pullcord") { [logFormat, logLevel] _ in
            LineLogHandler(logLevel: logLevel.level, format: logFormat, time: Workplace.time)
        }
        log.logLevel = logLevel.level
        try await explaining(status: Self.status) {
            var daemon = Daemon(configuration: configuration, log: log)
            daemon.definitions = { [path = options.config] store, exchange in
                Workplace.book(path, store, exchange, watched: watched)
            }
            if once {
                daemon.onceMax = .seconds(seconds)
            } else {
                daemon.watched = watched
                daemon.load = { [path = options.config] in
                    try Workplace.load(path, watched: watched)
                }
            }
            switch try await daemon.run() {
            case nil, .done: return
            case .incomplete: throw ExitCode(3)
            case .late: throw ExitCode(4)
            }
        }
    }
}

extension RunCommand {
    /// The status that a service manager goes by: 1 where another start would end the same way,
    /// 75 (EX_TEMPFAIL of sysexits.h) where it may not.
    static func status(_ error: any Error) -> Int32 {
        switch error {
        case let error as StoreError:
            switch error.code {
            case .corrupt, .newerSchema: 1
            case .full, .busy, .owned, .fenced, .io, .closed, .fault: 75
            }
        case let error as APIError:
            switch error.code {
            case .tokensMissing, .certificate: 1
            case .portTaken, .cannotListen: 75
            }
        case is Problem, is DefinitionRefusal, is DiagnosticReport: 1
        default: 75
        }
    }
}

extension LineLogHandler.Format: ExpressibleByArgument {}

/// The levels that a person would choose between.
enum LogLevel: String, ExpressibleByArgument, CaseIterable, Sendable {
    case debug, info, notice, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
