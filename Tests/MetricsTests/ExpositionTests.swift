import PullcordMetrics
import Testing

@Suite struct ExpositionTests {
    private static func text(
        _ format: Exposition.Format, _ write: (inout Exposition) -> Void
    ) -> String {
        var page = Exposition(format)
        write(&page)
        return String(decoding: page.finish(), as: UTF8.self)
    }

    @Test func `a counter keeps its name in samples, and loses its ending in OpenMetrics`() {
        let write = { (page: inout Exposition) in
            page.family("pullcord_polls_total", .counter, "Polls.")
            page.sample([("result", "changed")], 3)
        }
        #expect(
            Self.text(.text, write) == """
                # HELP pullcord_polls_total Polls.
                # TYPE pullcord_polls_total counter
                pullcord_polls_total{result="changed"} 3

                """)
        #expect(
            Self.text(.openMetrics, write) == """
                # HELP pullcord_polls Polls.
                # TYPE pullcord_polls counter
                pullcord_polls_total{result="changed"} 3
                # EOF

                """)
    }

    @Test func `what is always one is a gauge in the older format`() {
        let write = { (page: inout Exposition) in
            page.family("pullcord_build_info", .info, "Version.")
            page.sample([("version", "1")], 1)
        }
        #expect(Self.text(.text, write).contains("# TYPE pullcord_build_info gauge\n"))
        #expect(Self.text(.openMetrics, write).contains("# TYPE pullcord_build info\n"))
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb", #"a\nb"#),
        ("é", "é"), ("", ""),
    ])
    func `values of labels are escaped`(value: String, written: String) {
        let text = Self.text(.text) { page in
            page.family("x", .gauge, "")
            page.sample([("label", value)], 1)
        }
        #expect(text.hasSuffix("x{label=\"\(written)\"} 1\n"))
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-2, "-2"), (1e21, "1e+21"), (0.0005, "0.0005"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (1_764_398_000.25, "1764398000.25"),
    ])
    func `numbers are written so that they can be read back`(value: Double, written: String) {
        let text = Self.text(.text) { $0.single("x", .gauge, "", value) }
        #expect(text.hasSuffix("x \(written)\n"))
    }

    @Test func `bounds of histograms are whole numbers in the text format alone`() {
        let write = { (page: inout Exposition) in
            page.family("x_seconds", .histogram, "X.")
            page.sample([], Histogram([0.5, 1, 86_400]))
        }
        let text = Self.text(.text, write)
        #expect(text.contains(#"le="1""#) && text.contains(#"le="86400""#))
        let open = Self.text(.openMetrics, write)
        #expect(open.contains(#"le="0.5""#) && open.contains(#"le="1.0""#))
        #expect(open.contains(#"le="86400.0""#) && open.contains(#"le="+Inf""#))
    }

    @Test func `a histogram counts each range with those below it`() {
        var histogram = Histogram([0.1, 1])
        for value in [0.05, 0.1, 0.5, 7, -3, .nan] { histogram.add(value) }
        #expect(histogram.counts == [4, 1, 1])
        let text = Self.text(.text) { page in
            page.family("x_seconds", .histogram, "X.")
            page.sample([("basis", "record")], histogram)
        }
        #expect(
            text == """
                # HELP x_seconds X.
                # TYPE x_seconds histogram
                x_seconds_bucket{basis="record",le="0.1"} 4
                x_seconds_bucket{basis="record",le="1"} 5
                x_seconds_bucket{basis="record",le="+Inf"} 6
                x_seconds_sum{basis="record"} 7.65
                x_seconds_count{basis="record"} 6

                """)
    }
}
