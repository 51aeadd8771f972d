import PullcordConfig
import PullcordDrafting
import PullcordEngine
import PullcordModel

/// Drafts judged as `pullcord check` judges them.
enum Drafted {
    static func complaints(in text: String) -> [DraftComplaint] {
        let files = FileAccess(
            read: { $0 == "draft.yaml" ? .bytes(Array(text.utf8)) : .missing }, list: { _ in [] })
        return Loader(checkers: .native, files: files).check(["draft.yaml"]).diagnostics
            .filter { $0.severity == .error }
            .map { DraftComplaint(keyPath: $0.keyPath, message: $0.message) }
    }

    /// An answer of an API.
    static func answer(
        _ body: String, url: String = "https://api.example.com/v1/orders",
        headers: [(String, String)] = [], status: Int = 200
    ) -> SampleAnswer {
        SampleAnswer(
            url: url, status: status, headers: headers.map { (name: $0.0, value: $0.1) },
            body: Array(body.utf8))
    }

    /// A manifest converted, and settled as the command does.
    static func manifest(_ text: String) throws -> DraftConversion {
        var conversion = try AirbyteManifest.convert(
            Array(text.utf8), file: "manifest.yaml", name: "sample")
        let origin = Place(file: "manifest.yaml", line: 1, column: 1)
        conversion.leftovers += conversion.draft.settle(
            from: origin, check: complaints(in:))
        return conversion
    }

    /// A manifest of one stream, with lines put into its parts.
    static func stream(
        requester: String = "", retriever: String = "", stream: String = "",
        selector: String = "", spec: String = ""
    ) throws -> DraftConversion {
        try manifest(Self.text(requester, retriever, stream, selector, spec))
    }

    static func text(
        _ requester: String = "", _ retriever: String = "", _ stream: String = "",
        _ selector: String = "", _ spec: String = ""
    ) -> String {
        """
        version: 4.0.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [things] }
        streams:
          - type: DeclarativeStream
            name: things
            primary_key: [id]
        \(indented(stream, 4))
            retriever:
              type: SimpleRetriever
        \(indented(retriever, 6))
              requester:
                type: HttpRequester
        \(indented(target(requester), 8))
        \(indented(requester, 8))
              record_selector:
                type: RecordSelector
                extractor: { type: DpathExtractor, field_path: [data] }
        \(indented(selector, 8))
        spec:
          type: Spec
          connection_specification:
            type: object
            required: [start_date, token]
            properties:
              token: { type: string, airbyte_secret: true }
              start_date: { type: string, format: date-time }
              site: { type: string, default: eu, enum: [eu, us], description: "Where. Or so." }
              size: { type: integer }
              nested: { type: object, properties: { key: { type: string, airbyte_secret: true } } }
        \(indented(spec, 6))
        """
    }

    /// Where requests go, if the rows do not say it.
    private static func target(_ requester: String) -> String {
        (requester.hasPrefix("url_base:") ? "" : "url_base: https://api.example.com/v2/\n")
            + (requester.hasPrefix("path:") ? "" : "path: /things")
    }

    private static func indented(_ text: String, _ count: Int) -> String {
        text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 }
            .joined(separator: "\n")
    }
}
