package import Hummingbird
import PullcordJSON

/// What a route answers.
package struct APIAnswer: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written as long as there is something to say; the head has gone out before.
        case stream(@concurrent @Sendable (inout any ResponseBodyWriter) async throws -> Void)
    }

    package var status: Int
    package var contentType: String
    package var headers: [(name: String, value: String)]
    package var body: Body

    package init(
        status: Int = 200, json: [UInt8], headers: [(name: String, value: String)] = []
    ) {
        self.status = status
        contentType = "application/json"
        self.headers = headers
        body = .bytes(json)
    }

    /// No content.
    package init(status: Int = 204, headers: [(name: String, value: String)] = []) {
        self.status = status
        contentType = ""
        self.headers = headers
        body = .bytes([])
    }

    package init(
        contentType: String, headers: [(name: String, value: String)] = [], _ body: Body
    ) {
        status = 200
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// One page of a list: `items`, and the cursor of the `next` page or null.
    static func page<Item>(
        _ items: some Sequence<Item>, next: String?,
        _ write: (inout JSONWriter, Item) -> Void
    ) -> APIAnswer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for item in items { write(&writer, item) }
        writer.endArray()
        writer.member("next", next)
        writer.endObject()
        return APIAnswer(json: writer.bytes)
    }

    package init(_ problem: APIProblem) {
        status = problem.status
        contentType = "application/problem+json"
        headers = problem.headers
        body = .bytes(problem.body)
    }
}
