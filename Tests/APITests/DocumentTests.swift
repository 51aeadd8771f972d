import Foundation
import PullcordAPI
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing
import WireSupport

/// The OpenAPI document, held against the running server by somebody else's validator.
@Suite(.timeLimit(.minutes(10))) struct `The OpenAPI document` {
    @Test(.enabled(if: PythonScript.has("jsonschema")))
    func `is true: every operation answers as it says`() async throws {
        let fixture = try APIFixture(api: #"{ listen: ":0", rate: 10000/s }"#)
        try await fixture.fill(3)
        try await fixture.serve(definitions: ScriptedBook()) { port in
            let output = FileManager.default.temporaryDirectory
                .appending(path: "pullcord-openapi-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: output) }
            let token = TokenText.generate()
            _ = try await fixture.store.add(
                AccessToken(
                    name: "tester", hash: TokenText.hash(token), scope: .admin,
                    made: fixture.time.wall(), expires: nil))
            let process = try ChildProcess(
                "python3", ["-c", Self.script, String(port), token.expose()],
                output: .file(output))
            let status = await process.status()
            let text = FileManager.default.contents(atPath: output) ?? Data()
            #expect(status == 0, "\(String(decoding: text, as: UTF8.self))")
        }
    }

    /// Drives every operation of the document, well and badly, and validates all answers.
    private static let script = #"""
        import json, sys, urllib.request, urllib.error
        from jsonschema import Draft202012Validator, FormatChecker

        base = "http://127.0.0.1:" + sys.argv[1]
        problems = []

        def ask(method, path, body=None, kind=None, headers={}):
            request = urllib.request.Request(base + path, method=method, data=body)
            if kind: request.add_header("Content-Type", kind)
            request.add_header("Authorization", "Bearer " + sys.argv[2])
            for name, value in headers.items(): request.add_header(name, value)
            try:
                answer = urllib.request.urlopen(request, timeout=20)
            except urllib.error.HTTPError as error:
                answer = error
            if path == "/v1/events/stream" and answer.status == 200:
                return answer.status, answer.headers, b""
            return answer.status, answer.headers, answer.read()

        status, _, text = ask("GET", "/v1/openapi.json")
        document = json.loads(text)
        assert document["openapi"].startswith("3.1"), document["openapi"]
        names = {"name": "shop", "stream": "orders", "id": "evt_1"}
        bodies = {
            "startReplay": {"to": "triage", "all": True, "dry_run": True},
            "rewindSource": {"to": "2026-01-01T00:00:00Z"}, "purge": {"name": "nobody"},
            "putSourceDefinition": {"adapter": "orders", "every": "60s"},
            "putSubscriptionDefinition": {"url": "https://a.example"},
        }
        # What stands to reason beside 2xx where a world of one shop has nothing else to say.
        others = {
            "cancelReplay": 404, "acceptQuarantine": 404, "rejectQuarantine": 404, "purge": 404,
            "getDelivery": 200,
        }

        def validate(operation, path, method, status, headers, content):
            place = f"{method} {path} -> {status}"
            answers = operation["responses"]
            if str(status) not in answers:
                return problems.append(f"{place} is not in the document: {content[:300]}")
            kinds = answers[str(status)].get("content", {})
            kind = (headers.get("Content-Type") or "").split(";")[0]
            if kind not in kinds:
                return problems.append(f"{place}: {kind} is none of {list(kinds)}")
            if not kind.endswith("json"): return
            schema = dict(kinds[kind]["schema"])
            schema["components"] = document["components"]
            value = json.loads(content)
            for error in Draft202012Validator(
                schema, format_checker=FormatChecker()).iter_errors(value):
                problems.append(f"{place}: {error.json_path}: {error.message[:200]}")

        count = 0
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                method = method.upper()
                name = operation["operationId"]
                values = dict(names)
                if "/subscriptions/" in path: values["name"] = "triage"
                if "/adapters/" in path: values["name"] = "orders"
                if "/deliveries/" in path or "/replays/" in path: values["id"] = "1"
                asked = path
                for key, value in values.items(): asked = asked.replace("{" + key + "}", value)
                body = kind = None
                content = operation.get("requestBody", {}).get("content", {})
                if "application/json" in content:
                    body, kind = json.dumps(bodies.get(name, {})).encode(), "application/json"
                elif content:
                    kind = list(content)[0]
                    kind = "application/octet-stream" if kind == "*/*" else kind
                    body = b"adapter: x\n"
                headers = {}
                if name.startswith("put"): headers = {"If-None-Match": "*"}
                if name.startswith("delete"): headers = {"If-Match": "*"}
                status, headers_back, text = ask(method, asked, body, kind, headers)
                validate(operation, path, method, status, headers_back, text)
                wanted = others.get(name)
                if not (200 <= status < 300 if wanted is None else status == wanted):
                    problems.append(f"{method} {path} -> {status}: {text[:300]}")
                # Badly: another type, an unknown parameter, an unknown name.
                status, back, text = ask(
                    method, asked, body, kind, {**headers, "Accept": "image/png"})
                validate(operation, path, method, status, back, text)
                status, back, text = ask(method, asked + "?eaten=1", body, kind, headers)
                validate(operation, path, method, status, back, text)
                unknown = path
                for key in values: unknown = unknown.replace("{" + key + "}", "nobody")
                status, back, text = ask(method, unknown, body, kind, headers)
                if status >= 300: validate(operation, path, method, status, back, text)
                if "application/json" in content:
                    for wrong in (b"[]", b"{", b'{"\\u0000": 1}'):
                        status, back, text = ask(method, asked, wrong, kind, headers)
                        validate(operation, path, method, status, back, text)
                    status, back, text = ask(method, asked, b"a=1", "text/plain", headers)
                    validate(operation, path, method, status, back, text)
                for parameter in operation["parameters"]:
                    if parameter["name"] not in ("limit", "cursor", "since", "state", "kind"):
                        continue
                    for value in ("", "0", "x", "-1"):
                        status, back, text = ask(
                            method, f"{asked}?{parameter['name']}={value}", body, kind, headers)
                        validate(operation, path, method, status, back, text)
                count += 1
        if count < 40: problems.append(f"only {count} operations")
        ids = [o["operationId"] for m in document["paths"].values() for o in m.values()]
        if len(ids) != len(set(ids)): problems.append("an operationId comes twice")
        for problem in problems: print(problem)
        sys.exit(1 if problems else 0)
        """#
}
