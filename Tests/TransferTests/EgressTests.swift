import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct EgressTests {
    static let spellings = [
        "127.0.0.1", "127.1", "0x7f.1", "017700000001", "2130706433", "[::ffff:127.0.0.1]",
        "[::1]", "[::]", "0.0.0.0", "0", "169.254.169.254", "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001::1]", "10.0.0.1", "[fe80::1%25lo]",
        "[fd00:ec2::254]",
    ]

    @Test(arguments: spellings)
    func `the text of a URL is judged in the words of the connection`(host: String) async throws {
        let text = "http://\(host):8080/hook"
        let policy = AddressPolicy()
        let verdict = Egress(policy: policy).verdict(onTextOf: try RequestURL(text))
        guard case .refused(let refusal)? = verdict else {
            Issue.record("\(host) is not refused")
            return
        }
        let engine = try TransferEngine(policy: policy)
        let error = try await failure(of: HTTPRequest(url: text), over: engine)
        #expect(error.code == .refusedAddress)
        #expect(error.message == refusal.message)
        #expect(error.hint == refusal.hint)
        let routes = try Egress(policy: policy).routes(of: try RequestURL(text))
        #expect(routes.map(\.verdict) == [.refused(refusal)])
    }

    @Test(arguments: [
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "\u{FF11}27.0.0.1",
        "127\u{3002}0\u{3002}0\u{3002}1",
    ])
    func `names and wide digits that always mean this machine are refused`(host: String) throws {
        let url = try RequestURL("https://\(host)/")
        guard case .refused(let refusal)? = Egress(policy: AddressPolicy()).verdict(onTextOf: url)
        else {
            Issue.record("\(host) is not refused")
            return
        }
        #expect(
            refusal.message == "127.0.0.1:443 is refused: 127.0.0.0/8 is this machine (RFC 1122)")
    }

    @Test(arguments: [
        "https://hooks.example.com/", "https://1.1.1.1/", "https://[2606:4700::1111]/",
        "https://local.host/", "https://localhost.example.com/", "https://127.0.0.1.example.com/",
    ])
    func `what is public, or known only when it is resolved, passes`(text: String) throws {
        let verdict = Egress(policy: AddressPolicy()).verdict(onTextOf: try RequestURL(text))
        #expect(verdict == nil || verdict == .allowed)
    }

    @Test func `a port that is not for HTTP is refused for names too`() throws {
        let url = try RequestURL("https://mail.example.com:25/")
        guard case .refused(let refusal)? = Egress(policy: AddressPolicy()).verdict(onTextOf: url)
        else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.message == "mail.example.com:25 is refused: port 25 is not for HTTP")
        let entry = try AllowEntry(parsing: "mail.example.com:25")
        let open = Egress(policy: AddressPolicy(allow: [entry]))
        #expect(open.verdict(onTextOf: url) == nil)
    }

    @Test func `an entry of the bridge file is named where it lets an address pass`() throws {
        let entry = try AllowEntry(parsing: "loopback")
        let routes = try Egress(policy: AddressPolicy(allow: [entry]))
            .routes(of: try RequestURL("http://localhost:8080/"))
        #expect(!routes.isEmpty)
        #expect(routes.allSatisfy { $0.verdict == .allowed })
        #expect(routes.allSatisfy { $0.reason == "the bridge file allows loopback" })
        let named = try AllowEntry(parsing: "localhost:8080")
        let others = try Egress(policy: AddressPolicy(allow: [named]))
            .routes(of: try RequestURL("http://localhost:8080/"))
        #expect(others.allSatisfy { $0.reason == "the bridge file allows localhost:8080" })
    }

    @Test func `a name without an address is an error with its name`() throws {
        do throws(TransferError) {
            _ = try Egress(policy: AddressPolicy())
                .routes(of: try RequestURL("https://nowhere.invalid/a?secret"))
            Issue.record("it was resolved")
        } catch {
            #expect(error.code == .dns)
            #expect("\(error)".contains("nowhere.invalid has no address"))
            #expect(!"\(error)".contains("secret"))
        }
    }
}
