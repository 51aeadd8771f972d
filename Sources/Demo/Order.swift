import PullcordJSON
import PullcordModel

/// One order of the demonstration shop.
package struct Order: Sendable, Equatable, Codable {
    /// How far an order has come, in this sequence; a cancelled one is deleted instead.
    package enum Status: String, Sendable, Codable, CaseIterable {
        case placed, paid, packed, shipped, delivered

        /// The status after this one; nil for the last.
        package var next: Status? {
            switch self {
            case .placed: .paid
            case .paid: .packed
            case .packed: .shipped
            case .shipped: .delivered
            case .delivered: nil
            }
        }
    }

    package struct Customer: Sendable, Equatable, Codable {
        package var name: String
        package var email: String
        package var city: String
        package var country: String
    }

    package struct Line: Sendable, Equatable, Codable {
        package var sku: String
        package var title: String
        package var quantity: Int
        /// In cents, so that sums are exact.
        package var unitCents: Int
    }

    package let id: Int
    package var status: Status
    package var customer: Customer
    package var lines: [Line]
    /// Milliseconds since 1970.
    package let placedAt: Int64
    /// Milliseconds since 1970.
    package var updatedAt: Int64
    /// Known once the order is shipped.
    package var tracking: String?

    /// The sum of the lines, in cents.
    package var totalCents: Int {
        lines.reduce(0) { $0 &+ $1.quantity &* $1.unitCents }
    }

    /// The order as the API shows it; amounts are JSON numbers with two decimals.
    var json: String {
        let address =
            "{\"city\":\(JSONText.quoted(customer.city)),\"country\":\(JSONText.quoted(customer.country))}"
        let buyer =
            "{\"name\":\(JSONText.quoted(customer.name)),\"email\":\(JSONText.quoted(customer.email)),"
            + "\"address\":\(address)}"
        let items = lines.map { line in
            "{\"sku\":\(JSONText.quoted(line.sku)),\"title\":\(JSONText.quoted(line.title)),"
                + "\"quantity\":\(line.quantity),\"unit_price\":\(decimal(line.unitCents))}"
        }
        let members = [
            "\"id\":\(id)", "\"status\":\"\(status.rawValue)\"",
            "\"total\":\(decimal(totalCents))", "\"currency\":\"EUR\"", "\"customer\":\(buyer)",
            "\"lines\":[\(items.joined(separator: ","))]",
            "\"tracking\":\(tracking.map(JSONText.quoted) ?? "null")",
            "\"placed_at\":\"\(Timestamp(milliseconds: placedAt))\"",
            "\"updated_at\":\"\(Timestamp(milliseconds: updatedAt))\"",
        ]
        return "{\(members.joined(separator: ","))}"
    }
}

/// `1299` as `12.99`.
private func decimal(_ cents: Int) -> String {
    let (whole, rest) = cents.magnitude.quotientAndRemainder(dividingBy: 100)
    return "\(cents < 0 ? "-" : "")\(whole).\(rest < 10 ? "0" : "")\(rest)"
}
