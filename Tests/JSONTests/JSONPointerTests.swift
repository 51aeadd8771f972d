import PullcordJSON
import Testing

@Suite struct JSONPointerTests {
    static let document = #"""
        {"a":{"b":[10,{"c":"deep"}]},"":0,"a/b":1,"m~n":2,"~1":3," ":4,"é":5,"e\u0301":6,
         "0":7,"x":[[],{}],"n":null,"k\"l":8,"i\\j":9}
        """#

    @Test(arguments: [
        ("/a/b/0", "10"), ("/a/b/1/c", #""deep""#), ("/", "0"), ("/a~1b", "1"), ("/m~0n", "2"),
        ("/~01", "3"), ("/ ", "4"), ("/é", "5"), ("/e\u{301}", "6"), ("/0", "7"), ("/x/0", "[]"),
        ("/n", "null"), ("/k\"l", "8"), ("/i\\j", "9"),
    ])
    func `a pointer leads to its value`(_ text: String, _ wanted: String) throws {
        let document = try JSONValue(parsing: Self.document)
        let pointer = try #require(JSONPointer(parsing: text))
        let found = try #require(pointer.value(in: document))
        #expect(String(decoding: found.serialized, as: UTF8.self) == wanted)
        #expect(pointer.description == text)
    }

    @Test func `the empty pointer is the whole document`() throws {
        let document = try JSONValue(parsing: Self.document)
        let pointer = try #require(JSONPointer(parsing: ""))
        #expect(pointer.tokens.isEmpty && pointer.description == "")
        #expect(pointer.value(in: document) == document)
    }

    @Test(arguments: [
        "/b", "/a/b/2", "/a/b/-", "/a/b/01", "/a/b/-1", "/a/b/+1", "/a/b/1e0", "/a/b/",
        "/a/b/0/x", "/n/x", "/A", "/a/b/99999999999999999999", "/x/1/y", "/~0", "/m~1n",
    ])
    func `a pointer to nothing leads nowhere`(_ text: String) throws {
        let document = try JSONValue(parsing: Self.document)
        #expect(try #require(JSONPointer(parsing: text)).value(in: document) == nil)
    }

    @Test(arguments: ["a", "a/b", "#/a", "/~", "/a~", "/~2", "/a~b", " /a", "~0"])
    func `what is no pointer is refused`(_ text: String) {
        #expect(JSONPointer(parsing: text) == nil)
    }
}
