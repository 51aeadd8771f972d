import CCurl
import Glibc

/// One easy handle of libcurl with the buffer for its error texts, freed when it is let go.
@safe struct EasyHandle: ~Copyable {
    /// For calls that take the handle along with another; never kept.
    let raw: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?
    /// The first option that was not taken so far; `CURLE_OK` if there is none.
    private(set) var failure = CURLE_OK

    init?() {
        guard let made = unsafe curl_easy_init() else { return nil }
        unsafe raw = made
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe note(pullcord_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText))
    }

    deinit {
        unsafe curl_easy_cleanup(raw)
        unsafe curl_slist_free_all(headerList)
        unsafe errorText.deallocate()
    }

    mutating func set(_ option: CURLoption, _ number: Int) {
        unsafe note(pullcord_set_long(raw, option, number))
    }

    mutating func set(_ option: CURLoption, flag: Bool) { set(option, flag ? 1 : 0) }

    /// The text is copied by libcurl; nil takes the option back.
    mutating func set(_ option: CURLoption, _ text: String?) {
        unsafe note(pullcord_set_string(raw, option, text))
    }

    /// The pointee stays the caller's and must outlive the handle's use of it.
    @unsafe mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        unsafe note(pullcord_set_pointer(raw, option, pointer))
    }

    @unsafe mutating func set(_ option: CURLoption, receive: pullcord_receive?) {
        unsafe note(pullcord_set_receive(raw, option, receive))
    }

    /// The bytes are copied by libcurl.
    mutating func set(_ option: CURLoption, blob: [UInt8]) {
        unsafe blob.withUnsafeBytes { bytes in
            unsafe note(
                pullcord_set_blob(raw, option, bytes.baseAddress ?? errorPointer, bytes.count))
        }
    }

    /// Copies a body in; nil lets go of the last one.
    mutating func setBody(_ body: [UInt8]?) {
        guard let body else {
            unsafe note(pullcord_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, nil))
            return
        }
        unsafe note(
            pullcord_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        unsafe body.withUnsafeBytes { bytes in
            // An array without elements may have no address, and NULL would mean "read a stream".
            unsafe note(
                pullcord_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? errorPointer)
            )
        }
    }

    /// Replaces the header lines.
    mutating func setHeaders(_ lines: some Sequence<String>) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                failure = CURLE_OUT_OF_MEMORY
                break
            }
            unsafe list = longer
        }
        unsafe note(pullcord_set_list(raw, CURLOPT_HTTPHEADER, list))
        unsafe curl_slist_free_all(headerList)
        unsafe headerList = list
    }

    func number(_ info: CURLINFO) -> Int {
        var value = 0
        return unsafe pullcord_get_long(raw, info, &value) == CURLE_OK ? value : 0
    }

    func offset(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return unsafe pullcord_get_offset(raw, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    /// What libcurl says about a failure; in its own words if the exchange left a text behind.
    func message(of code: CURLcode) -> String {
        let text = unsafe String(cString: errorText)
        return text.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : text
    }

    mutating func clearMessage() { unsafe errorText.pointee = 0 }

    private var errorPointer: UnsafeRawPointer { unsafe UnsafeRawPointer(errorText) }

    private mutating func note(_ code: CURLcode) {
        if failure == CURLE_OK { failure = code }
    }
}

/// Reads the clock that no one sets, in nanoseconds.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}
