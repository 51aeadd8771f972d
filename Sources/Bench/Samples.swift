/// Pages to be scanned: orders, deep documents, and text in many scripts.
enum Samples {
    static var pages: [(name: String, page: [UInt8])] {
        [
            ("1 KB orders", page((0..<1000).map(order))),
            ("10 KB nested documents", page((0..<100).map(document))),
            ("text, mostly English", page((0..<100).map { text($0, english) })),
            ("text beyond ASCII, escapes", page((0..<100).map { text($0, mixed) })),
        ]
    }

    private static func page(_ records: [String]) -> [UInt8] {
        Array(
            #"{"data":[\#(records.joined(separator: ","))],"meta":{"total":\#(records.count)}}"#
                .utf8)
    }

    private static func head(_ number: Int) -> String {
        let day = number % 28 + 1
        return """
            "id":\(number + 1),"updated_at":"2026-10-\(day < 10 ? "0" : "")\(day)T08:15:30Z"
            """
    }

    private static func order(_ number: Int) -> String {
        let cents = number &* 7919 % 90_000 + 1000
        let lines = (0..<4).map { line in
            """
            {"line":\(line + 1),"sku":"SKU-\(number &* 31 % 10_000)-\(line)",\
            "title":"Article number \(line) of the catalogue, plain and sturdy",\
            "quantity":\(number % 5 + 1),"unit_price":\(cents / 4).\(cents % 90 + 10),\
            "tax_rate":0.19,"options":{"colour":"green","gift":false}}
            """
        }
        return """
            {\(head(number)),"number":"A-\(100_000 + number)","status":"placed","currency":"EUR",\
            "total":\(cents).\(number % 90 + 10),"customer":{"id":\(number % 5000),\
            "name":"Customer \(number % 5000)","email":"customer\(number % 5000)@shop.example",\
            "address":{"street":"Long Street \(number % 300)","city":"Springfield",\
            "postcode":"\(10_000 + number % 80_000)","country":"DE"}},\
            "lines":[\(lines.joined(separator: ","))],"tags":["web","repeat"],"note":null}
            """
    }

    private static func document(_ number: Int) -> String {
        "{\(head(number)),\"tree\":\(node(number, depth: 5))}"
    }

    private static func node(_ number: Int, depth: Int) -> String {
        guard depth > 0 else {
            return """
                {"name":"leaf-\(number)","value":\(number % 977).\(number % 89),"on":true,\
                "labels":["a\(number % 7)","b"],"ref":null}
                """
        }
        let children = (0..<(depth > 3 ? 2 : 3)).map { node(number &* 3 &+ $0, depth: depth - 1) }
        return """
            {"kind":"group","level":\(depth),"matrix":[[\(number % 10),0],[0,1]],\
            "children":[\(children.joined(separator: ","))]}
            """
    }

    private static func text(_ number: Int, _ sentences: [String]) -> String {
        let body = (0..<60).map { sentences[(number &+ $0 &* 7) % sentences.count] }
        return """
            {\(head(number)),"title":"\(sentences[number % sentences.count])",\
            "body":"\(body.joined(separator: " "))"}
            """
    }

    private static let english = [
        "A ticket was opened by somebody who could not log in since the last upgrade of the portal.",
        "Please send the invoice again, as the first one went to an address that we left in May.",
        "The third parcel of the shipment has not arrived; tracking says that it waits at customs.",
    ]

    private static let mixed = [
        #"Die Lieferung für Straße 12 wurde zurückgegeben: „Empfänger unbekannt“, sagt der Fahrer."#,
        #"Замовлення прибуло вчасно, але одна коробка була пошкоджена під час перевезення."#,
        #"商品は予定どおり届きましたが、箱の一つが破損していました。交換をお願いします。"#,
        #"He said: \"not before Monday\"\nand left a note \u2014 see C:\\orders\\2026\t(no reply)."#,
        "Merci beaucoup pour la réponse rapide, le problème est déjà résolu 🎉 à très bientôt.",
    ]
}
