import PullcordModel
import Testing

@Suite struct RedactorTests {
    @Test func `masks a secret whose slashes and quotes JSON escapes`() {
        let redactor = Redactor([Secret(#"wJal/K7"MDENG"#)])
        #expect(redactor.redact(#"{"key":"wJal\/K7\"MDENG"}"#) == #"{"key":"***"}"#)
    }

    @Test(arguments: [
        (["hunter22"], "password hunter22!", "password ***!"),
        (["hunter22"], "hunter22hunter22", "******"), (["hunter22"], "hunter2", "hunter2"),
        (["a b/c+d"], "q=a%20b%2Fc%2Bd&x", "q=***&x"),
        (["a b*c~d"], "secret=a+b*c%7Ed&x", "secret=***&x"),
        (["user:pass"], "Basic dXNlcjpwYXNz", "Basic ***"),
        (["abcd", "abcdefgh"], "abcdefgh abcd", "*** ***"),
        (["abcdefgh", "abcd"], "abcdefgh abcd", "*** ***"), (["pässwort"], "«pässwort»", "«***»"),
        (["aaaa"], "aaaaa", "***a"), (["key1", "key2"], "key2key1", "******"),
    ])
    func `masks every secret, the longest first, also encoded`(
        secrets: [String], text: String, expected: String
    ) {
        #expect(Redactor(secrets.map { Secret($0) }).redact(text) == expected)
    }

    @Test(arguments: [
        ([], "nothing to hide"), (["abc"], "abc abc"), ([""], "text"), (["secret"], ""),
        (["secret"], "SECRET"), (["secret"], "secre t"),
    ])
    func `leaves alone what is no secret, or too short to be one`(secrets: [String], text: String) {
        #expect(Redactor(secrets.map { Secret($0) }).redact(text) == text)
    }

    @Test func `a secret is not seen in any description of it`() {
        struct Holder { let secret = Secret("hunter22") }
        let holder = Holder()
        var dumped = ""
        dump(holder, to: &dumped)
        let texts = [
            "\(holder)", String(describing: holder.secret), String(reflecting: holder), dumped,
            "\(Optional(holder.secret) as Any)", "\([holder.secret])",
        ]
        for text in texts { #expect(!text.contains("hunter")) }
        #expect(holder.secret.expose() == "hunter22")
    }
}
