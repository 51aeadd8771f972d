import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite struct LoaderTests {
    private let environment = ["GITHUB_TOKEN": "ghp_secret", "TRIAGE_SECRET": Fixture.secret]

    private func fixture(_ changes: [String: String] = [:]) -> Fixture {
        let base = [
            "conf/bridge.yaml": Fixture.bridge, "conf/adapters/github.yaml": Fixture.github,
        ]
        return Fixture(files: base.merging(changes) { $1 })
    }

    private func load(
        _ fixture: Fixture, environment: [String: String]? = nil
    ) -> Result<Configuration, DiagnosticReport> {
        fixture.loader.load("conf/bridge.yaml", environment: environment ?? self.environment)
    }

    @Test func `the bridge of the guide loads`() throws {
        let configuration = try load(fixture()).get()
        #expect(configuration.storePath == "conf/pullcord.db")
        #expect(configuration.warnings.diagnostics.isEmpty)
        let source = try #require(configuration.sources.first)
        #expect(source.spec.name.text == "swift-issues")
        #expect(source.spec.schedule == ScheduleSpec(.every(.seconds(60))))
        #expect(
            source.parameters == ["owner": "swiftlang", "repo": "swift", "token": "ghp_secret"])
        #expect(source.secrets == [Secret("ghp_secret")])
        #expect(source.streams.map(\.name.text) == ["issues"])
        let subscription = try #require(configuration.subscriptions.first)
        #expect(subscription.url == "https://triage.example.com/hooks")
        #expect(subscription.wire.secrets[0].secret == Secret(Fixture.secret))
        #expect(
            subscription.spec.events.map(\.description) == ["issues.created", "issues.updated"])
        #expect(subscription.spec.filter?.text == #".data.record.state == "open""#)
        #expect(subscription.spec.timeout == .seconds(20))
        #expect(configuration.secrets.contains(Secret("ghp_secret")))
    }

    @Test func `a request of the guide's adapter renders`() throws {
        let source = try #require(try load(fixture()).get().sources.first)
        let stream = try #require(source.streams.first)
        guard case .path(let path) = stream.request.target else {
            Issue.record("the target is a path")
            return
        }
        let context = TemplateContext(parameters: source.parameters)
        #expect(try path.render(context, encoding: .path) == "/repos/swiftlang/swift/issues")
        let names = try stream.request.query.filter { try $0.value.render(context) != nil }
        #expect(names.map(\.name) == ["state", "sort", "direction", "per_page"])
        #expect(stream.cursor?.overlap == 120_000)
        #expect(stream.pages.scheme == .link(relation: "next"))
        #expect(stream.detect == .incremental)
    }

    @Test(arguments: [
        "conf/adapters/github.yaml", "conf/adapters/github/adapter.yaml", "conf/github.yaml",
        "conf/github/adapter.yaml", "conf/own/github.yaml",
    ])
    func `an adapter is found where it may be`(path: String) throws {
        let bridge = "adapters: [./own]\n" + Fixture.bridge
        let fixture = Fixture(files: ["conf/bridge.yaml": bridge, path: Fixture.github])
        #expect(try load(fixture).get().sources.first?.adapter.place.file == path)
    }

    @Test func `a folder of the file is searched first, and a path names a file`() throws {
        let own = Fixture.github.replacing("version: 1", with: "version: 2")
        let bridge = "adapters: [own]\n" + Fixture.bridge
        let files = ["conf/bridge.yaml": bridge, "conf/own/github.yaml": own]
        #expect(try load(fixture(files)).get().sources.first?.adapter.version == 2)
        let named = Fixture.bridge.replacing("adapter: github", with: "adapter: ../x/g.yml")
        let other = fixture(["conf/bridge.yaml": named, "conf/../x/g.yml": own])
        #expect(try load(other).get().sources.first?.adapter.version == 2)
    }

    @Test func `a source's own values go before the adapter's`() throws {
        let bridge = Fixture.bridge.replacing(
            "every: 60s", with: "every: 1h30m\n    first: emit\n    max_delete: 50%")
        let source = try #require(
            try load(fixture(["conf/bridge.yaml": bridge])).get().sources.first)
        #expect(source.spec.schedule == ScheduleSpec(.every(.seconds(5400))))
        #expect(source.streams.first?.first == .emit)
        #expect(source.streams.first?.deletes.maxShare == 0.5)
    }

    @Test func `one wrong source beside right ones makes nothing half`() throws {
        let bridge = Fixture.bridge.replacing(
            "subscriptions:",
            with: """
                  - { name: other, adapter: github, every: 1m, with: { owner: a, rep: b } }
                  - { name: third, adapter: gitlab, every: 1s }
                subscriptions:
                """)
        guard case .failure(let report) = load(fixture(["conf/bridge.yaml": bridge])) else {
            Issue.record("it was loaded")
            return
        }
        #expect(
            report.errors.map(\.code).sorted() == [
                "adapter_unknown", "parameter_missing", "parameter_unknown",
            ])
    }

    @Test func `complaints of a bridge and of its adapters come together`() throws {
        let files = [
            "conf/bridge.yaml": Fixture.bridge.replacing("every: 60s", with: "every: 60"),
            "conf/adapters/github.yaml": Fixture.github.replacing("key: .id", with: "kye: .id"),
        ]
        guard case .failure(let report) = load(fixture(files), environment: [:]) else {
            Issue.record("it was loaded")
            return
        }
        #expect(
            report.errors.map { "\($0.place) \($0.code)" } == [
                "conf/bridge.yaml:5:52 env_missing", "conf/bridge.yaml:6:12 type_mismatch",
                "conf/bridge.yaml:12:14 env_missing",
                "conf/adapters/github.yaml:16:5 key_unknown",
            ])
        #expect(report.errors.first?.message.contains("`GITHUB_TOKEN`") == true)
    }

    @Test func `an adapter that two sources share is complained about once`() throws {
        let twice = Fixture.bridge.replacing(
            "subscriptions:",
            with: "  - { name: b, adapter: github, every: 1m, with: { owner: a, repo: b } }\n"
                + "subscriptions:")
        let files = [
            "conf/bridge.yaml": twice,
            "conf/adapters/github.yaml": Fixture.github.replacing("key: .id", with: "key: ."),
        ]
        #expect(try load(fixture(files)).get().sources.count == 2)
        let broken = files.merging(["conf/adapters/github.yaml": "adapter: [\n"]) { $1 }
        guard case .failure(let report) = load(fixture(broken)) else {
            Issue.record("it was loaded")
            return
        }
        #expect(report.errors.count == 1)
    }

    @Test func `a secret may come from a file`() throws {
        let bridge = Fixture.bridge
            .replacing("${env.GITHUB_TOKEN}", with: "${file:token}")
            .replacing("${env.TRIAGE_SECRET}", with: "${file:/run/secret}")
        let files = [
            "conf/bridge.yaml": bridge, "conf/token": "from-file\n",
            "/run/secret": Fixture.secret + "\r\n",
        ]
        let configuration = try load(fixture(files), environment: [:]).get()
        #expect(configuration.sources.first?.parameters["token"] == "from-file")
        #expect(configuration.secrets.contains(Secret("from-file")))
        #expect(
            configuration.subscriptions.first?.wire.secrets.first?.secret == Secret(Fixture.secret))
    }

    @Test func `an optional parameter may stay absent, a default comes in`() throws {
        let bridge = """
            sources:
              - { name: s, adapter: orders, every: 1d, with: { key: "${env.NONE | default 'k1'}" } }
            subscriptions:
              - name: t
                url: "https://${env.HOST}/x"
                secret: "${env.TRIAGE_SECRET}"
                headers: { X-Token: "${env.HOST}", X-Plain: p }

            """
        let files = ["conf/bridge.yaml": bridge, "conf/orders.yaml": Fixture.orders]
        let loaded = load(
            Fixture(files: files),
            environment: ["HOST": "h1.example", "TRIAGE_SECRET": Fixture.secret])
        let configuration = try loaded.get()
        #expect(configuration.sources.first?.parameters == ["key": "k1", "region": "eu"])
        let subscription = try #require(configuration.subscriptions.first)
        #expect(subscription.url == "https://h1.example/x")
        #expect(subscription.headers.map(\.constant) == ["h1.example", "p"])
        #expect(subscription.spec.events.map(\.description) == ["*"])
        #expect(subscription.secrets.contains(Secret("h1.example")))
    }

    @Test func `check tells files apart and needs no environment`() {
        let report = fixture(["x.yaml": "sources: 1\n", "y.yaml": "adapter: 1.5\n"]).check(
            "conf/bridge.yaml", "conf/adapters/github.yaml", "x.yaml", "y.yaml", "none.yaml",
            "conf/bridge.yaml")
        #expect(
            report.errors.map { "\($0.place) \($0.code)" } == [
                "x.yaml:1:10 type_mismatch", "y.yaml:1:1 key_missing",
                "y.yaml:1:10 name_invalid", "none.yaml:1:1 file_unreadable",
            ])
    }

    @Test func `one adapter loads by itself`() throws {
        let fixture = Fixture(files: ["o.yaml": Fixture.orders, "b.yaml": "adapter: b\n"])
        #expect(try fixture.loader.adapter("o.yaml").get().streams.count == 2)
        #expect(throws: DiagnosticReport.self) { try fixture.loader.adapter("b.yaml").get() }
    }
}
