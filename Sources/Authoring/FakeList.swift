import PullcordJSON
package import PullcordModel
import PullcordTransfer

/// A list of records as a fake API serves it.
package struct FakeList: Sendable {
    struct Since: Sendable {
        let param: String
        let field: String
        var isInclusive = true
        var prefix = ""
    }

    enum Pager: String, Sendable, CaseIterable {
        case link, url, token, number, offset, keyset
    }

    struct Pages: Sendable {
        let pager: Pager
        let size: Int
        var sizeParam: String?
        var param: String
        var start = 1
        var next = "next"
        var nextHeader: String?
        var more: String?
        var last: String?
        var field: String?
    }

    package let place: Place
    /// As the file names it.
    let name: String
    let url: URLShape
    var method = HTTPMethod.get
    var records: [JSONValue] = []
    var key = "id"
    /// nil for the order of insertion.
    var sort: String?
    var isDescending = false
    var since: Since?
    var pages: Pages?
    /// nil where the records are the answer itself.
    var items: String?
    var total: String?
    var extra: JSONValue?
    /// nil for all members.
    var fields: [String]?
    /// `{key}` stands in it for the key.
    var one: URLShape?
    var item: String?
    var headers: [HTTPField] = []
    var wants: [HTTPField] = []
    var hasTags = false

    init(place: Place, name: String, url: URLShape) {
        self.place = place
        self.name = name
        self.url = url
    }

    func key(of record: JSONValue) -> String? { record.member(at: key)?.plainText }

    func contains(_ key: String) -> Bool { records.contains { self.key(of: $0) == key } }

    /// The records in their order.
    var sorted: [JSONValue] {
        guard let sort else { return records }
        let ordered = records.enumerated().sorted { left, right in
            let order = FakeOrder.compare(
                left.element.member(at: sort), right.element.member(at: sort))
            return order == 0 ? left.offset < right.offset : (order < 0) != isDescending
        }
        return ordered.map(\.element)
    }
}

/// The order of values: numbers by size, times by time, everything else by its bytes.
enum FakeOrder {
    /// Below 0 if the left one comes first, 0 if they are equal; what is missing comes first.
    static func compare(_ left: JSONValue?, _ right: JSONValue?) -> Int {
        guard let left = left?.plainText else { return right?.plainText == nil ? 0 : -1 }
        guard let right = right?.plainText else { return 1 }
        return compare(left, right)
    }

    static func compare(_ left: String, _ right: String) -> Int {
        if let left = Timestamp(rfc3339: left) ?? time(left, beside: right),
            let right = Timestamp(rfc3339: right) ?? time(right, beside: left.description)
        {
            return order(left, right)
        }
        if let left = Int64(left), let right = Int64(right) { return order(left, right) }
        if let left = Double(left), let right = Double(right) { return order(left, right) }
        return order(Array(left.utf8), Array(right.utf8))
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : (right < left ? 1 : 0)
    }

    private static func order(_ left: [UInt8], _ right: [UInt8]) -> Int {
        left.lexicographicallyPrecedes(right) ? -1 : (left == right ? 0 : 1)
    }

    /// Seconds or milliseconds since 1970, where the other one is a time.
    private static func time(_ text: String, beside other: String) -> Timestamp? {
        guard Timestamp(rfc3339: other) != nil, let number = Int64(text) else { return nil }
        let isMilliseconds = abs(number) >= 100_000_000_000
        return Timestamp(milliseconds: isMilliseconds ? number : number * 1000)
    }
}

/// What happens to the records of a list.
package struct FakeChange: Sendable {
    enum Kind: Sendable {
        case insert(JSONValue)
        case update(JSONValue)
        case delete(String)
    }

    let place: Place
    let kind: Kind
    /// The list's name; nil where there is only one.
    let list: String?
    /// After the answer to which request of the poll; nil for before the poll.
    let during: Int?
}

/// An answer in the place of the fake's own.
package struct FakeFault: Sendable {
    let place: Place
    let request: Int
    let times: Int
    let answer: CannedAnswer
}
