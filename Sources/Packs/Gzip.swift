import CZlib

/// gzip (RFC 1952) in memory.
enum Gzip {
    private enum Outcome {
        case done, damaged, tooLarge
    }

    private static let chunkBytes = 64 << 10

    /// The bytes as they were before they were packed; at most `limit`.
    static func unpack(_ packed: [UInt8], limit: Int) throws(PackError) -> [UInt8] {
        var stream = unsafe z_stream()
        guard unsafe pullcord_inflate_init(&stream) == Z_OK else {
            throw PackError(.gzip, "there is no memory to unpack it")
        }
        defer { _ = unsafe inflateEnd(&stream) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        let outcome = unsafe packed.withUnsafeBufferPointer { input -> Outcome in
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.avail_in = UInt32(clamping: input.count)
            while true {
                let status = unsafe chunk.withUnsafeMutableBufferPointer { output in
                    unsafe stream.next_out = output.baseAddress
                    unsafe stream.avail_out = UInt32(output.count)
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
                result += chunk.prefix(chunk.count - Int(unsafe stream.avail_out))
                guard result.count <= limit else { return .tooLarge }
                switch status {
                case Z_OK: continue
                case Z_STREAM_END: return unsafe stream.avail_in == 0 ? .done : .damaged
                default: return .damaged
                }
            }
        }
        switch outcome {
        case .done: return result
        case .damaged:
            throw PackError(
                .gzip, "it is no whole gzip file", hint: "pullcord adapter pack makes archives")
        case .tooLarge:
            throw PackError(.tooLarge, "it unpacks to more than \(limit) bytes")
        }
    }

    static func pack(_ bytes: [UInt8]) throws(PackError) -> [UInt8] {
        var stream = unsafe z_stream()
        guard unsafe pullcord_deflate_init(&stream) == Z_OK else {
            throw PackError(.gzip, "there is no memory to pack it")
        }
        defer { _ = unsafe deflateEnd(&stream) }
        let bound = Int(unsafe deflateBound(&stream, UInt(bytes.count)))
        var result = [UInt8](repeating: 0, count: bound)
        let status = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.avail_in = UInt32(clamping: input.count)
            return unsafe result.withUnsafeMutableBufferPointer { output in
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(clamping: output.count)
                return unsafe deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else {
            throw PackError(.gzip, "it could not be packed")
        }
        return Array(result.prefix(bound - Int(unsafe stream.avail_out)))
    }
}
