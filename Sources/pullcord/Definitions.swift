import Foundation
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordSigning
import PullcordTransfer

extension ConfigOption {
    /// Reads the bridge file with what its store defines besides.
    ///
    /// Ends with status 1 after complaints about the file, and throws ``Problem`` if the two do not
    /// go together.
    func loadAll() async throws -> Configuration {
        let configuration = try load()
        // A store that is not there, or older than definitions, has none.
        guard let reader = try? SQLiteReader.open(path: configuration.storePath) else {
            return configuration
        }
        return try await Workplace.book(reading: reader, config).configuration()
    }
}

/// How commands get at the definitions of a bridge file and its store.
extension Workplace {
    private static func source(
        _ path: String, files: @escaping @Sendable () -> FileAccess = { Workplace.files }
    ) -> StoreBook.Source {
        StoreBook.Source(path: path, environment: ProcessInfo.processInfo.environment) {
            loader(over: files())
        }
    }

    /// The book of a process that owns the store and sends from it.
    static func book(
        _ path: String, _ store: SQLiteStore, _ exchange: any Exchange, watched: WatchedFiles
    ) -> StoreBook {
        StoreBook(
            source(path) { watched.beginning(over: files) }, store: store, time: time,
            tester: EndpointTester(exchange: exchange, time: time, version: Pullcord.version))
    }

    /// The book of a command that owns the store for a moment.
    static func book(_ path: String, _ store: SQLiteStore) -> StoreBook {
        StoreBook(source(path), store: store, time: time)
    }

    /// The book of a command that only looks.
    static func book(reading store: any DefinitionReader, _ path: String) -> StoreBook {
        StoreBook(reading: store, source(path), time: time)
    }

    /// Reads a book, and puts what is wrong with the file into a ``Problem``.
    static func load(
        _ book: StoreBook, showsWarnings: Bool = true
    ) async throws -> Configuration {
        do {
            let configuration = try await book.load()
            if showsWarnings { show(configuration.warnings) }
            return configuration
        } catch let report as DiagnosticReport {
            throw Problem(
                code: "configuration_refused", message: report.text(color: false))
        }
    }

    /// Files, with `-` for what comes from standard input.
    static let filesAndStandardInput = FileAccess(
        read: { path in
            guard path == "-" else { return files.read(path) }
            let bytes = try? FileHandle.standardInput.readToEnd()
            return .bytes(Array(bytes ?? Data()))
        }, list: files.list)

    /// What seals the secrets in requests to a daemon.
    static func sealer(_ path: String) throws -> DefinitionSealer {
        let keys = try loader.sealingKeys(
            of: path, environment: ProcessInfo.processInfo.environment
        ).get()
        do throws(SigningError) {
            return DefinitionSealer(keys.isEmpty ? nil : try SealingKeys(parsing: keys))
        } catch {
            throw Problem(code: error.code.rawValue, message: error.message, hint: error.hint)
        }
    }
}
