import Foundation
import Glibc
import PullcordDrafting
import PullcordModel
import PullcordTransfer

/// A credential of a draft's requests: what kind it is, and its value.
struct DraftSecret {
    let kind: DraftCredential
    private let username: String
    private let value: Secret

    /// Nil if none was asked for.
    init?(_ access: DraftAccess) throws {
        let given = [access.bearer, access.basic, access.apiKey].count { $0 != nil }
        guard given > 0 else { return nil }
        guard given == 1 else {
            throw Problem(
                code: "credentials_many", message: "a request proves itself in one way",
                hint: "give one of --bearer, --basic and --api-key")
        }
        if let name = access.bearer {
            kind = .bearer
            username = ""
            value = try Self.secret(name, flag: "--bearer")
        } else if let text = access.basic {
            let parts = try Self.split(text, "--basic USER:VARIABLE")
            kind = .basic
            username = parts.0
            value = try Self.secret(parts.1, flag: "--basic")
        } else {
            let parts = try Self.split(access.apiKey ?? "", "--api-key HEADER:VARIABLE")
            if parts.0.hasPrefix("query.") {
                kind = .query(String(parts.0.dropFirst(6)))
            } else if parts.0.hasPrefix("cookie.") {
                kind = .cookie(String(parts.0.dropFirst(7)))
            } else {
                kind = .header(parts.0)
            }
            username = ""
            value = try Self.secret(parts.1, flag: "--api-key")
        }
    }

    private static func split(_ text: String, _ form: String) throws -> (String, String) {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else {
            throw Problem(
                code: "credential_form", message: "this is not of the form `\(form)`",
                hint: "the value itself stands in a variable of the environment")
        }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    /// The value of a variable, or what a person types.
    private static func secret(_ name: String, flag: String) throws -> Secret {
        let isName = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F
                || (0x61...0x7A).contains(byte)
        }
        if isName, let value = Environment.value(of: name), !value.isEmpty { return Secret(value) }
        guard isName else {
            throw Problem(
                code: "credential_form", message: "\(flag) takes the name of a variable, no value",
                hint: "export TOKEN=…; then \(flag) TOKEN")
        }
        guard Asking.isPossible, let value = Asking.secret("\(name) (not shown):") else {
            throw Problem(
                code: "credential_missing",
                message: "the environment has no variable `\(name)`",
                hint: "export \(name)=… before, so that the value stands on no command line")
        }
        return value
    }

    static func engine(_ access: DraftAccess) throws -> TransferEngine {
        try TransferEngine(
            policy: AddressPolicy(allow: try access.allow.map { try AllowEntry(parsing: $0) }),
            userAgent: "Pullcord/\(Pullcord.version)")
    }

    /// The header that carries it.
    var header: HTTPField? {
        switch kind {
        case .bearer: HTTPField("Authorization", "Bearer \(value.expose())")
        case .basic:
            HTTPField(
                "Authorization",
                "Basic \(Data("\(username):\(value.expose())".utf8).base64EncodedString())")
        case .header(let name): HTTPField(name, value.expose())
        case .cookie(let name): HTTPField("Cookie", "\(name)=\(value.expose())")
        case .query: nil
        }
    }

    /// The URL with the credential in it, where it belongs there.
    func completed(_ url: String) throws -> String {
        guard case .query(let name) = kind else { return url }
        var parts = try DraftURL(url)
        parts.query.removeAll { $0.name == name }
        parts.query.append(.init(name: name, value: value.expose()))
        return parts.text(query: parts.query)
    }

    var redactor: Redactor { Redactor([value]) }
}

/// Sends the requests that a draft is made from.
struct DraftSender {
    let engine: TransferEngine
    let secret: DraftSecret?
    let headers: [(name: String, value: String)]

    /// A URL fit to be shown: without values that look secret.
    func shown(_ url: String) -> String {
        guard var parts = try? DraftURL(url) else { return StrangerText.location(url) }
        parts.hideSecrets()
        return StrangerText.printable(parts.shown)
    }

    func send(_ url: String, headers more: [DraftHeader]) async throws -> SampleAnswer {
        var fields = headers.map { HTTPField($0.name, $0.value) }
        fields += more.map { HTTPField($0.name, $0.value) }
        if let field = secret?.header { fields.append(field) }
        if !fields.contains(where: { $0.name.lowercased() == "accept" }) {
            fields.append(
                HTTPField(
                    "Accept",
                    "application/json, application/x-ndjson;q=0.9, text/csv;q=0.8, "
                        + "application/xml;q=0.7, */*;q=0.5"))
        }
        let target = try secret?.completed(url) ?? url
        let response: HTTPResponse
        do throws(TransferError) {
            response = try await engine.send(
                HTTPRequest(
                    url: target, headers: fields,
                    deadlines: Deadlines(
                        connect: .seconds(10), firstByte: .seconds(30), total: .seconds(60)),
                    bodyLimit: .refuse(over: DraftLimits.answerBytesMax), acceptsEncoding: true))
        } catch {
            var hint = error.hint
            if error.code == .refusedAddress {
                hint = "if this is meant: --allow loopback, --allow private or --allow with a block"
            }
            throw Problem(
                code: error.code.rawValue, message: error.message, place: shown(url), hint: hint)
        }
        // What is looked at has the URL without the credential: nothing of it can be written.
        return SampleAnswer(
            url: url, status: response.status,
            headers: response.headers.fields.map { ($0.name, $0.value) }, body: response.body)
    }
}
