import PullcordAdapter
import PullcordFormats
import Testing

@Suite struct XMLTests {
    private static let catalogue = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- a shop's export -->
        <c:catalogue xmlns:c="urn:shop" version="2">
          <c:item sku="A&amp;1"><name>Soap &lt;b&gt; <![CDATA[<&>]]></name><tag>x</tag><tag>y</tag></c:item>
          <c:item sku="B2">7.50<empty/></c:item>
        </c:catalogue>
        """

    @Test func `attributes, text, lists and prefixes have their place`() throws {
        #expect(
            try Read.json(Self.catalogue, .init(.xml))
                == ##"{"c:catalogue":{"@version":"2","c:item":[{"@sku":"A&1","name":"Soap <b> <&>","tag":["x","y"]},{"@sku":"B2","empty":"","#text":"7.50"}]}}"##
        )
    }

    @Test(arguments: [
        ("<a><b>1</b></a>", ["b"], #"{"a":{"b":["1"]}}"#),
        ("<a><b/></a>", ["b/c"], #"{"a":{"b":{"c":[]}}}"#),
        ("<a><b>1</b><c><b>2</b></c></a>", ["c/b"], #"{"a":{"b":"1","c":{"b":["2"]}}}"#),
        ("<a/>", ["a/b", "x"], #"{"a":{"b":[]}}"#),
        ("<a><b>1</b><c/><b>2</b></a>", [], #"{"a":{"b":["1","2"],"c":""}}"#),
    ])
    func `lists are arrays whether they have one element or none`(
        text: String, lists: [String], json: String
    ) throws {
        let spec = XMLSpec(lists: lists.compactMap { XMLSpec.List($0) })
        #expect(try Read.json(text, .init(.xml, xml: spec)) == json)
    }

    @Test func `stripped prefixes never make a member twice`() throws {
        let text = #"<p:a xmlns:p="u" xmlns:q="v" x="0" p:x="1" q:x="2"><q:b/><p:b/></p:a>"#
        let json = try Read.json(text, .init(.xml, xml: XMLSpec(namespaces: .strip)))
        #expect(json == #"{"a":{"@x":"1","@q:x":"2","@x":"0","b":["",""]}}"#)
    }

    /// Ten levels of ten entities each, which a careless reader makes ten billion characters of.
    private static let laughs =
        "<!DOCTYPE a [<!ENTITY l0 \"ha\">"
        + (1...10).map { level in
            "<!ENTITY l\(level) \"" + String(repeating: "&l\(level - 1);", count: 10) + "\">"
        }.joined() + "]><a>&l10;</a>"

    @Test(arguments: [
        ("", FormatError.Code.xmlEmpty), (" \n", .xmlEmpty),
        (laughs, .xmlDoctype),
        ("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", .xmlDoctype),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", .xmlDoctype),
        ("<?xml version='1.0'?><!-- <!DOCTYPE --> <!DOCTYPE a><a/>", .xmlDoctype),
        ("<a><b>cut", .xmlTruncated), ("<a><b>1</b>", .xmlTruncated), ("<a><b", .xmlMalformed),
        ("<a></b>", .xmlMalformed), ("<a/><b/>", .xmlMalformed),
        ("<a x='1' x='2'/>", .xmlMalformed), ("<a>&nbsp;</a>", .xmlMalformed),
        ("<a>\u{1}</a>", .xmlMalformed), ("<a>\u{0}</a>", .xmlMalformed),
        ("{\"a\":1}", .xmlMalformed), ("<a>1 & 2</a>", .xmlMalformed),
        (String(repeating: "<a>", count: 100_000), .xmlTooDeep),
    ])
    func `what is not whole or not harmless is refused by name`(
        text: String, code: FormatError.Code
    ) {
        #expect(Read.refusal(text, .init(.xml))?.code == code)
    }

    @Test func `a document of many megabytes is read`() throws {
        let items = String(repeating: "<i k=\"v\">some text of an item</i>", count: 400_000)
        let json = try Read.json("<r>\(items)</r>", .init(.xml))
        #expect(json.utf8.count > 12_000_000)
        #expect(json.hasSuffix(##""#text":"some text of an item"}]}}"##))
    }
}

@Suite struct SOAPTests {
    private static func envelope(_ body: String) -> String {
        """
        <?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
        <s:Header/><s:Body>\(body)</s:Body></s:Envelope>
        """
    }

    private static let old = envelope(
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>Out of\n order</faultstring></s:Fault>"
    )
    private static let new = envelope(
        """
        <s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>m:Expired</s:Value></s:Subcode>\
        </s:Code><s:Reason><s:Text xml:lang="en">Log in</s:Text><s:Text xml:lang="de">Anmelden</s:Text>\
        </s:Reason></s:Fault>
        """)

    @Test(arguments: [
        ("<n:R xmlns:n=\"u\"><n:id>1</n:id></n:R>", #"{"R":{"id":"1"}}"#),
        ("", "{}"), (" ", "{}"),
    ])
    func `the body is taken out of its envelope`(body: String, json: String) throws {
        #expect(try Read.json(Self.envelope(body), .init(.soap)) == json)
    }

    @Test(arguments: [
        (old, "s:Server", "Out of order", false), (new, "m:Expired", "Log in", true),
    ])
    func `a fault of either version is an error with code and reason`(
        text: String, code: String, reason: String, isOurs: Bool
    ) throws {
        let error = Read.refusal(text, .init(.soap))
        #expect(error?.code == .soapFault)
        #expect(error?.message.hasSuffix("\(code): \(reason)") == true)
        let fault = try #require(
            SOAPReader.fault(in: Array(text.utf8), contentType: nil, .init(.soap)))
        #expect(fault.code == code && fault.text == reason && fault.isOurs == isOurs)
    }

    @Test(arguments: ["<html/>", "<Envelope/>", "<Envelope><Header/></Envelope>"])
    func `what is no envelope is refused`(text: String) {
        #expect(Read.refusal(text, .init(.soap))?.code == .soapEnvelope)
        #expect(SOAPReader.fault(in: Array(text.utf8), contentType: nil, .init(.soap)) == nil)
    }
}
