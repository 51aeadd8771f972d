/// Which Content-Type fits a format.
extension FormatSpec {
    /// What a request says that it takes, unless its adapter says otherwise.
    package var accept: String {
        switch kind {
        case .json: "application/json"
        case .ndjson: "application/x-ndjson, application/jsonl, application/json;q=0.5"
        case .xml: "application/xml, text/xml"
        case .csv: "text/csv"
        case .rss: "application/rss+xml, application/xml;q=0.9, text/xml;q=0.8"
        case .atom: "application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"
        case .soap: "text/xml, application/soap+xml"
        case .headers: "*/*"
        }
    }

    /// Whether an answer with this Content-Type may be read; one without any may.
    ///
    /// What says nothing (`text/plain`, `application/octet-stream`) fits every format. JSON is
    /// refused only what is surely something else: its own reader refuses the rest.
    package func accepts(contentType: String) -> Bool {
        guard checksContentType else { return true }
        let type = contentType.prefix { $0 != ";" && $0 != "," }.lowercased()
            .filter { !$0.isWhitespace }
        guard !type.isEmpty, !Self.vague.contains(type) else { return true }
        switch kind {
        case .json:
            let isForeign =
                Self.csvTypes.contains(type) || type.hasSuffix("xml") || type == "text/html"
                || ["image/", "audio/", "video/", "font/"].contains { type.hasPrefix($0) }
                || ["application/pdf", "application/zip", "application/gzip"].contains(type)
            return !isForeign
        case .ndjson: return type.contains("json")
        case .csv: return Self.csvTypes.contains(type)
        case .xml, .rss, .atom, .soap:
            return type.hasSuffix("xml") && type != "application/xhtml+xml"
        case .headers: return true
        }
    }

    /// The types that fit, in words for a message.
    package var typesInWords: String {
        switch kind {
        case .json, .ndjson: "a JSON type or text/plain"
        case .csv: "text/csv or text/plain"
        case .xml, .rss, .atom, .soap: "an XML type or text/plain"
        case .headers: "any type"
        }
    }

    private static let vague: Set<String> = [
        "text/plain", "application/octet-stream", "binary/octet-stream", "application/download",
        "application/force-download", "application/x-download",
    ]

    private static let csvTypes: Set<String> = [
        "text/csv", "application/csv", "text/x-csv", "application/x-csv",
        "text/comma-separated-values", "text/tab-separated-values",
        "application/vnd.ms-excel", "application/excel",
    ]
}
