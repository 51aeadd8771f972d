import PullcordAdapter
import PullcordDeliver
import PullcordJQ
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Testing

/// Requests judged by libraries of others, which `make tools` fetches.
@Suite struct `Others' libraries` {
    /// Headers as a JSON object, and the body.
    static func arguments(_ request: HTTPRequest) -> [String] {
        var writer = JSONWriter()
        writer.beginObject()
        for header in request.headers {
            writer.key(header.name)
            writer.string(header.value)
        }
        writer.endObject()
        return [
            String(decoding: writer.bytes, as: UTF8.self),
            String(decoding: request.body ?? [], as: UTF8.self),
        ]
    }

    static func event(_ key: String) -> Event {
        Fixture.event(key: key, record: #"{"id":1042,"total":12.50,"note":"Zoë 🚂"}"#)
    }

    /// Keys that make headers and JSON work.
    static let keys = ["1042", "Zoë \"5 %\" 🚂", #"["acme","7"]"#, "", "a\tb"]

    @Test(
        .enabled(if: PythonScript.has("cloudevents.core"), "Python has no module cloudevents"),
        arguments: [WireSpec.Format.cloudevents, .cloudeventsBinary, .cloudeventsBatch])
    func `of CloudEvents read what is sent in each mode`(format: WireSpec.Format) throws {
        let script = """
            import sys, json
            from cloudevents.core.bindings.http import HTTPMessage, from_http, from_structured
            from cloudevents.core.formats.json import JSONFormat
            headers, body, mode, key, id = sys.argv[1:6]
            headers = {name.lower(): value for name, value in json.loads(headers).items()}
            if mode == "cloudevents_batch":
                assert headers["content-type"].startswith("application/cloudevents-batch+json")
                items = json.loads(body)
                assert len(items) == 1
                body = json.dumps(items[0])
                headers["content-type"] = "application/cloudevents+json"
            event = from_http(HTTPMessage(headers, body.encode()), JSONFormat())
            assert event.get_specversion() == "1.0"
            assert event.get_id() == id
            assert event.get_source() == "/pullcord/shop"
            assert event.get_type() == "orders.updated"
            assert event.get_time().isoformat() == "2026-01-31T09:30:00.125000+00:00"
            expected = key.replace("\\t", "%09") or None
            assert event.get_subject() == expected, event.get_subject()
            assert event.get_datacontenttype() == "application/json"
            assert event.get_extension("pullcordversion") == "3"
            assert event.get_extension("pullcordorigin") == "live"
            data = event.get_data()
            assert data["key"] == key and data["record"]["note"] == "Zoë 🚂", data
            """
        for key in Self.keys {
            let request = try SenderWireFixture.request(
                keys: SigningKeys(secrets: [.init(.generate())]), wire: Wire(format: format),
                event: Self.event(key))
            let arguments =
                Self.arguments(request) + [format.rawValue, key, Self.event(key).id.text]
            #expect(try PythonScript.complaint(script, arguments) == "")
        }
    }

    /// Checks a request with a list of keys, by name; fails if a changed one is accepted.
    static let signatureScript = """
        import sys, json, base64, types
        from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver
        from http_message_signatures import algorithms
        from http_message_signatures.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        headers, body, algorithm, url, keys = sys.argv[1:6]
        headers, keys = json.loads(headers), json.loads(keys)
        class Resolver(HTTPSignatureKeyResolver):
            def resolve_public_key(self, key_id):
                key = base64.b64decode(keys[key_id])
                return Ed25519PublicKey.from_public_bytes(key) if algorithm == "ED25519" else key
        verifier = HTTPMessageVerifier(
            signature_algorithm=getattr(algorithms, algorithm), key_resolver=Resolver())
        needed = ["@method", "@target-uri", "content-digest", "content-type", "webhook-id",
                  "webhook-timestamp"]
        needed += [n.lower() for n in headers if n.lower().startswith(("ce-", "pullcord-"))]
        def verify(headers, body, url):
            message = types.SimpleNamespace(method="POST", url=url, headers=headers)
            return verifier.verify(message, max_age=None, expect_tag="pullcord",
                                   require_components=needed, body=body)
        results = verify(headers, body.encode(), url)
        assert len(results) == len(keys), results
        changes = [(dict(headers, **{"webhook-id": "evt_x"}), body, url),
                   (dict(headers, **{"Content-Type": "text/plain"}), body, url),
                   (headers, body + " ", url), (headers, body, url + "x")]
        changes += [(dict(headers, **{n: "x"}), body, url) for n in needed if n in headers]
        for changed, text, address in changes:
            try:
                verify(changed, text.encode(), address)
            except InvalidSignature:
                continue
            sys.exit("a changed request was accepted")
        """

    @Test(
        .enabled(
            if: PythonScript.has("http_message_signatures"),
            "Python has no module http_message_signatures"),
        arguments: WireSpec.Format.allCases)
    func `of RFC 9421 verify a whole request`(format: WireSpec.Format) throws {
        let secrets = [SigningSecret.generate(), .generate()]
        let key = Ed25519Key.generate()
        for algorithm in MessageSignature.Algorithm.allCases {
            let keys = SigningKeys(
                secrets: secrets.map { .init($0) }, ed25519: key, requests: algorithm)
            let request = try SenderWireFixture.request(
                keys: keys, wire: Wire(format: format), event: Self.event("Zoë 🚂"),
                extra: [HTTPField("pullcord-sequence", "7")])
            let known = keys.messageKeys(at: Fixture.time).map { key -> String in
                let text: String =
                    switch key {
                    case .secret(let secret): secret.text.expose()
                    case .ed25519(let key): key.publicKey.text
                    }
                return "\"\(key.identifier)\":\"\(text.drop { $0 != "_" }.dropFirst())\""
            }
            let name = algorithm == .hmac ? "HMAC_SHA256" : "ED25519"
            let arguments =
                Self.arguments(request) + [
                    name, "https://hooks.example.com/?a=1", "{\(known.joined(separator: ","))}",
                ]
            #expect(try PythonScript.complaint(Self.signatureScript, arguments) == "")
        }
    }

    @Test(
        .enabled(
            if: PythonScript.has("standardwebhooks"), "Python has no module standardwebhooks"),
        arguments: WireSpec.Format.allCases)
    func `of Standard Webhooks verify every format`(format: WireSpec.Format) throws {
        let script = """
            import sys, json, datetime, standardwebhooks, standardwebhooks.webhooks
            headers, body, *secrets = sys.argv[1:]
            headers = {name.lower(): value for name, value in json.loads(headers).items()}
            class Then(datetime.datetime):
                @classmethod
                def now(cls, tz=None):
                    return cls.fromtimestamp(int(headers["webhook-timestamp"]), tz)
            standardwebhooks.webhooks.datetime = Then
            for secret in secrets:
                standardwebhooks.Webhook(secret).verify(body, headers)
            try:
                standardwebhooks.Webhook(secrets[0]).verify(body + " ", headers)
            except standardwebhooks.WebhookVerificationError:
                sys.exit(0)
            sys.exit("a changed body was accepted")
            """
        let secrets = [SigningSecret.generate(), .generate()]
        let keys = SigningKeys(
            secrets: secrets.map { .init($0) }, ed25519: .generate(), requests: .ed25519)
        let request = try SenderWireFixture.request(
            keys: keys, wire: Wire(format: format), event: Self.event("1042"))
        let arguments = Self.arguments(request) + secrets.map { $0.text.expose() }
        #expect(try PythonScript.complaint(script, arguments) == "")
    }
}
