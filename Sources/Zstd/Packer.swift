import CZstd

/// Makes bytes smaller for the store: a flag byte, then the bytes or a zstd frame (RFC 8878).
///
/// Small texts are kept as they are where a frame would be no shorter. One packer serves many
/// texts, one after the other, because a context of zstd is dear to make.
@safe
package struct Packer: ~Copyable {
    /// The first byte of what was packed.
    enum Flag {
        static let plain: UInt8 = 0
        static let frame: UInt8 = 1
    }

    /// The level at which a record takes microseconds, and more would save little.
    private static let level: Int32 = 3

    private let context: OpaquePointer?

    package init() { unsafe context = ZSTD_createCCtx() }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// The packed bytes: never longer than one byte more than `bytes`.
    package borrowing func pack(_ bytes: [UInt8]) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: bound + 1) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            unsafe start.pointee = Flag.frame
            let written = unsafe bytes.withUnsafeBytes {
                unsafe ZSTD_compressCCtx(
                    context, start + 1, bound, $0.baseAddress, $0.count, Self.level)
            }
            // Only a lack of memory can fail here, and then nothing is saved.
            count = ZSTD_isError(written) == 0 ? written + 1 : 0
        }
        let isSmaller = !packed.isEmpty && packed.count <= bytes.count
        return isSmaller ? packed : [Flag.plain] + bytes
    }
}

/// Reads what a ``Packer`` has written.
@safe
package struct Unpacker: ~Copyable {
    private let context: OpaquePointer?

    package init() { unsafe context = ZSTD_createDCtx() }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// The bytes as they were before they were packed.
    ///
    /// `limit` is what they may have at most, whatever the frame says of itself. Throws
    /// ``ZstdError``.
    package borrowing func unpack(
        _ packed: [UInt8], limit: Int
    ) throws(ZstdError) -> [UInt8] {
        switch packed.first {
        case Packer.Flag.plain:
            guard packed.count - 1 <= limit else { throw .tooLarge(packed.count - 1, limit) }
            return Array(packed.dropFirst())
        case Packer.Flag.frame: return try inflate(packed, limit: limit)
        case let flag?:
            throw ZstdError(.unknownFlag, "the first byte is \(flag), which stands for nothing")
        case nil: throw ZstdError(.damaged, "there are no bytes at all")
        }
    }

    private borrowing func inflate(
        _ packed: [UInt8], limit: Int
    ) throws(ZstdError) -> [UInt8] {
        let size = unsafe packed.withUnsafeBytes {
            unsafe ZSTD_getFrameContentSize($0.baseAddress.map { unsafe $0 + 1 }, $0.count - 1)
        }
        // The two values that mean "unknown" and "no frame" are beyond any Int.
        guard let count = Int(exactly: size) else {
            throw ZstdError(.damaged, "the frame does not say how large its content is")
        }
        guard count <= limit else { throw .tooLarge(count, limit) }
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, written in
            result = unsafe packed.withUnsafeBytes {
                unsafe ZSTD_decompressDCtx(
                    context, buffer.baseAddress, count, $0.baseAddress.map { unsafe $0 + 1 },
                    $0.count - 1)
            }
            written = ZSTD_isError(result) == 0 ? min(result, count) : 0
        }
        guard ZSTD_isError(result) == 0, bytes.count == count else {
            throw ZstdError(.damaged, "the frame is damaged")
        }
        return bytes
    }
}
