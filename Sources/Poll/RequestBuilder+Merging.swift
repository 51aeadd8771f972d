import PullcordAdapter
import PullcordJSON
import PullcordModel

/// What a continuation object adds to the request for the next page.
extension RequestBuilder {
    /// The members that go into the query, each as text.
    func mergedItems(_ position: PagePosition) throws(PollError) -> [(String, String)] {
        guard case .merged(_, .query) = plan.stream.pages.scheme else { return [] }
        var items: [(String, String)] = []
        for member in position.merged {
            switch member.value {
            case .string(let text), .number(let text): items.append((member.key, text))
            case .bool(let flag): items.append((member.key, flag ? "true" : "false"))
            case .null: continue
            case .array, .object:
                throw PollError(
                    code: .nextPage, address: plan.address,
                    message: "the member `\(StrangerText.printable(member.key))` of the "
                        + "continuation is no text that a query could carry",
                    hint: "with `into: body` it would become a member of a JSON body")
            }
        }
        return items
    }

    /// The body with the members put in, in the place of those that it had of that name.
    func mergedBody(_ body: [UInt8]?, _ position: PagePosition) throws(PollError) -> [UInt8]? {
        guard case .merged(_, .body) = plan.stream.pages.scheme, !position.merged.isEmpty else {
            return body
        }
        var members: [JSONValue.Member] = []
        if let body {
            guard let value = try? JSONValue(parsing: body), case .object(let own) = value else {
                throw PollError(
                    code: .nextPage, address: plan.address,
                    message: "the request's body is no JSON object that members could be put into")
            }
            members = own
        }
        members.removeAll { own in position.merged.contains { $0.key == own.key } }
        return JSONValue.object(members + position.merged).serialized
    }
}
