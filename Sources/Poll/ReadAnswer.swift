import PullcordAdapter
import PullcordFormats
import PullcordJQ
import PullcordJSON
import PullcordTransfer

/// An answer as an adapter's rules see it: with what the stream's format makes of its body.
///
/// JSON in UTF-8 is seen as it came. Anything else is turned into JSON once, and only if a rule asks for the
/// body.
final class ReadAnswer {
    /// As it came.
    let response: HTTPResponse
    private let format: FormatSpec
    private var reading: (response: HTTPResponse, isPage: Bool)?

    init(_ response: HTTPResponse, _ format: FormatSpec) {
        self.response = response
        self.format = format
    }

    /// With JSON for its body, wherever the format allows it.
    var readable: HTTPResponse { read().response }

    /// Whether the body is what the format says, as far as it can be told before it is read.
    var isPage: Bool { read().isPage }

    private func read() -> (response: HTTPResponse, isPage: Bool) {
        if format.kind == .json, format.charset == nil { return (response, true) }
        if let reading { return reading }
        let (body, isPage) = json()
        var readable = response
        readable.body = body
        reading = (readable, isPage)
        return (readable, isPage)
    }

    private func json() -> (body: [UInt8], isPage: Bool) {
        if format.kind == .headers { return (HeaderPage.json(response.headers), true) }
        // Many an API tells its errors in JSON, whatever its lists are written in.
        if isJSON { return (response.body, false) }
        let type = response.headers.value(of: "Content-Type")
        let reader = PageFormat(format)
        for text in texts {
            if let page = try? reader.json(text, contentType: type) { return (page, true) }
        }
        let fault = SOAPReader.faultBody(in: response.body, contentType: type, format)
        return (fault ?? response.body, false)
    }

    /// Whether the body is one JSON value, and is not meant as a line of several.
    private var isJSON: Bool {
        guard format.kind != .ndjson || response.status >= 400, response.file == nil else {
            return false
        }
        let first = response.body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first == 0x7B || first == 0x5B else { return false }
        return (try? Expression.path(.root).value(in: response.body)) != nil
    }

    /// The body; of one that is in a file the whole lines of its beginning, as many as can be.
    private var texts: [[UInt8]] {
        guard response.file != nil else { return [response.body] }
        let triesMax = 8
        let ends = response.body.indices.reversed().lazy.filter { self.response.body[$0] == 0x0A }
        return ends.prefix(triesMax).map { Array(self.response.body[...$0]) }
    }
}
