import PullcordAdapter
import PullcordFormats
import PullcordJSON
import PullcordTestSupport
import Testing

@Suite struct CSVReaderTests {
    @Test(arguments: [
        (
            "id,name\r\n1,Ann\r\n2,Bob\r\n", CSVSpec(),
            #"[{"id":"1","name":"Ann"},{"id":"2","name":"Bob"}]"#
        ),
        ("\u{FEFF}id\n007", CSVSpec(), #"[{"id":"007"}]"#),
        ("a,b\n\"x,\"\"y\"\"\r\nz\",\n", CSVSpec(), #"[{"a":"x,\"y\"\r\nz","b":""}]"#),
        (
            "a;b\n1;\"\"\n;2", CSVSpec(delimiter: 0x3B, emptyIsNull: true),
            #"[{"a":"1","b":""},{"a":null,"b":"2"}]"#
        ),
        (
            "1\tx\n\n2\ty", CSVSpec(header: .names(["n", "v"]), delimiter: 0x09),
            #"[{"n":"1","v":"x"},{"n":"2","v":"y"}]"#
        ),
        (" a , b \n 1 , \"x \" \n", CSVSpec(trims: true), #"[{"a":"1","b":"x "}]"#),
        ("a,b\n5\",\"6\n", CSVSpec(quote: nil), #"[{"a":"5\"","b":"\"6"}]"#),
        ("a,b\r1,2\r", CSVSpec(), #"[{"a":"1","b":"2"}]"#),
        ("a,b\n", CSVSpec(), "[]"), ("", CSVSpec(header: .names(["a"])), "[]"),
    ])
    func `rows become objects of strings`(text: String, csv: CSVSpec, json: String) throws {
        #expect(try Read.json(text, .init(.csv, csv: csv)) == json)
    }

    @Test(arguments: [
        ("", FormatError.Code.csvEmpty, "line 1"),
        ("\n\n", .csvEmpty, "line 1"),
        ("a,a\n1,2", .csvHeader, "line 1"),
        ("a,\n1,2", .csvHeader, "line 1"),
        ("a,b\n1\n", .csvRagged, "line 2"),
        ("a,b\n\"x\ny\",2\n1,2,3\n", .csvRagged, "line 4"),
        ("a,b\n1,2\n3", .csvRagged, "line 3"),
        ("a,b\n1,\"x\n\n", .csvTruncated, "line 2"),
        ("a,b\n1,\"x\"y\n", .csvQuote, "line 2"),
        ("a,b\n1,x\"y\n", .csvQuote, "line 2"),
        ("<html>", .csvRagged, ""),
    ])
    func `a file that is broken is refused with its line`(
        text: String, code: FormatError.Code, line: String
    ) {
        let error = Read.refusal(text, .init(.csv))
        // One column and no row is a CSV file like any other: its Content-Type has to tell.
        guard text != "<html>" else { return #expect(error == nil) }
        #expect(error?.code == code)
        #expect(error?.place == line)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6])
    func `what Python's csv module writes is read as it was`(seed: Int) throws {
        // The program writes the file and, beside it, what is in it as JSON.
        let program = """
            import csv, io, json, random, sys
            random.seed(int(sys.argv[1]))
            pool = ['a', 'é', '"', ',', ';', '\\n', '\\r\\n', ' ', '😀', '\\t', "'", '\\\\', '0']
            text = lambda: ''.join(random.choice(pool) for _ in range(random.randrange(0, 9)))
            rows = [{'id': str(i), 'v': text(), 'w': text()} for i in range(200)]
            out = io.StringIO(newline='')
            quoting = random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
            writer = csv.DictWriter(out, ['id', 'v', 'w'], 
                                    quoting=quoting, lineterminator=random.choice(['\\r\\n', '\\n']))
            writer.writeheader(); writer.writerows(rows)
            print(json.dumps({'csv': out.getvalue(), 'rows': rows}))
            """
        let process = try ChildProcess("python3", ["-c", program, "\(seed)"], output: .pipe)
        var bytes: [UInt8] = []
        while true {
            let more = process.readAvailable()
            if more.isEmpty { break }
            bytes += more
        }
        let both = try JSONValue(parsing: bytes)
        guard case .string(let csv)? = both["csv"], let rows = both["rows"] else {
            throw FormatError(.csvEmpty, "Python wrote nothing")
        }
        #expect(try JSONValue(parsing: Read.json(csv, .init(.csv))) == rows)
    }
}
