import PullcordModel
import PullcordSigning
import PullcordTransfer

extension Endpoint {
    /// The headers of a signed POST: content type, user agent, signatures, `others` of ours, and
    /// where the subscription wants it a signature of the whole request, which covers all of them.
    ///
    /// - Throws: ``WireError`` `unsigned` if no secret is valid any more.
    func signedHeaders(
        id: EventID, contentType: String, body: [UInt8], others: [HTTPField] = [],
        userAgent: String, at time: Timestamp
    ) throws(WireError) -> [HTTPField] {
        let secrets = keys.secrets(at: time)
        guard !secrets.isEmpty || keys.ed25519 != nil else {
            throw WireError(
                code: .unsigned, place: "secret", message: "the `until` of every secret is past",
                hint: "give the subscription a new secret")
        }
        var headers = [HTTPField("Content-Type", contentType)]
        if !namesUserAgent { headers.append(HTTPField("User-Agent", userAgent)) }
        let signed = Signer.headers(
            id: id, time: time, body: body, secrets: secrets, key: keys.ed25519)
        headers += signed.map { HTTPField($0.name, $0.value) }
        headers += others
        guard keys.requests != nil else { return headers }
        let signature = MessageSignature.headers(
            method: HTTPMethod.post.rawValue, targetURI: targetURI,
            headers: headers.map { ($0.name, $0.value) }, body: body, time: time,
            keys: keys.messageKeys(at: time))
        return headers + signature.map { HTTPField($0.name, $0.value) }
    }

    /// Whether the subscription says itself who sends.
    var namesUserAgent: Bool { headers.contains { $0.name.lowercased() == "user-agent" } }
}
