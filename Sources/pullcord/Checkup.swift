import Foundation
import Glibc
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordPrograms
import PullcordSQLiteStore

/// What `pullcord doctor` looks at on this machine; the network is in `Checkup+Network.swift`.
enum Checkup {
    /// Bytes that a store should have left, and those without which polls will soon stop.
    private static let room = (advised: 1 << 30, least: 64 << 20)
    /// Descriptors that polls, deliveries and the store may need at once.
    private static let filesAdvised = 4096
    /// How long before its end a certificate is worth a word.
    static let certificateDays = 21

    static func files(
        _ configuration: Configuration, _ bridgeFile: String, _ paths: [String]
    ) -> [Finding] {
        let streams = configuration.sources.reduce(0) { $0 + $1.streams.count }
        var findings = [
            Finding(
                .ok, "configuration",
                "\(counted(configuration.sources.count, "source")) with "
                    + "\(counted(streams, "stream")), "
                    + counted(configuration.subscriptions.count, "subscription"))
        ]
        findings += configuration.warnings.diagnostics.map {
            Finding(.warn, "configuration", "\($0.place): \($0.message)", $0.hint)
        }
        findings += programs(configuration)
        // Adapters hold no secrets, and are for everybody to read.
        let secret = paths.filter { !$0.hasSuffix(".yaml") && !$0.hasSuffix(".yml") }
        let all = secret + tlsFiles(configuration).compactMap(\.key)
        let open = Set(all).sorted().compactMap { path -> Finding? in
            var status = stat()
            guard unsafe stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
            return Finding(
                .warn, "secret file", "\(path) can be read by others",
                "chmod 600 \(path)")
        }
        if open.isEmpty, !all.isEmpty {
            findings.append(
                Finding(.ok, "secret files", "\(Set(all).count), for this user alone"))
        }
        return findings + open
    }

    private static func counted(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// Whether the programs that sources run are there.
    private static func programs(_ configuration: Configuration) -> [Finding] {
        var seen: Set<String> = []
        return configuration.sources.compactMap { source in
            guard let program = source.adapter.origin.program,
                seen.insert("\(program.folder) \(program.program.text)").inserted
            else { return nil }
            let path = Environment.all["PATH"] ?? ProgramFile.pathDefault
            switch ProgramFile.find(program.program.text, from: program.folder, path: path) {
            case .found(let file): return Finding(.ok, "program", file)
            case .missing(let reason):
                return Finding(.fail, "program", reason, "see \(program.program.place)")
            }
        }
    }

    static func store(_ path: String, readsAll: Bool) async -> [Finding] {
        var findings: [Finding] = []
        let folder = (path as NSString).deletingLastPathComponent
        findings.append(space(folder.isEmpty ? "." : folder))
        guard FileManager.default.fileExists(atPath: path) else {
            findings.append(
                Finding(.ok, "store", "\(path) is not there yet: pullcord run makes it"))
            return findings
        }
        let owner = SQLiteStore.owner(path: path).map { "; a daemon runs: \($0)" } ?? ""
        do throws(StoreError) {
            let reader = try SQLiteReader.open(path: path)
            let damage = readsAll ? try await reader.damage() : []
            if damage.isEmpty {
                let checked = readsAll ? "is whole" : "can be read"
                findings.append(Finding(.ok, "store", "\(path) \(checked)\(owner)"))
            } else {
                findings.append(
                    Finding(
                        .fail, "store", "\(path): \(damage.joined(separator: "; "))",
                        "stop the daemon and restore a backup; events since then are found again"))
            }
        } catch {
            findings.append(Finding(.fail, "store", "\(path): \(error.message)", error.hint))
        }
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
            findings.append(
                Finding(.warn, "store", "\(path) can be read by others", "chmod 600 \(path)"))
        }
        return findings
    }

    /// What the store defines beside the file: whether it opens with the key and is right.
    static func definitions(_ configuration: Configuration, _ bridgeFile: String) async -> [Finding]
    {
        guard let reader = try? SQLiteReader.open(path: configuration.storePath) else { return [] }
        let book = Workplace.book(reading: reader, bridgeFile)
        do {
            let all = try await book.configuration()
            let broken = try await book.broken()
            let number =
                all.sources.count + all.subscriptions.count + broken.count
                - configuration.sources.count - configuration.subscriptions.count
            guard number > 0 else { return [] }
            return [Finding(.ok, "definitions", "\(number) in the store")]
                + broken.map { definition in
                    let complaint = definition.complaints.first { $0.isError }
                    return Finding(
                        .fail, "definitions",
                        "the \(definition.kind) `\(definition.name)` is set aside: "
                            + (complaint?.description ?? "it is wrong"),
                        "pullcord \(definition.kind) show \(definition.name)")
                }
        } catch let problem as Problem {
            return [Finding(.fail, "definitions", problem.message, problem.hint)]
        } catch {
            return [Finding(.fail, "definitions", "\(error)")]
        }
    }

    private static func space(_ folder: String) -> Finding {
        var status = statvfs()
        guard unsafe statvfs(folder, &status) == 0 else {
            let words = unsafe String(cString: strerror(errno))
            return Finding(.fail, "disk", "\(folder): \(words)", "make the folder first")
        }
        let free = Int(clamping: UInt64(status.f_bavail)) * Int(clamping: UInt64(status.f_frsize))
        let text = "\(Shown.bytes(free)) free in \(folder)"
        let hint = "retention in the bridge file keeps less; a larger disk keeps more"
        if free < room.least { return Finding(.fail, "disk", text, hint) }
        return free < room.advised
            ? Finding(.warn, "disk", text, hint) : Finding(.ok, "disk", text)
    }

    static func certificates(_ configuration: Configuration) -> [Finding] {
        let files = tlsFiles(configuration)
        let paths = Set(files.flatMap { [$0.authority, $0.certificate] }.compactMap { $0 })
        return paths.sorted().map { path in
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            guard let end = CertificateDates.earliestEnd(inPEM: text) else {
                return Finding(
                    .fail, "certificate", "\(path) holds none that can be read",
                    "a PEM file is needed")
            }
            let now = Workplace.time.wall()
            let date = end.description.prefix(10)
            if end <= now {
                return Finding(.fail, "certificate", "\(path) ended on \(date)", "renew it")
            }
            let isNear = end - now < .seconds(certificateDays * 86_400)
            return Finding(
                isNear ? .warn : .ok, "certificate", "\(path) is valid until \(date)",
                isNear ? "renew it; it is read again by itself" : "")
        }
    }

    private static func tlsFiles(_ configuration: Configuration) -> [BoundAccess.Files] {
        let own = configuration.api?.tls.map { tls in
            BoundAccess.Files(authority: nil, certificate: tls.certificate, key: tls.key)
        }
        return configuration.subscriptions.compactMap(\.access.files)
            + configuration.sources.compactMap(\.files) + [own].compactMap { $0 }
    }

    static func openFiles() -> Finding {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding(.warn, "open files", "the limit cannot be read")
        }
        let soft = Int(clamping: UInt64(limit.rlim_cur))
        return soft < filesAdvised
            ? Finding(
                .warn, "open files", "at most \(soft)",
                "ulimit -n \(filesAdvised), or LimitNOFILE= in the unit; a daemon may have more")
            : Finding(.ok, "open files", "up to \(soft)")
    }
}
