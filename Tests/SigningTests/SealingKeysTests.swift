import PullcordModel
import PullcordSigning
import Testing

@Suite struct SealingKeysTests {
    private let first = SealingKeys.generate()
    private let second = SealingKeys.generate()

    @Test(arguments: ["", "a", "tok'en\n", String(repeating: "ü", count: 100_000)])
    func `what is sealed opens in its place`(text: String) throws {
        let keys = try SealingKeys(parsing: [first])
        let sealed = try keys.seal(Secret(text), for: "source/a/with/token")
        #expect(try keys.open(sealed, for: "source/a/with/token").expose() == text)
        #expect(text.count < 6 || !sealed.contains(text))
    }

    @Test func `sealing twice gives two texts`() throws {
        let keys = try SealingKeys(parsing: [first])
        let sealed = try (0..<100).map { _ in try keys.seal(Secret("same"), for: "p") }
        #expect(Set(sealed).count == 100)
    }

    @Test(arguments: ["source/b/with/token", "source/a/with/token2", "subscription/a/secret", ""])
    func `it opens in no other place`(place: String) throws {
        let keys = try SealingKeys(parsing: [first])
        let sealed = try keys.seal(Secret("s"), for: "source/a/with/token")
        #expect { try keys.open(sealed, for: place) } throws: {
            ($0 as? SigningError)?.code == .damaged
        }
    }

    @Test func `no change of any character goes unnoticed`() throws {
        let keys = try SealingKeys(parsing: [first])
        let sealed = Array(try keys.seal(Secret("five5"), for: "p"))
        for index in sealed.indices {
            var changed = sealed
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(throws: SigningError.self) { try keys.open(String(changed), for: "p") }
            #expect(throws: SigningError.self) {
                try keys.open(String(sealed[..<index]), for: "p")
            }
        }
    }

    @Test func `all keys open, the first seals, and a missing one is named`() throws {
        let old = try SealingKeys(parsing: [first])
        let both = try SealingKeys(parsing: [second, first])
        let new = try SealingKeys(parsing: [second])
        let sealed = try old.seal(Secret("s"), for: "p")
        #expect(try both.open(sealed, for: "p").expose() == "s")
        #expect(!both.isCurrent(sealed) && old.isCurrent(sealed))
        #expect(new.isCurrent(try both.seal(Secret("s"), for: "p")))
        #expect { try new.open(sealed, for: "p") } throws: { error in
            guard let error = error as? SigningError else { return false }
            return error.code == .otherKey && error.message.contains(old.identifier)
        }
    }

    @Test(arguments: [
        "", "plk_", "plk_AAAA", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "plk_not base64",
    ])
    func `what is no key is refused and not told`(text: String) {
        #expect { try SealingKeys(parsing: [Secret(text)]) } throws: { error in
            text.count < 6 || !"\(error)".contains(text)
        }
        #expect(throws: SigningError.self) { try SealingKeys(parsing: []) }
    }

    @Test func `keys show nothing of themselves`() throws {
        let keys = try SealingKeys(parsing: [first])
        #expect("\(keys)" == "***" && String(reflecting: keys) == "***")
        #expect(Mirror(reflecting: keys).children.isEmpty)
    }
}
