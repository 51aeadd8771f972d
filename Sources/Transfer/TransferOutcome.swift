import CCurl
import Glibc

/// Turns the end of an exchange into an answer or an error.
extension Transfer {
    /// What libcurl's result means, with what the callbacks have noted.
    func outcome(_ code: CURLcode) -> Result<HTTPResponse, TransferError> {
        if code == CURLE_OK, answer.hasWholeHeader {
            return .success(response(isTruncated: false))
        }
        if let cut = cutAnswer() { return .success(cut) }
        return .failure(failure(code))
    }

    /// What a passed deadline means.
    func outcome(_ expiry: ExchangeTimer.Expiry) -> Result<HTTPResponse, TransferError> {
        if let cut = cutAnswer() { return .success(cut) }
        switch expiry {
        case .firstByte:
            return .failure(
                error(.timeoutFirstByte, "no answer within \(text(\.firstByte))", hint: Self.slow))
        case .total:
            return .failure(
                error(.timeoutTotal, "not done within \(text(\.total))", hint: Self.slow))
        }
    }

    /// An error at the point that the exchange has reached.
    func error(_ code: TransferError.Code, _ message: String, hint: String = "") -> TransferError {
        let phase = currentPhase
        return TransferError(
            code: code, url: RequestURL.withoutSecrets(request?.url ?? ""), phase: phase,
            mayHaveBeenSent: phase >= .send, message: message, hint: hint)
    }

    private static let slow = "the server is slow or the deadline is too short"

    private func text(_ deadline: KeyPath<Deadlines, Duration>) -> String {
        (request?.deadlines[keyPath: deadline] ?? .zero).description
    }

    /// The answer with what came of its body, if its status is all that the request asked for.
    private func cutAnswer() -> HTTPResponse? {
        guard answer.limit.truncates, answer.hasWholeHeader else { return nil }
        return response(isTruncated: true)
    }

    private func response(isTruncated: Bool) -> HTTPResponse {
        let version: HTTPVersion =
            switch easy.number(CURLINFO_HTTP_VERSION) {
            case CURL_HTTP_VERSION_2_0: .http2
            case CURL_HTTP_VERSION_1_0: .http1_0
            default: .http1_1
            }
        let connect = max(
            easy.offset(CURLINFO_CONNECT_TIME_T), easy.offset(CURLINFO_APPCONNECT_TIME_T))
        let timings = Timings(
            connect: .microseconds(connect),
            firstByte: .microseconds(easy.offset(CURLINFO_STARTTRANSFER_TIME_T)),
            total: .microseconds(easy.offset(CURLINFO_TOTAL_TIME_T)))
        return HTTPResponse(
            status: answer.status, version: version, headers: answer.headers,
            body: answer.takeBody(), file: answer.takeFile(), isTruncated: isTruncated,
            remote: remote, timings: timings,
            reusedConnection: easy.number(CURLINFO_NUM_CONNECTS) == 0)
    }

    /// Callbacks do not tell a sent request from one that is being sent.
    private var currentPhase: TransferError.Phase {
        guard phase == .send, easy.number(CURLINFO_REQUEST_SIZE) > 0,
            easy.offset(CURLINFO_SIZE_UPLOAD_T) >= (request?.body?.count ?? 0)
        else { return phase }
        return .firstByte
    }

    private func failure(_ code: CURLcode) -> TransferError {
        if let refusal, phase < .send {
            return error(.refusedAddress, refusal.message, hint: refusal.hint)
        }
        switch answer.stop {
        case .headersTooLarge:
            return error(.headersTooLarge, "the headers have more bytes than the limit")
        case .bodyTooLarge:
            return error(
                .bodyTooLarge, "the body has more than \(answer.limit.bytes) bytes",
                hint: "ask for smaller pages or raise the limit")
        case .spoolFailed(let failure):
            return error(
                .spool,
                "the body could not be kept in a file in \(spoolFolder): "
                    + BodySpool.reason(of: failure.number),
                hint: "a large body needs as much room there as it has bytes, decoded")
        case nil: break
        }
        if openFailure != 0, phase == .connect {
            let reason = unsafe String(cString: strerror(openFailure))
            return error(
                .overloaded, "no socket could be made: \(reason)",
                hint: "raise the limit of open files (ulimit -n)")
        }
        let kind = kind(of: code)
        let message = easy.message(of: code)
        // A connect and a handshake are one to the callbacks, but not to libcurl's texts.
        if kind == .tls || (phase == .connect && message.contains("SSL")) { phase = .tls }
        let isTLS = phase == .tls && kind != .timeoutConnect
        if isTLS || message.contains("alert") {
            let failure = TLSFailure(
                code, verification: easy.number(CURLINFO_SSL_VERIFYRESULT), message: message)
            // In TLS 1.3 a server judges our certificate after the handshake.
            if isTLS || failure.code == .tlsClientCertificate {
                return error(failure.code, message, hint: failure.hint)
            }
        }
        return error(kind, message, hint: hint(for: code))
    }

    private func kind(of code: CURLcode) -> TransferError.Code {
        switch code {
        case CURLE_URL_MALFORMAT: .invalidURL
        // Also said of an answer in HTTP/0.9, which is none.
        case CURLE_UNSUPPORTED_PROTOCOL: phase < .send ? .refusedScheme : .malformed
        // Without a thread or descriptor to spare, no name server was asked.
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            easy.message(of: code).contains("thread failed") ? .overloaded : .dns
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED: .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CLIENTCERT:
            .tls
        case CURLE_OPERATION_TIMEDOUT: phase < .send ? .timeoutConnect : .timeoutTotal
        case CURLE_PARTIAL_FILE: .truncated
        case CURLE_BAD_CONTENT_ENCODING: .encoding
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR: isMalformed ? .malformed : resetKind
        case CURLE_GOT_NOTHING: .reset
        case CURLE_HTTP2_STREAM: resetKind
        // A single line of more than 100 KiB is more than libcurl holds.
        case CURLE_OUT_OF_MEMORY: phase < .send ? .overloaded : .headersTooLarge
        case CURLE_FAILED_INIT: .overloaded
        default: phase < .send ? .connect : .malformed
        }
    }

    /// A body that had begun is cut short by a reset; before that there was no answer.
    private var resetKind: TransferError.Code {
        if phase < .send { return .connect }
        return phase == .body ? .truncated : .reset
    }

    /// libcurl reports broken chunks with the code of a failed read.
    private var isMalformed: Bool {
        phase == .body && easy.number(CURLINFO_OS_ERRNO) == 0
            && easy.message(of: CURLE_RECV_ERROR).contains("chunk")
    }

    private func hint(for code: CURLcode) -> String {
        switch kind(of: code) {
        case .dns: return "check the name, and the name servers of this machine"
        case .connect: return "check that the server runs, and that nothing in between blocks it"
        case .timeoutConnect: return "check the address, and that no firewall drops its packets"
        case .reset: return "the server closed the connection without an answer"
        case .overloaded: return "raise the limits of open files (ulimit -n) and of tasks"
        default: return ""
        }
    }
}
