package import PullcordCommit

/// One operation of the API: what the router works by, and what the OpenAPI document is made of.
package struct Route: Sendable {
    package typealias Work = @Sendable (APIRequest) async throws -> APIAnswer

    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// Who may come.
    package enum Access: Sendable, Equatable {
        /// Anybody.
        case open
        case scope(AccessScope)
        /// The route looks for itself, with nothing but what was sent.
        case own
    }

    package struct Parameter: Sendable {
        package let name: String
        package let schema: Schema
        package let summary: String

        package init(_ name: String, _ schema: Schema, _ summary: String) {
            self.name = name
            self.schema = schema
            self.summary = summary
        }
    }

    /// What a request brings along.
    package enum Content: Sendable {
        case none
        /// A JSON object of this shape; nothing at all counts as `{}`.
        case json(Schema)
        /// Text of one of these media types.
        case text([String])
        /// Whatever somebody else sends.
        case anything
    }

    /// What is answered when all is well.
    package enum Reply: Sendable {
        case json(Schema)
        case none
        case other(String)
    }

    package let method: Method
    /// As in `/v1/sources/{name}`.
    package let path: String
    /// The operation's id in the document.
    package let id: String
    package let tag: String
    package let summary: String
    package let access: Access
    package var query: [Parameter] = []
    package var content = Content.none
    package var status = 200
    package var reply: Reply
    /// Other media types that it is answered as where they are asked for.
    package var otherReplies: [String] = []
    /// Which refusals there may be besides those that every route has.
    package var refusals: [Int] = []
    /// Whether If-Match or If-None-Match is looked at.
    package var isConditional = false
    /// Whether an answer may be kept for a request that comes again.
    package var keepsAnswers = true
    /// Whether those without a token are let through uncounted, and only refusals (401) count: for
    /// a route that knows its callers by something else.
    package var countsRefusals = false
    /// Routes of the console are not in the document.
    package var isDocumented = true
    package let work: Work

    package init(
        _ method: Method, _ path: String, id: String, tag: String, _ summary: String,
        access: Access, query: [Parameter] = [], content: Content = .none, status: Int = 200,
        reply: Reply, refusals: [Int] = [], _ work: @escaping Work
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.tag = tag
        self.summary = summary
        self.access = access
        self.query = query
        self.content = content
        self.status = status
        self.reply = reply
        self.refusals = refusals
        self.work = work
    }

    var segments: [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The values of the placeholders if the path is this one's; nil otherwise.
    func match(_ asked: [String]) -> [String: String]? {
        let segments = segments
        guard segments.count == asked.count else { return nil }
        var values: [String: String] = [:]
        for (segment, text) in zip(segments, asked) {
            if segment.hasPrefix("{") {
                guard !text.isEmpty else { return nil }
                values[String(segment.dropFirst().dropLast())] = text
            } else if segment != text {
                return nil
            }
        }
        return values
    }
}

/// Some routes that belong together; whoever adds to the server hands one in.
package protocol RouteGroup: Sendable {
    var routes: [Route] { get }
}

/// All routes of a server.
package struct RouteTable: Sendable {
    package enum Match: Sendable {
        case route(Route, path: [String: String])
        /// There is such a path, for these methods.
        case otherMethods([String])
        case nothing
    }

    package let routes: [Route]

    package init(_ groups: [any RouteGroup]) { routes = groups.flatMap(\.routes) }

    /// A path with words goes before one with placeholders; HEAD is GET without the body.
    package func match(_ method: String, _ segments: [String]) -> Match {
        var found: [(route: Route, path: [String: String])] = []
        for route in routes {
            if let path = route.match(segments) { found.append((route, path)) }
        }
        guard let fewest = found.map(\.path.count).min() else { return .nothing }
        let best = found.filter { $0.path.count == fewest }
        let wanted = method == "HEAD" ? "GET" : method
        if let match = best.first(where: { $0.route.method.rawValue == wanted }) {
            return .route(match.route, path: match.path)
        }
        var methods = best.map(\.route.method.rawValue)
        if methods.contains("GET") { methods.append("HEAD") }
        return .otherMethods(Set(methods).sorted())
    }
}
