/// What one client brings to a TLS handshake, as PEM text (RFC 7468).
///
/// Connections made with different identities are never mixed up: libcurl compares the authority
/// and the certificate before it uses a connection or a session again.
package struct TLSIdentity: Sendable, Hashable {
    /// Replaces the system's certificate authorities; nil leaves them.
    package let authority: [UInt8]?
    /// The client's certificate, followed by those that lead to its authority; nil for none.
    package let certificate: [UInt8]?
    /// The private key of the certificate, not encrypted.
    package let key: [UInt8]?

    package init(authority: [UInt8]? = nil, certificate: [UInt8]? = nil, key: [UInt8]? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}

extension TLSIdentity: CustomStringConvertible, CustomReflectable {
    /// Nothing of what is in it.
    package var description: String { "TLSIdentity(***)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
