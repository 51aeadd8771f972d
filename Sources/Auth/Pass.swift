package import PullcordModel
package import PullcordTransfer

/// What a login has brought: what each request must carry from then on.
package struct Pass: Sendable, Equatable {
    package enum Location: Sendable, Equatable {
        case header, query, cookie
        /// A member of a body that is a JSON object.
        case body
    }

    package struct Item: Sendable, Equatable {
        package let location: Location
        package let name: String
        package let value: Secret

        package init(_ location: Location, _ name: String, _ value: Secret) {
            self.location = location
            self.name = name
            self.value = value
        }
    }

    package let items: [Item]
    /// How long it is good for; nil until the API says otherwise.
    package let lifetime: Duration?

    package init(items: [Item], lifetime: Duration?) {
        self.items = items
        self.lifetime = lifetime
    }

    /// A token in the Authorization header (RFC 6750, section 2.1).
    package static func bearer(_ token: Secret, lifetime: Duration?) -> Pass {
        let value = Secret("Bearer " + token.expose())
        return Pass(items: [Item(.header, "Authorization", value)], lifetime: lifetime)
    }

    /// What must not be seen where an answer echoes the request.
    package var secrets: [Secret] {
        items.flatMap { item in
            let words = item.value.expose().split(separator: " ")
            return [item.value]
                + (words.count > 1 ? words.suffix(1).map { Secret(String($0)) } : [])
        }
    }

    /// The request with everything that the pass holds.
    package func added(to request: HTTPRequest) -> HTTPRequest {
        var request = request
        for item in items {
            let value = item.value.expose()
            switch item.location {
            case .header: request.setHeader(item.name, value)
            case .cookie: request.addCookie(item.name, value)
            case .query: request.setQueryItem(item.name, value)
            case .body: request.addMember(item.name, value)
            }
        }
        return request
    }
}
