import Glibc
import PullcordAdapter
import PullcordModel

/// Makes UTF-8 of text in any known character set by `iconv`(3).
enum Transcoder {
    /// Nothing is replaced or left out: a wrong byte is an error.
    static func utf8(
        _ bytes: [UInt8], from charset: Charset, skipping skipped: Int
    ) throws(FormatError) -> [UInt8] {
        let descriptor = unsafe iconv_open("UTF-8", charset.rawValue.uppercased())
        // iconv_open(3) returns -1 as a pointer when it knows no such conversion.
        guard let descriptor = unsafe descriptor, Int(bitPattern: descriptor) != -1 else {
            throw FormatError(
                .charsetUnknown, "this system cannot convert \(charset.rawValue)",
                hint: "install the conversions of the C library (Debian: libc6 with gconv)")
        }
        defer { unsafe iconv_close(descriptor) }
        let piece = 64 << 10
        var output = [UInt8](repeating: 0, count: piece)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 4)
        var input = bytes
        var consumed = min(skipped, bytes.count)
        var stop: CInt = 0
        var isFlushed = false
        while true {
            let (taken, made, error) = unsafe input.withUnsafeMutableBytes { source in
                unsafe output.withUnsafeMutableBytes { target in
                    unsafe step(
                        descriptor, source, from: consumed, target, flushes: isFlushed)
                }
            }
            consumed += taken
            result.append(contentsOf: output[..<made])
            guard result.count <= Limits.pageBytesMax else {
                throw FormatError(
                    .tooLarge, "the text has more than \(Limits.pageBytesMax) bytes in UTF-8",
                    hint: "ask for smaller pages")
            }
            stop = error
            if error == E2BIG { continue }
            // With everything read, one more call gives what is still held back for a combining
            // mark that might have followed.
            if error != 0 || isFlushed { break }
            isFlushed = true
        }
        guard stop == 0 else {
            throw wrong(consumed < bytes.count ? bytes[consumed] : 0, at: consumed, charset)
        }
        return result
    }

    /// The refusal of a byte that the character set does not have in this place.
    static func wrong(_ byte: UInt8, at offset: Int, _ charset: Charset) -> FormatError {
        FormatError(
            .charsetByte, at: "byte \(offset)",
            "byte 0x\(Hex.text([byte])) is wrong here in \(charset.rawValue)",
            hint: "is the text in another character set? say which with `charset` in `format`")
    }

    /// One call: how much was read and written, and `errno` or 0.
    @unsafe private static func step(
        _ descriptor: iconv_t, _ source: UnsafeMutableRawBufferPointer, from start: Int,
        _ target: UnsafeMutableRawBufferPointer, flushes: Bool
    ) -> (taken: Int, made: Int, error: CInt) {
        guard let from = source.baseAddress, let to = target.baseAddress else {
            return (0, 0, 0)
        }
        var input: UnsafeMutablePointer<CChar>? = unsafe (from + start).assumingMemoryBound(
            to: CChar.self)
        var output: UnsafeMutablePointer<CChar>? = unsafe to.assumingMemoryBound(to: CChar.self)
        var inputLeft = source.count - start
        var outputLeft = target.count
        let status =
            if flushes {
                unsafe iconv(descriptor, nil, nil, &output, &outputLeft)
            } else {
                unsafe iconv(descriptor, &input, &inputLeft, &output, &outputLeft)
            }
        let error = status == -1 ? errno : 0
        return (source.count - start - inputLeft, target.count - outputLeft, error)
    }
}
