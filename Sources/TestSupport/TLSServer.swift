import Foundation
import Glibc

/// Certificates of a test's own, made by the `openssl` tool in a folder of their own.
package final class CertificateFolder: Sendable {
    private let folder: URL

    /// Makes the folder and an authority in it.
    package init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pullcord-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", "-days", "2")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The path of the authority's own certificate.
    package var authority: String { path("ca.pem") }

    /// Makes a certificate for a host name, signed by the authority.
    ///
    /// A negative number of days of validity makes an expired one.
    package func issue(_ host: String, days: Int = 2) throws -> TLSServer.Identity {
        let name = UUID().uuidString
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(host)", "-addext",
            "subjectAltName=DNS:\(host)")
        try openssl(
            "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "\(name).pem", "-days", "\(days)", "-copy_extensions",
            "copy")
        return TLSServer.Identity(certificate: path("\(name).pem"), key: path("\(name).key"))
    }

    /// Makes a certificate for a host name that no authority has signed.
    package func selfSigned(_ host: String) throws -> TLSServer.Identity {
        let name = UUID().uuidString
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "\(name).key", "-out", "\(name).pem", "-subj", "/CN=\(host)", "-addext",
            "subjectAltName=DNS:\(host)", "-days", "2")
        return TLSServer.Identity(certificate: path("\(name).pem"), key: path("\(name).key"))
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func openssl(_ arguments: String...) throws {
        let process = try ChildProcess(
            "openssl", arguments, directory: folder.path, output: .pipe)
        var text: [UInt8] = []
        while case let more = process.readAvailable(), !more.isEmpty { text += more }
        guard process.waitUntilEnd() == 0 else {
            throw TestSupportError.tool(
                "openssl", output: String(decoding: text, as: UTF8.self))
        }
    }
}

/// An HTTPS server on 127.0.0.1: the `openssl` tool's own, which answers 200 to everything.
package final class TLSServer {
    /// The paths of a certificate and of its private key.
    package struct Identity: Sendable {
        package let certificate: String
        package let key: String
    }

    /// The port that the system gave.
    package let port: UInt16
    private let process: ChildProcess

    /// Starts a server, with more options of `openssl s_server`, and returns when it listens.
    package init(_ identity: Identity, options: [String] = []) throws {
        process = try ChildProcess(
            "openssl",
            ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", identity.certificate, "-key"]
                + [identity.key] + options, output: .pipe)
        var text = ""
        while true {
            let more = process.readAvailable()
            text += String(decoding: more, as: UTF8.self)
            if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT ") }),
                text.hasSuffix("\n"),
                let port = line.split(separator: ":").last.flatMap({ UInt16($0) })
            {
                self.port = port
                break
            }
            guard !more.isEmpty else {
                throw TestSupportError.tool("openssl s_server", output: text)
            }
        }
    }

    deinit { stop() }

    /// Ends the server.
    package func stop() { process.signal(SIGKILL) }
}
