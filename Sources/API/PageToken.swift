import PullcordModel

/// Where the next page of a list begins, as text that says nothing to anybody else.
enum PageToken {
    static func write(_ list: String, _ place: String) -> String {
        var text = Base64.encode(Array("1 \(list) \(place)".utf8))
        text = text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return text
    }

    /// Throws ``APIProblem`` for a token of another list, or one that nobody wrote.
    static func read(_ list: String, _ request: APIRequest) throws(APIProblem) -> String? {
        guard let token = request.query["cursor"] else { return nil }
        var text = token.replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        let prefix = "1 \(list) "
        guard token.utf8.count <= 2048, let bytes = Base64.decode(text),
            let place = String(validating: bytes, as: UTF8.self), place.hasPrefix(prefix)
        else {
            throw APIProblem(
                400, "cursor_invalid", "the cursor is none of this list", field: "cursor",
                hint: "take it from `next` of the page before, with the same filters")
        }
        return String(place.dropFirst(prefix.count))
    }

    static func number(_ list: String, _ request: APIRequest) throws(APIProblem) -> Int64? {
        guard let text = try read(list, request) else { return nil }
        guard let number = Int64(text) else {
            throw APIProblem(
                400, "cursor_invalid", "the cursor is none of this list", field: "cursor")
        }
        return number
    }
}
