import Foundation
import PullcordTestSupport
import Testing

/// Moto's server with IAM authentication switched on: it answers as AWS does, and refuses whoever
/// signs wrong.
private struct Cloud {
    let server: ForeignServer
    let folder: TemporaryFolder
    let accessKey: String
    let secretKey: String

    init() async throws {
        folder = try TemporaryFolder()
        server = try ForeignServer("python3") { ["-m", "moto.server", "-p", "\($0)"] }
        try await server.waitUntilReady("/moto-api/data.json")
        let file = folder.url.appending(path: "key").path
        let complaint = try Self.run(
            server.url,
            """
            iam = client("iam", "root", "root")
            iam.create_user(UserName="poller")
            key = iam.create_access_key(UserName="poller")["AccessKey"]
            iam.put_user_policy(UserName="poller", PolicyName="p", PolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["ssm:*", "iam:*"], "Resource": "*"}]}))
            urllib.request.urlopen(urllib.request.Request(
                url + "/moto-api/reset-auth", data=b"0", method="POST",
                headers={"Content-Type": "text/plain"}))
            open(sys.argv[2], "w").write(key["AccessKeyId"] + " " + key["SecretAccessKey"])
            """, [file])
        try #require(complaint == "", "\(complaint)")
        let words = try String(contentsOfFile: file, encoding: .utf8).split(separator: " ")
        accessKey = String(try #require(words.first))
        secretKey = String(try #require(words.last))
    }

    private static func run(
        _ url: String, _ script: String, _ arguments: [String]
    ) throws -> String {
        try PythonScript.complaint(
            """
            import boto3, json, sys, urllib.request
            url = sys.argv[1]
            def client(service, key, secret):
                return boto3.client(service, endpoint_url=url, region_name="eu-central-1",
                    aws_access_key_id=key, aws_secret_access_key=secret)
            \(script)
            """, [url] + arguments)
    }

    /// Has AWS's own client change something, as the same user.
    func change(_ script: String) throws {
        let complaint = try Self.run(
            server.url,
            "ssm, iam = [client(s, sys.argv[2], sys.argv[3]) for s in (\"ssm\", \"iam\")]\n"
                + script, [accessKey, secretKey])
        #expect(complaint == "")
    }

    func events(_ bridge: String) async throws -> [String] {
        try await ForeignSource(
            bridge: bridge, name: "ssm", environment: ["AWS_SECRET": secretKey]
        ).events()
    }

    /// A bridge with a source of each service that is polled; `secret` stands for the real one.
    func bridge(secret: String? = nil) throws -> String {
        for (name, stream) in [("ssm", Self.parameters), ("iam", Self.users)] {
            _ = try folder.write(
                """
                adapter: \(name)
                params: { access: { required: true }, secret: { type: secret, required: true } }
                base_url: "\(server.url)"
                auth:
                  aws_sigv4: { access_key: "${params.access}", secret_key: "${params.secret}",
                    region: eu-central-1, service: \(name) }
                retry: { attempts: 1 }
                streams:
                \(stream)
                """, to: "\(name).yaml")
        }
        let keys = "access: \(accessKey), secret: \"${env.AWS_SECRET}\""
        let file = try folder.write(
            """
            store: sqlite:\(secret == nil ? "right" : "wrong").db
            network: { allow: [loopback] }
            sources:
              - { name: ssm, adapter: ssm.yaml, every: 1h, with: { \(keys) } }
              - { name: iam, adapter: iam.yaml, every: 1h, with: { \(keys) } }
            """, to: "pullcord-\(secret == nil ? "right" : "wrong").yaml")
        return file
    }

    /// JSON of AWS's own content type, with a token in the body.
    private static let parameters = """
          parameters:
            request:
              method: POST
              path: /
              headers: { X-Amz-Target: AmazonSSM.GetParametersByPath }
              content_type: application/x-amz-json-1.1
              body: { Path: /shop, Recursive: true, MaxResults: 3, NextToken: "${page.token}" }
            pages: { token: .NextToken }
            records: .Parameters
            key: .Name
        """

    /// XML, asked for as AWS's own client does: by a form.
    ///
    /// Of a GET with a query moto 5 hashes the
    /// query as if it were the body, and so refuses every signature that is right.
    private static let users = """
          users:
            request:
              path: /
              form: { Action: ListUsers, Version: "2010-05-08", MaxItems: "2", PathPrefix: "/a b/",
                Marker: "${page.token}" }
            format: { xml: { lists: [Users/member], namespaces: strip, content_type: any } }
            records: .ListUsersResponse.ListUsersResult.Users.member
            key: .UserName
            pages: { token: .ListUsersResponse.ListUsersResult.Marker }
        """
}

@Suite(.timeLimit(.minutes(10))) struct MotoTests {
    private static func poll(
        _ source: String, _ bridge: String, secret: String
    ) async throws -> (status: Int32, text: String) {
        try await PullcordProcess.run(
            "poll", source, "--config", bridge, environment: ["AWS_SECRET": secret])
    }

    @Test func `a cloud that checks signatures is read page by page, and refuses a wrong secret`()
        async throws
    {
        let cloud = try await Cloud()
        try cloud.change(
            """
            for name in "abcdefg": ssm.put_parameter(Name="/shop/" + name, Value="1", Type="String")
            for name in "klmno": iam.create_user(Path="/a b/", UserName=name)
            """)
        let bridge = try cloud.bridge()
        for source in ["ssm", "iam"] {
            let answer = try await Self.poll(source, bridge, secret: cloud.secretKey)
            #expect(answer.status == 0, "\(answer.text)")
        }
        #expect(try await cloud.events(bridge) == [])
        try cloud.change(
            """
            ssm.put_parameter(Name="/shop/b", Value="2", Type="String", Overwrite=True)
            ssm.put_parameter(Name="/shop/deep/h", Value="1", Type="String")
            ssm.delete_parameter(Name="/shop/e")
            iam.delete_user(UserName="l")
            iam.create_user(Path="/a b/", UserName="p")
            """)
        for source in ["ssm", "iam"] {
            let answer = try await Self.poll(source, bridge, secret: cloud.secretKey)
            #expect(answer.status == 0, "\(answer.text)")
        }
        #expect(
            try await cloud.events(bridge) == [
                "parameters.created /shop/deep/h", "parameters.deleted /shop/e",
                "parameters.updated /shop/b", "users.created p", "users.deleted l",
            ])
        let wrong = try cloud.bridge(secret: "wrong")
        for source in ["ssm", "iam"] {
            let answer = try await Self.poll(source, wrong, secret: cloud.secretKey + "x")
            #expect(answer.status != 0 && answer.text.contains("403"), "\(answer.text)")
            #expect(!answer.text.contains(cloud.secretKey))
        }
    }
}
