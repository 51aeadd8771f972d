import CJQ

/// One compiled program inside libjq 1.6 (`jq.h`, `jv.h`): the only place that touches C.
///
/// libjq's values are reference counted by hand: every call consumes its arguments and hands
/// out an owned result. A machine is used by one thread at a time.
@safe
struct JQMachine: ~Copyable {
    private let state: OpaquePointer?

    /// What one run gave.
    enum Outcome {
        case outputs([[UInt8]])
        case failed(message: String)
        case tooManyOutputs
        case tooManyBytes
        case badInput(message: String)
    }

    /// Why a program was not compiled: what libjq said, in order.
    struct Refusal: Error {
        let complaints: [String]
    }

    /// Compiles a program as it is; see ``JQPrelude`` for what must stand before it.
    init(program: String) throws(Refusal) {
        let state = unsafe jq_init()
        unsafe self.state = state
        guard unsafe state != nil else {
            throw Refusal(complaints: ["libjq could not be started"])
        }
        let box = ComplaintBox()
        let isCompiled = withExtendedLifetime(box) {
            unsafe jq_set_error_cb(state, takeComplaint, Unmanaged.passUnretained(box).toOpaque())
            let isCompiled = unsafe jq_compile(state, program) != 0
            unsafe jq_set_error_cb(state, dropComplaint, nil)
            return isCompiled
        }
        guard isCompiled else { throw Refusal(complaints: box.complaints) }
    }

    deinit {
        var state = unsafe state
        unsafe jq_teardown(&state)
    }

    /// Runs the program on one text that was found to be valid JSON.
    mutating func run(on bytes: [UInt8], outputsMax: Int, bytesMax: Int) -> Outcome {
        let input = unsafe bytes.withUnsafeBytes { buffer in
            unsafe jv_parse_sized(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(clamping: buffer.count))
        }
        guard unsafe jv_get_kind(input) != JV_KIND_INVALID else {
            return unsafe .badInput(message: Self.message(of: input) ?? "")
        }
        unsafe jq_start(state, input, 0)
        let outcome = collect(outputsMax: outputsMax, bytesMax: bytesMax)
        // Starting over lets go of everything that the run held.
        unsafe jq_start(state, jv_null(), 0)
        return outcome
    }

    private func collect(outputsMax: Int, bytesMax: Int) -> Outcome {
        var outputs: [[UInt8]] = []
        var byteCount = 0
        while true {
            let value = unsafe jq_next(state)
            if unsafe jv_get_kind(value) == JV_KIND_INVALID {
                if let message = unsafe Self.message(of: value) {
                    return .failed(message: message)
                }
                return unsafe jq_halted(state) != 0
                    ? .failed(message: "the program halted") : .outputs(outputs)
            }
            let text = unsafe Self.bytes(of: jv_dump_string(value, 0))
            byteCount += text.count
            guard outputs.count < outputsMax else { return .tooManyOutputs }
            guard byteCount <= bytesMax else { return .tooManyBytes }
            outputs.append(text)
        }
    }

    /// The compact text that libjq gives to a number.
    static func numberText(_ number: [UInt8]) -> [UInt8] {
        unsafe number.withUnsafeBytes { buffer in
            let value = unsafe jv_parse_sized(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(clamping: buffer.count))
            return unsafe bytes(of: jv_dump_string(value, 0))
        }
    }

    /// Consumes an invalid value; nil if it carries no message, which is how outputs end.
    private static func message(of value: jv) -> String? {
        guard unsafe jv_invalid_has_msg(jv_copy(value)) != 0 else {
            unsafe jv_free(value)
            return nil
        }
        return unsafe text(of: jv_invalid_get_msg(value))
    }

    /// Consumes any value: a string as it is, anything else as compact JSON.
    fileprivate static func text(of value: jv) -> String {
        let isString = unsafe jv_get_kind(value) == JV_KIND_STRING
        let text = unsafe isString ? value : jv_dump_string(value, 0)
        return unsafe String(decoding: bytes(of: text), as: UTF8.self)
    }

    /// Consumes a string.
    private static func bytes(of text: jv) -> [UInt8] {
        let count = unsafe Int(jv_string_length_bytes(jv_copy(text)))
        let result = unsafe jv_string_value(text).map { start in
            unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
        }
        unsafe jv_free(text)
        return result ?? []
    }
}

/// Where libjq's complaints are put while it compiles.
private final class ComplaintBox {
    var complaints: [String] = []
}

private func takeComplaint(_ box: UnsafeMutableRawPointer?, _ message: jv) {
    let text = unsafe JQMachine.text(of: message)
    guard let box = unsafe box else { return }
    unsafe Unmanaged<ComplaintBox>.fromOpaque(box).takeUnretainedValue().complaints.append(text)
}

private func dropComplaint(_: UnsafeMutableRawPointer?, _ message: jv) {
    unsafe jv_free(message)
}
