/// The name a bridge file gives to a source: letters, digits, `-` and `_`, at most 64 bytes.
package struct SourceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// The name an adapter gives to one of its streams: letters, digits and `_`, at most 64 bytes.
///
/// It is the first part of every event type of the stream, so it has no dot and no dash
/// (Standard Webhooks 1.0.0, "Event types").
package struct StreamName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// One stream of one source: what has a cursor, fingerprints and a schedule of its own.
package struct StreamAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let source: SourceName
    package let stream: StreamName

    package init(source: SourceName, stream: StreamName) {
        self.source = source
        self.stream = stream
    }

    package var description: String { "\(source)/\(stream)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.source, left.stream) < (right.source, right.stream)
    }
}

/// The name a bridge file gives to a subscription: letters, digits, `-` and `_`, at most 64 bytes.
package struct SubscriptionName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// What tells one record of a stream from another, as text.
///
/// A string is its own key, a number is its canonical decimal text, a key of several fields is
/// the compact JSON array of those texts (`["acme","7"]`), so that no separator can be forged.
/// At most ``Limits/keyBytesMax`` bytes.
package struct RecordKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    /// Keys are equal and ordered by their UTF-8 bytes, as the store compares them.
    ///
    /// A `String` holds é to be equal to e with an accent; for an API those are two records.
    package static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

/// The id that an event keeps through every retry, restart and replay: `evt_` and 26 characters
/// of lower-case Crockford base32, 128 bits.
///
/// It holds no dot, as Standard Webhooks demands.
package struct EventID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }
}

/// The store's number of one delivery (one event for one subscription), in commit order.
package struct DeliveryID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    package var description: String { String(number) }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// The store's number of one stream of one source, given when it is first registered.
package struct StreamID: Hashable, Sendable {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }
}

/// The store's number of one subscription, given when it is first registered.
package struct SubscriptionID: Hashable, Sendable {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }
}

/// The store's number of one replay.
package struct ReplayID: Hashable, Sendable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    package var description: String { String(number) }
}
