/// Orders of about 1 KB, nested, in pages, as a shop's API would send them.
struct OrderPages: Sendable {
    let records: Int
    let pageSize: Int
    /// Records whose number is a multiple of this have changed since the first poll; 0 means none.
    let changedEvery: Int

    var count: Int { (records + pageSize - 1) / pageSize }

    /// The body of page `number`, counted from 1; empty behind the last.
    func body(_ number: Int) -> [UInt8] {
        var text = #"{"data":["#
        let first = (number - 1) * pageSize
        for record in first..<max(first, min(first + pageSize, records)) {
            if record > first { text += "," }
            text += order(record)
        }
        text += #"],"meta":{"page":\#(number),"total":\#(records)}}"#
        return Array(text.utf8)
    }

    private func order(_ number: Int) -> String {
        let hasChanged = changedEvery > 0 && number % changedEvery == 0
        let cents = number &* 7919 % 90_000 + 1000
        let day = number % 28 + 1
        var lines = ""
        for line in 0..<4 {
            if line > 0 { lines += "," }
            lines += """
                {"line":\(line + 1),"sku":"SKU-\(number &* 31 % 10_000)-\(line)",\
                "title":"Article number \(line) of the catalogue, plain and sturdy",\
                "quantity":\(number % 5 + 1),"unit_price":\(cents / 4).\(cents % 90 + 10),\
                "tax_rate":0.19,"options":{"colour":"green","gift":false}}
                """
        }
        return """
            {"id":\(number + 1),"number":"A-\(100_000 + number)",\
            "status":"\(hasChanged ? "shipped" : "placed")",\
            "created_at":"2026-10-\(day < 10 ? "0" : "")\(day)T08:15:30Z","currency":"EUR",\
            "total":\(cents).\(number % 90 + 10),"customer":{"id":\(number % 5000),\
            "name":"Customer \(number % 5000)","email":"customer\(number % 5000)@shop.example",\
            "address":{"street":"Long Street \(number % 300)","city":"Springfield",\
            "postcode":"\(10_000 + number % 80_000)","country":"DE"}},"lines":[\(lines)],\
            "tags":["web","repeat"],"note":null}
            """
    }
}
