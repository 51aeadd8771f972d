import PullcordModel
import Testing

@Suite struct `Text in a header` {
    @Test(arguments: [
        ("orders.created", "orders.created"), ("", ""), ("a b", "a%20b"),
        ("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"), ("50%", "50%25"),
        (#"["acme","7"]"#, "[%22acme%22,%227%22]"),
        ("a\r\nSet-Cookie: x", "a%0D%0ASet-Cookie:%20x"),
        ("\u{0}\u{7F}\u{80}", "%00%7F%C2%80"),
        ("~!#$&'()*+,-./:;<=>?@[]^_`{|}", "~!#$&'()*+,-./:;<=>?@[]^_`{|}"),
    ])
    func `is percent-encoded as CloudEvents says`(text: String, encoded: String) {
        #expect(HeaderText.encode(text) == encoded)
    }

    @Test(arguments: [
        ("a b \"c\" 50%", "a b \"c\" 50%"), ("é", "%C3%A9"), ("a\nb", "a%0Ab"), ("\t", "%09"),
    ])
    func `keeps what is printable where that is asked for`(text: String, encoded: String) {
        #expect(HeaderText.encode(text, keepsPrintable: true) == encoded)
    }
}
