import PullcordJSON
import PullcordModel
import Testing

@Suite struct NormalizationTests {
    private func fingerprint(_ text: String, _ kind: Normalization.Kind?) throws -> Fingerprint {
        let path = try #require(JSONPath(parsing: ".v"))
        let plan = ScanPlan(
            records: .root, normal: kind.map { [Normalization(path, $0)] } ?? [])
        return try plan.scan(Array("[{\"id\":1,\"v\":\(text)}]".utf8)).fingerprints[0]
    }

    @Test(arguments: [
        ("1", "1.0"), ("1", "1e0"), ("100", "1E+2"), ("-0", "0"), ("0.50", "5e-1"),
        ("12345678901234567890.0", "12345678901234567890"),
    ])
    func `the spelling of a number never counts`(left: String, right: String) throws {
        #expect(try fingerprint(left, nil) == fingerprint(right, nil))
    }

    @Test(arguments: [
        (#""1.50""#, #""1.5""#), (#""1.50""#, "1.5"), (#""100""#, "1e2"), (#""-0""#, "0"),
    ])
    func `a text that holds a number is that number where the adapter says so`(
        left: String, right: String
    ) throws {
        #expect(try fingerprint(left, .number) == fingerprint(right, .number))
        #expect(try fingerprint(left, nil) != fingerprint(right, nil))
    }

    @Test(arguments: [
        (#""2026-01-01T00:00:00Z""#, #""2026-01-01T00:00:00+00:00""#),
        (#""2026-01-01T00:00:00Z""#, #""2026-01-01T00:00:00.000Z""#),
        (#""2026-01-01T00:00:00.5Z""#, #""2026-01-01T01:00:00.500+01:00""#),
        (#""2026-01-01T00:00:00.1234567Z""#, #""2025-12-31T19:00:00.12345670-05:00""#),
    ])
    func `times are the same that are the same moment, where the adapter says so`(
        left: String, right: String
    ) throws {
        #expect(try fingerprint(left, .time) == fingerprint(right, .time))
        #expect(try fingerprint(left, nil) != fingerprint(right, nil))
    }

    @Test(arguments: [
        (#""1.5""#, #""1.51""#, Normalization.Kind.number), (#""1 ""#, "1", .number),
        (#""""#, "0", .number), (#""abc""#, #""abd""#, .number), ("true", "1", .number),
        (#""1,000""#, "1000", .number), (#"["1.0"]"#, #"["1"]"#, .number),
        (#""2026-01-01T00:00:00Z""#, #""2026-01-01T00:00:01Z""#, .time),
        (#""2026-01-01T00:00:00.000001Z""#, #""2026-01-01T00:00:00.000002Z""#, .time),
        (#""2026-01-01""#, #""2026-01-01T00:00:00Z""#, .time), ("null", #""""#, .time),
    ])
    func `what differs in meaning differs, and what is not of the kind is left as it is`(
        left: String, right: String, kind: Normalization.Kind
    ) throws {
        #expect(try fingerprint(left, kind) != fingerprint(right, kind))
        #expect(try fingerprint(left, kind) == fingerprint(left, kind))
    }

    @Test func `a value that is ignored stays so, and a masked one counts in its normal form`()
        throws
    {
        let (v, w) = try (#require(JSONPath(parsing: ".v")), #require(JSONPath(parsing: ".w")))
        func fingerprint(_ v: String, _ mask: ScanPlan.Mask) throws -> Fingerprint {
            let plan = ScanPlan(
                records: .root, mask: mask,
                normal: [Normalization(.root.appending(v: "v"), .number)])
            return try plan.scan(Array("[{\"w\":1,\"v\":\(v)}]".utf8)).fingerprints[0]
        }
        #expect(try fingerprint("\"1\"", .ignoring([v])) == fingerprint("\"2\"", .ignoring([v])))
        #expect(try fingerprint("\"1\"", .only([v])) == fingerprint("1.0", .only([v])))
        #expect(try fingerprint("\"1\"", .only([v])) != fingerprint("2", .only([v])))
        #expect(try fingerprint("\"1\"", .only([w])) == fingerprint("2", .only([w])))
    }
}

extension JSONPath {
    fileprivate func appending(v key: String) -> JSONPath { JSONPath(steps: steps + [.key(key)]) }
}
