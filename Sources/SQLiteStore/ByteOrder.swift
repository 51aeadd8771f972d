import Glibc
import PullcordCommit

/// The order of SQLite's BINARY collation: by bytes, the shorter first among equals.
enum ByteOrder {
    static func compare(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let common = min(left.count, right.count)
        if common > 0, let leftStart = left.baseAddress, let rightStart = right.baseAddress {
            let order = unsafe memcmp(leftStart, rightStart, common)
            if order != 0 { return Int(order) }
        }
        return left.count - right.count
    }

    /// Whether no key of the list comes before the one ahead of it.
    static func isAscending(_ keys: KeyList) -> Bool {
        unsafe keys.bytes.withUnsafeBufferPointer { bytes in
            for index in keys.ends.indices.dropFirst() {
                let left = unsafe UnsafeBufferPointer(rebasing: bytes[keys.range(index - 1)])
                let right = unsafe UnsafeBufferPointer(rebasing: bytes[keys.range(index)])
                if unsafe compare(left, right) > 0 { return false }
            }
            return true
        }
    }
}
