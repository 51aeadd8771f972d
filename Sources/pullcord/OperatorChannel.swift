import ArgumentParser
import Foundation
import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore

/// Gets a request carried out: by the daemon, if one owns the store, or by this process.
struct OperatorChannel {
    /// How long to wait for a daemon's answer.
    private static let patience: Duration = .seconds(10)
    private static let look: Duration = .milliseconds(50)
    /// After so many looks, see whether the owner has gone.
    private static let looksPerTry = 20

    let path: String
    private let options: ConfigOption
    private let loadsStreams: Bool

    /// With `makes`, a store that is not there yet is made; `loadsStreams` for requests about
    /// streams as their adapters describe them.
    init(_ options: ConfigOption, makes: Bool = false, loadsStreams: Bool = false) throws {
        self.options = options
        self.loadsStreams = loadsStreams
        path = try options.storePath()
        guard makes || FileManager.default.fileExists(atPath: path) else {
            throw StoreError(
                code: .io, operation: "open", path: path, message: "there is no such file",
                hint: "nothing has run yet: start Pullcord, or name another store")
        }
    }

    /// What was done, in words; throws ``Problem`` if it was refused.
    func perform(_ kind: String, _ arguments: [String: String]) async throws -> String {
        let arguments = Operations.write(arguments)
        let answer: OperatorAnswer
        if let own = try await asOwner({ try await $0.carryOut(kind, arguments: arguments) }) {
            answer = own
        } else {
            answer = try await ask(kind, arguments)
        }
        guard answer.isDone else { throw Refusal(text: answer.text) }
        return answer.text
    }

    /// A refusal that the daemon has put into words.
    struct Refusal: Error {
        let text: String
    }

    private func ask(_ kind: String, _ arguments: String) async throws -> OperatorAnswer {
        let time = Workplace.time
        let mailbox = try SQLiteMailbox(path: path)
        let request = try await mailbox.send(kind: kind, arguments: arguments, at: time.wall())
        let end = time.monotonic() + Self.patience
        var looks = 0
        while time.monotonic() < end {
            if let answer = try await mailbox.answer(to: request) { return answer }
            looks += 1
            if looks % Self.looksPerTry == 0 {
                _ = try await asOwner { try await $0.carryOutAll() }
            }
            try await time.sleep(until: time.monotonic() + Self.look)
        }
        throw Problem(
            code: "no_answer", message: "the process that owns the store has not answered in 10 s",
            place: path,
            hint: "the request stays for ten minutes; pullcord audit shows when it was carried out")
    }

    /// The sources that can be steered where no daemon runs.
    private func roster(_ store: SQLiteStore) async throws -> StillStreams {
        guard loadsStreams else {
            let named = try await store.streams().filter { $0.isInFile && !$0.address.isInternal }
            return StillStreams([], sources: named.map(\.address.source.text))
        }
        return StillStreams(try await Assembly(try await options.loadAll(), store: store).streams)
    }

    /// Works on the store as its owner; nil if another process is that.
    private func asOwner<Value>(
        _ work: (Operations) async throws -> Value
    ) async throws -> Value? {
        let store: SQLiteStore
        do throws(StoreError) {
            store = try SQLiteStore.open(path: path, now: Workplace.time.wall())
        } catch {
            guard error.code == .owned else { throw error }
            return nil
        }
        do {
            var operations = Operations.standard(
                store: store, deliver: nil, time: Workplace.time)
            operations.addSteering(try await roster(store), store: store)
            operations.addDefinitions(Workplace.book(options.config, store))
            let value = try await work(operations)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }
}
