import PullcordTestSupport
import PullcordTransfer

/// An OAuth 2 provider that nobody here wrote: the servers of Authlib, with what they ask of an
/// application.
///
/// It knows the clients `web` (Basic), `form` (secret in the body), `signer` (its own assertion,
/// ES256) and `service` (JWT bearer, RS256), the user `ann`, and one refresh token,
/// `first-refresh-token`. Refresh tokens rotate, and one that comes twice ends all of them. Lists
/// stand at `/orders` behind its own check of tokens.
final class OAuthProvider: Sendable {
    static let modules = PythonScript.has("authlib", "flask")

    private let process: ChildProcess
    let port: Int

    /// Paths of PEM files with public keys.
    init(serviceKey: String, signerKey: String) throws {
        process = try ChildProcess(
            "python3", ["-c", Self.script, "service=\(serviceKey)", "signer=\(signerKey)"],
            output: .pipe)
        var written = ""
        while !written.contains("\n"), case let bytes = process.readAvailable(), !bytes.isEmpty {
            written += String(decoding: bytes, as: UTF8.self)
        }
        guard let port = written.split(separator: "\n").compactMap({ Int($0) }).first else {
            throw BridgeText.Refusal(description: "the provider does not start: \(written)")
        }
        self.port = port
    }

    deinit { process.signal(9) }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    private static let script = #"""
        import sys, time, os
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
        from flask import Flask, jsonify, request
        from werkzeug.serving import make_server
        from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
        from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
        from authlib.oauth2.rfc6750 import BearerTokenValidator
        from authlib.oauth2.rfc7523 import JWTBearerGrant, JWTBearerClientAssertion
        from joserfc import jwk

        PUBLIC = {name: open(path).read() for name, path in (a.split("=", 1) for a in sys.argv[1:])}
        JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        METHODS = {"web": ["client_secret_basic"], "form": ["client_secret_post"],
                   "signer": ["client_assertion_jwt"], "service": ["none"]}

        class Client(ClientMixin):
            def __init__(self, name): self.name = name
            def get_client_id(self): return self.name
            def get_default_redirect_uri(self): return None
            def get_allowed_scope(self, scope): return scope if scope == "orders" else ""
            def check_redirect_uri(self, uri): return False
            def check_client_secret(self, secret): return secret == "s3cret/&=+ of " + self.name
            def check_endpoint_auth_method(self, method, endpoint): return method in METHODS[self.name]
            def check_response_type(self, kind): return False
            def check_grant_type(self, kind): return True

        class Token(TokenMixin):
            def __init__(self, client, data):
                self.client, self.data, self.end = client, data, time.time() + data["expires_in"]
                self.dead = False
            def check_client(self, client): return client.name == self.client
            def get_scope(self): return self.data.get("scope", "")
            def get_expires_in(self): return self.data["expires_in"]
            def is_expired(self): return time.time() > self.end
            def is_revoked(self): return self.dead
            def get_user(self): return "ann"
            def get_client(self): return Client(self.client)

        CLIENTS = {name: Client(name) for name in METHODS}
        TOKENS, LOG = [], []
        FIRST = Token("web", {"refresh_token": "first-refresh-token", "access_token": "-", "scope": "orders", "expires_in": 1})
        TOKENS.append(FIRST)

        app = Flask("provider")
        app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        server = AuthorizationServer(
            app, query_client=lambda name: CLIENTS.get(name),
            save_token=lambda token, request: TOKENS.append(Token(request.client.name, token)))

        class Refresh(grants.RefreshTokenGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
            INCLUDE_NEW_REFRESH_TOKEN = True
            def authenticate_refresh_token(self, text):
                found = [t for t in TOKENS if t.data.get("refresh_token") == text]
                if found and found[0].dead:
                    # A token that comes twice was stolen: the whole family ends (RFC 9700, 4.14.2).
                    LOG.append("reuse")
                    for token in TOKENS: token.dead = True
                return found[0] if found and not found[0].dead else None
            def authenticate_user(self, token): return "ann"
            def revoke_old_credential(self, token): token.dead = True

        class Password(grants.ResourceOwnerPasswordCredentialsGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
            def authenticate_user(self, name, password):
                return "ann" if (name, password) == ("ann", "p4ss w0rd&") else None

        class Credentials(grants.ClientCredentialsGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "client_assertion_jwt"]

        class Statement(JWTBearerGrant):
            def resolve_issuer_client(self, issuer): return CLIENTS.get(issuer)
            def resolve_client_public_key(self, client): return jwk.import_key(PUBLIC[client.name], "RSA")
            def authenticate_user(self, subject): return subject if subject == "ann" else None
            def has_granted_permission(self, client, user): return True
            def get_audiences(self): return [URL + "/token"]

        class Assertion(JWTBearerClientAssertion):
            def validate_jti(self, claims, jti):
                fresh = jti not in LOG
                LOG.append(jti)
                return fresh
            def resolve_client_public_key(self, client): return jwk.import_key(PUBLIC[client.name], "EC")
            def get_audiences(self): return [URL + "/token"]

        for grant in (Refresh, Password, Credentials, Statement): server.register_grant(grant)
        server.register_client_auth_method(Assertion.CLIENT_AUTH_METHOD, Assertion())

        class Validator(BearerTokenValidator):
            def authenticate_token(self, text):
                return next((t for t in TOKENS if t.data["access_token"] == text), None)

        protected = ResourceProtector()
        protected.register_token_validator(Validator())

        @app.post("/token")
        def token():
            LOG.append("token")
            return server.create_token_response()

        @app.get("/orders")
        @protected("orders")
        def orders(): return jsonify([{"id": 1}, {"id": 2}])

        @app.post("/expire")
        def expire():
            for t in TOKENS: t.data["access_token"] = "-"
            return "ok"

        @app.get("/log")
        def log(): return jsonify({"tokens": LOG.count("token"), "reuse": LOG.count("reuse")})

        import logging
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        http = make_server("127.0.0.1", 0, app, threaded=True)
        URL = "http://127.0.0.1:%d" % http.server_port
        print(http.server_port, flush=True)
        http.serve_forever()
        """#
}
