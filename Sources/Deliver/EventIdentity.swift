import Crypto
package import PullcordModel

/// Makes the id of an event a function of what changed, and of nothing else.
///
/// The same change has the same id on every machine, in every run and after every restored
/// backup; the version in it makes A→B→A→B three different ids.
package enum EventIdentity {
    /// Names this way of counting: a different one must never make the same ids.
    private static let scheme = "pullcord event 1"

    /// `evt_` and the first 128 bits of a SHA-256 in lower-case Crockford base32.
    ///
    /// Each field goes into the hash behind its length (eight bytes, big-endian), so that no two
    /// lists of fields are the same bytes.
    package static func id(
        address: StreamAddress, key: RecordKey, version: Int64, fingerprint: Fingerprint?,
        kind: EventKind
    ) -> EventID {
        var hash = SHA256()
        add(Array(scheme.utf8), to: &hash)
        add(Array(address.source.text.utf8), to: &hash)
        add(Array(address.stream.text.utf8), to: &hash)
        add(Array(key.text.utf8), to: &hash)
        add(bytes(UInt64(bitPattern: version)), to: &hash)
        add(fingerprint?.bytes ?? [], to: &hash)
        add(Array(kind.rawValue.utf8), to: &hash)
        return EventID("evt_" + crockford(Array(hash.finalize()).prefix(16)))
    }

    /// The id of several events that are sent together: `bat_` and the hash of their ids.
    ///
    /// The same events in the same order have the same id at every attempt.
    package static func id(ofBatch ids: [EventID]) -> EventID {
        var hash = SHA256()
        add(Array("pullcord batch 1".utf8), to: &hash)
        for id in ids { add(Array(id.text.utf8), to: &hash) }
        return EventID("bat_" + crockford(Array(hash.finalize()).prefix(16)))
    }

    private static func add(_ field: [UInt8], to hash: inout SHA256) {
        hash.update(data: bytes(UInt64(field.count)))
        hash.update(data: field)
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }

    /// 16 bytes as 26 digits of five bits; the two bits too many lead and are zero, as in a ULID.
    private static func crockford(_ bytes: some Collection<UInt8>) -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var result: [UInt8] = []
        var window: UInt32 = 0
        var bits = 2
        for byte in bytes {
            window = (window << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                result.append(alphabet[Int(window >> UInt32(bits) & 31)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
