import Foundation
import Glibc
import PullcordTestSupport
import Synchronization
import Testing

/// An API whose refresh tokens are good once, and that kills who uses what it granted.
private final class HostileProvider: Sendable {
    struct State {
        var refresh = "first-refresh-token"
        var access = ""
        var number = 0
        var wrong: [String] = []
        var target: pid_t = 0
    }

    let state = Mutex(State())

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        request.target == "/token" ? token(request) : list(request)
    }

    private func token(_ request: ReceivedRequest) -> ScriptedReply {
        state.withLock { state in
            guard request.text.contains("refresh_token=\(state.refresh)&") else {
                state.wrong.append(request.text)
                return .reply(status: 400, text: #"{"error":"invalid_grant"}"#)
            }
            state.number += 1
            state.refresh = "refresh-\(state.number)"
            state.access = "access-\(state.number)"
            // So short that each run has to ask for another.
            return .reply(
                text: """
                    {"access_token":"\(state.access)","refresh_token":"\(state.refresh)",\
                    "expires_in":1}
                    """)
        }
    }

    private func list(_ request: ReceivedRequest) -> ScriptedReply {
        state.withLock { state in
            // Whoever uses a token has kept what came with it.
            if state.target > 0 { kill(state.target, SIGKILL) }
            let isGood = request.header("authorization") == "Bearer \(state.access)"
            return .reply(status: isGood ? 200 : 401, text: #"[{"id":1}]"#)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct `A refresh token` {
    @Test func `survives kill -9 from the moment that what it brought is used`() async throws {
        let provider = HostileProvider()
        let server = try ScriptedServer { provider.answer($0) }
        let folder = try TemporaryFolder()
        _ = try folder.write(
            """
            adapter: shop
            params: { refresh: secret }
            base_url: "\(server.url(""))"
            auth: { oauth2: { grant: refresh_token, token_url: "\(server.url("/token"))", client_id: me, refresh_token: "${params.refresh}" } }
            streams: { orders: { request: /orders, key: .id } }

            """, to: "shop.yaml")
        let file = try folder.write(
            """
            store: sqlite:store.db
            network: { allow: [loopback] }
            sources: [{ name: shop, adapter: shop.yaml, every: 60s, with: { refresh: first-refresh-token } }]

            """, to: "pullcord.yaml")
        let log = folder.url.appending(path: "log")
        for round in 1...8 {
            let process = try PullcordProcess(["poll", "shop", "--config", file], log: log)
            provider.state.withLock { $0.target = process.identifier }
            #expect(await process.status() == SIGKILL)
            let (number, wrong) = provider.state.withLock { ($0.number, $0.wrong) }
            #expect(number == round && wrong.isEmpty)
        }
        provider.state.withLock { $0.target = 0 }
        let (status, text) = try await PullcordProcess.run("poll", "shop", "--config", file)
        #expect(status == 0, "\(text)")
        #expect(!text.contains("refresh-8") && !text.contains("access-9"))
    }
}
