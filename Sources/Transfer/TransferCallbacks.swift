import CCurl
import Glibc

/// What libcurl calls during an exchange.
///
/// Each context is an unretained ``Transfer`` (or, where a connection outlives its exchange, the
/// ``TransferLoop``), whose owner keeps it alive as its own comment says.
enum TransferCallbacks {
    @unsafe static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// CURLOPT_HEADERFUNCTION: one whole line; any count but the given one ends the exchange.
    static let header: pullcord_receive = { bytes, size, count, context in
        guard let transfer = unsafe transfer(context), let bytes = unsafe bytes else { return 0 }
        let (total, overflow) = size.multipliedReportingOverflow(by: count)
        guard !overflow else { return 0 }
        if !transfer.answer.hasBegun { transfer.timer.answered() }
        let line = unsafe UnsafeRawBufferPointer(start: bytes, count: total)
        guard unsafe transfer.answer.receive(line: line) else { return 0 }
        if transfer.answer.hasWholeHeader {
            if transfer.phase != .body { transfer.timer.headerEnded(at: monotonicNanoseconds()) }
            transfer.phase = .body
        } else {
            transfer.phase = .firstByte
        }
        return total
    }

    /// CURLOPT_WRITEFUNCTION: decoded bytes; any count but the given one ends the exchange.
    static let body: pullcord_receive = { bytes, size, count, context in
        guard let transfer = unsafe transfer(context), let bytes = unsafe bytes else { return 0 }
        let (total, overflow) = size.multipliedReportingOverflow(by: count)
        guard !overflow else { return 0 }
        var announced: Int?
        if transfer.answer.isBodyEmpty {
            let length = transfer.easy.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
            announced = length > 0 ? Int(length) : nil
        }
        let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: total)
        return unsafe transfer.answer.receive(body: chunk, announced: announced) ? total : 0
    }

    /// CURLOPT_RESOLVER_START_FUNCTION: a name is about to be looked up.
    static let resolverStart: curl_resolver_start_callback = { _, _, context in
        unsafe transfer(context)?.phase = .resolve
        return 0
    }

    /// CURLOPT_OPENSOCKETFUNCTION: one candidate address is about to be connected to.
    static let openSocket: curl_opensocket_callback = { context, _, address in
        guard let transfer = unsafe transfer(context), let address = unsafe address,
            let text = unsafe pullcord_address(address),
            let candidate = unsafe SocketAddress(text)
        else { return -1 }
        transfer.phase = .connect
        guard transfer.mayUse(candidate) else { return -1 }
        let kind = unsafe address.pointee.socktype | CInt(SOCK_CLOEXEC.rawValue)
        let made = unsafe socket(address.pointee.family, kind, address.pointee.`protocol`)
        if made < 0 { transfer.openFailure = errno } else { transfer.openedSocket?(made) }
        return made
    }

    /// CURLOPT_PREREQFUNCTION: a connection, new or kept, is about to carry the request.
    static let prerequest: curl_prereq_callback = { context, address, _, port, _ in
        guard let transfer = unsafe transfer(context), let address = unsafe address,
            let peer = IPAddress(unsafe String(cString: address)),
            let number = UInt16(exactly: port)
        else { return CURL_PREREQFUNC_ABORT }
        let remote = SocketAddress(address: peer, port: number)
        guard transfer.mayUse(remote) else { return CURL_PREREQFUNC_ABORT }
        transfer.connected(to: remote)
        return CURL_PREREQFUNC_OK
    }
}
