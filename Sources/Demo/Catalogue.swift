/// Who buys in the demonstration shop, and what.
enum Catalogue {
    static let customers: [Order.Customer] = [
        customer("Ada Novak", "ada", "Ljubljana", "SI"),
        customer("Jonas Lindqvist", "jonas", "Göteborg", "SE"),
        customer("Mei Tanaka", "mei", "Kyoto", "JP"),
        customer("Zoë van Dijk", "zoe", "Utrecht", "NL"),
        customer("Tomás Ferreira", "tomas", "Porto", "PT"),
        customer("Amara Okafor", "amara", "Lagos", "NG"),
        customer("Łukasz Wójcik", "lukasz", "Kraków", "PL"),
        customer("Priya Raman", "priya", "Chennai", "IN"),
        customer("Siobhán O'Neill", "siobhan", "Galway", "IE"),
        customer("Mateo Quispe", "mateo", "Cusco", "PE"),
    ]

    static let products: [(sku: String, title: String, cents: Int)] = [
        ("TEA-250", "Assam, second flush, 250 g", 1490),
        ("POT-09", "Cast-iron teapot 0.9 l", 6250),
        ("CUP-2", "Two stoneware cups", 2400),
        ("KET-1", "Kettle with thermometer", 8995),
        ("TIN-M", "Tea tin, medium", 799),
        ("WHI-80", "Bamboo whisk", 1850),
        ("MAT-30", "Matcha, 30 g", 2999),
        ("FLT-100", "Paper filters, 100 pieces", 425),
        ("HON-500", "Linden honey, 500 g", 1105),
        ("BOX-G", "Gift box \"Five gardens\"", 4900),
    ]

    private static func customer(
        _ name: String, _ mailbox: String, _ city: String, _ country: String
    ) -> Order.Customer {
        Order.Customer(
            name: name, email: "\(mailbox)@example.com", city: city, country: country)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same numbers for the same seed anywhere.
struct SeededRandom: RandomNumberGenerator, Sendable, Equatable, Codable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
