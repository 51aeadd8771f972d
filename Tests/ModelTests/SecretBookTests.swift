import PullcordModel
import Testing

@Suite struct SecretBookTests {
    private func masked(_ text: String, by book: SecretBook) -> String {
        Redactor([], book: book).redact(text)
    }

    @Test func `masks a secret that many others have followed`() {
        let book = SecretBook()
        for number in 1...1000 { book.add([Secret("token-\(number)-")]) }
        #expect(masked("token-1- token-1000-", by: book) == "*** ***")
    }

    @Test func `what comes again and again pushes nothing out`() {
        let book = SecretBook()
        book.add([Secret("refresh-token")])
        for _ in 0...SecretBook.secretsMax { book.add([Secret("a-cookie"), Secret("b-cookie")]) }
        #expect(masked("refresh-token a-cookie", by: book) == "*** ***")
    }

    @Test func `forgets the oldest at its bound, and not what has come again`() {
        let book = SecretBook()
        let names = (1...SecretBook.secretsMax).map { "token-\($0)-" }
        for name in names { book.add([Secret(name)]) }
        book.add([Secret(names[0])])
        book.add([Secret("one more")])
        #expect(masked("token-1- token-2- token-3-", by: book) == "*** token-2- ***")
    }

    @Test(arguments: [
        (["abcdef", "defghi"], "xabcdefghix", "x***x"), (["abcd"], "abcdabcd", "******"),
        (["abcd", "abcdef"], "abcdef", "***"), (["abcd"], "abc", "abc"), (["abcd"], "", ""),
    ])
    func `masks all of what overlaps`(secrets: [String], text: String, expected: String) {
        let book = SecretBook()
        book.add(secrets.map { Secret($0) })
        #expect(masked(text, by: book) == expected)
    }
}
