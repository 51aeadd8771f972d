import Crypto
import PullcordJSON
package import PullcordModel
package import PullcordTransfer

/// Asks an endpoint for its consent, and judges what it answers.
package struct Introducer: Sendable {
    private let exchange: any Exchange
    private let userAgent: String

    /// `version` goes into `User-Agent: Pullcord/<version>`.
    package init(exchange: any Exchange, version: String) {
        self.exchange = exchange
        userAgent = "Pullcord/\(version)"
    }

    /// Stands for a URL and for who asks, so that another of either is asked anew.
    package static func identity(url: Secret, origin: String) -> String {
        let hash = SHA256.hash(data: Array("\(origin)\n\(url.expose())".utf8))
        return hash.prefix(12).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    /// Asks once.
    ///
    /// `rate` is the most that we would send; `nonce`, random text of hexadecimal digits, is what
    /// the answer to a challenge has to hold.
    package func ask(
        _ kind: Introduction.Kind, _ endpoint: Endpoint, rate: Rate?, nonce: String,
        time: any TimeSource
    ) async -> Introduction.Answer {
        let outcome: EndpointAccess.Outcome
        do throws(WireError) {
            outcome = try await endpoint.access.send(over: exchange, time: time) {
                now throws(WireError) in
                switch kind {
                case .handshake: handshake(endpoint, rate: rate)
                case .challenge: try challenge(endpoint, nonce: nonce, now: now)
                }
            }
        } catch {
            return .refused(reason: "\(kind.rawValue): \(error.message)")
        }
        let answer: Introduction.Answer
        switch outcome.answer {
        case .success(let response):
            let origin = endpoint.access.origin ?? ""
            answer =
                switch kind {
                case .handshake: Self.consent(response, origin: origin, asksRate: rate != nil)
                case .challenge: Self.proof(response, nonce: nonce)
                }
        case .failure(let error):
            switch error.code {
            case .cancelled, .stopped, .overloaded: answer = .abandoned
            default: answer = .refused(reason: error.message)
            }
        }
        guard case .refused(let reason) = answer else { return answer }
        return .refused(reason: "\(kind.rawValue): \(endpoint.redactor.redact(reason))")
    }

    private func handshake(_ endpoint: Endpoint, rate: Rate?) -> HTTPRequest {
        let agent = endpoint.namesUserAgent ? [] : [HTTPField("User-Agent", userAgent)]
        var headers = agent + Self.own(endpoint)
        if let rate { headers.append(HTTPField("WebHook-Request-Rate", String(rate.perMinute))) }
        return request(.options, endpoint, headers, nil)
    }

    private func challenge(
        _ endpoint: Endpoint, nonce: String, now: Timestamp
    ) throws(WireError) -> HTTPRequest {
        let body = Array(
            ("{\"type\":\"pullcord.endpoint.challenge\",\"timestamp\":\"\(now)\","
                + "\"data\":{\"challenge\":\"\(nonce)\"}}").utf8)
        let signed = try endpoint.signedHeaders(
            id: EventID("chl_\(nonce)"), contentType: "application/json", body: body,
            userAgent: userAgent, at: now)
        return request(.post, endpoint, signed + Self.own(endpoint), body)
    }

    /// The subscription's own headers, those left out that say something of an event.
    private static func own(_ endpoint: Endpoint) -> [HTTPField] {
        endpoint.headers.compactMap { header in
            header.constantValue.map { HTTPField(header.name, $0) }
        }
    }

    private func request(
        _ method: HTTPMethod, _ endpoint: Endpoint, _ headers: [HTTPField], _ body: [UInt8]?
    ) -> HTTPRequest {
        HTTPRequest(
            method: method, url: endpoint.url.expose(), headers: headers, body: body,
            deadlines: Deadlines(
                connect: min(Deadlines.delivery.connect, endpoint.timeout),
                firstByte: endpoint.timeout, total: endpoint.timeout),
            bodyLimit: .reply)
    }

    /// Consent is what the headers say, whatever the status (section 4.2).
    package static func consent(
        _ response: HTTPResponse, origin: String, asksRate: Bool
    ) -> Introduction.Answer {
        let origins = words(response, "webhook-allowed-origin")
        guard !origins.isEmpty else {
            return .refused(
                reason: "answered \(response.status) without WebHook-Allowed-Origin")
        }
        guard origins.contains(where: { $0 == "*" || $0.lowercased() == origin.lowercased() })
        else {
            return .refused(reason: "WebHook-Allowed-Origin does not name \(origin)")
        }
        guard let text = words(response, "webhook-allowed-rate").first else {
            return asksRate
                ? .refused(reason: "answered \(response.status) without WebHook-Allowed-Rate")
                : .agreed(rate: nil)
        }
        if text == "*" { return .agreed(rate: nil) }
        guard let rate = Rate("\(text)/m") else {
            return .refused(reason: "WebHook-Allowed-Rate is neither a number nor *")
        }
        return .agreed(rate: rate)
    }

    /// The answer is the challenge itself, or a JSON object with it.
    package static func proof(_ response: HTTPResponse, nonce: String) -> Introduction.Answer {
        guard (200...299).contains(response.status) else {
            return .refused(reason: "answered \(response.status)")
        }
        let text = String(decoding: response.body, as: UTF8.self)
        let bare = text.drop { $0.isWhitespace }
        if bare.hasPrefix(nonce), bare.dropFirst(nonce.count).allSatisfy(\.isWhitespace) {
            return .agreed(rate: nil)
        }
        if case .string(let sent)? = (try? JSONValue(parsing: response.body))?["challenge"],
            sent == nonce
        {
            return .agreed(rate: nil)
        }
        return .refused(reason: "answered \(response.status) without the challenge")
    }

    private static func words(_ response: HTTPResponse, _ name: String) -> [String] {
        response.headers.values(of: name).flatMap { value in
            value.split(separator: ",").map { word in
                String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
    }
}
