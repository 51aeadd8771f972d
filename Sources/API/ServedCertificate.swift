import Crypto
import CryptoExtras
import Logging
import NIOCore
import NIOSSL
import PullcordAdapter
import PullcordEngine
import PullcordModel
import PullcordTransfer
import Synchronization

/// The certificate that the API is served with, read again when its files change: a renewed one
/// serves the next connection, and needs no restart.
final class ServedCertificate: Sendable {
    private struct State {
        var identity: TLSIdentity
        var pair: NIOSSLContextConfigurationOverride
    }

    private let files: TLSFiles
    private let time: any TimeSource
    private let log: Logger
    private let state: Mutex<State>

    /// - Throws: what NIOSSL says of a certificate or a key that cannot be used.
    init(_ paths: APISpec.TLSFiles, time: any TimeSource, log: Logger) throws {
        files = TLSFiles(authority: nil, certificate: paths.certificate, key: paths.key)
        self.time = time
        self.log = log
        let identity = files.current(now: time.monotonic())
        state = Mutex(State(identity: identity, pair: try Self.pair(identity)))
    }

    /// What a server is made with; each handshake asks for what is current.
    func configuration() throws -> TLSConfiguration {
        guard let chain = current().certificateChain, let key = current().privateKey else {
            throw NIOSSLError.failedToLoadCertificate
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: key)
        configuration.minimumTLSVersion = .tlsv12
        configuration.sslContextCallback = { [self] _, promise in promise.succeed(current()) }
        return configuration
    }

    /// What the next handshake goes by.
    ///
    /// A pair that cannot be used, because only one of its files is new say, leaves what was there.
    func current() -> NIOSSLContextConfigurationOverride {
        let identity = files.current(now: time.monotonic())
        return state.withLock { state in
            guard identity != state.identity else { return state.pair }
            state.identity = identity
            do {
                state.pair = try Self.pair(identity)
                log.notice("certificate read again")
            } catch {
                log.error("certificate not taken", metadata: ["reason": "\(error)"])
            }
            return state.pair
        }
    }

    private static func pair(_ identity: TLSIdentity) throws -> NIOSSLContextConfigurationOverride {
        guard let certificate = identity.certificate, let key = identity.key else {
            throw NIOSSLError.failedToLoadCertificate
        }
        let chain = try NIOSSLCertificate.fromPEMBytes(certificate)
        guard !chain.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
        var pair = NIOSSLContextConfigurationOverride()
        let secret = try NIOSSLPrivateKey(bytes: key, format: .pem)
        guard try belong(chain[0], key) else { throw Mismatch() }
        pair.certificateChain = chain.map { .certificate($0) }
        pair.privateKey = .privateKey(secret)
        return pair
    }

    private struct Mismatch: Error, CustomStringConvertible {
        let description = "the key is not the certificate's"
    }

    /// Whether the private key is that of the certificate; BoringSSL would only fail each handshake.
    ///
    /// Keys that are neither RSA nor of a NIST curve are left to the handshake.
    private static func belong(_ certificate: NIOSSLCertificate, _ key: [UInt8]) throws -> Bool {
        let pem = String(decoding: key, as: UTF8.self)
        let kinds: [(String) throws -> [UInt8]] = [
            {
                Array(
                    try P256.Signing.PrivateKey(pemRepresentation: $0).publicKey.derRepresentation)
            },
            {
                Array(
                    try P384.Signing.PrivateKey(pemRepresentation: $0).publicKey.derRepresentation)
            },
            {
                Array(
                    try P521.Signing.PrivateKey(pemRepresentation: $0).publicKey.derRepresentation)
            },
            {
                Array(
                    try _RSA.Signing.PrivateKey(pemRepresentation: $0).publicKey.derRepresentation)
            },
        ]
        let own = kinds.lazy.compactMap { try? $0(pem) }.first
        return try own.map { try $0 == certificate.extractPublicKey().toSPKIBytes() } ?? true
    }
}
