import PullcordModel
import Synchronization

/// Who has logged in with a browser.
///
/// A session stands for a token, which is looked at anew with each request: where the token is
/// revoked or expires, the session ends. Sessions are in memory only and do not outlive the
/// process.
final class SessionBook: Sendable {
    static let cookie = "pullcord_session"
    /// How long a session lasts.
    static let life: Duration = .seconds(12 * 3600)
    /// Sessions at a time; the oldest are forgotten beyond it.
    private static let sessionsMax = 1000

    private struct Session {
        let token: [UInt8]
        let ends: Duration
    }

    /// By the hash of the cookie's value, so that nothing in memory could be sent.
    private let sessions = Mutex<[[UInt8]: Session]>([:])

    /// Begins a session for a token's hash and returns the cookie's value.
    func open(_ token: [UInt8], at now: Duration) -> Secret {
        let value = TokenText.generate()
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.ends > now }
            if sessions.count >= Self.sessionsMax,
                let oldest = sessions.min(by: { $0.value.ends < $1.value.ends })
            {
                sessions[oldest.key] = nil
            }
            sessions[TokenText.hash(value)] = Session(token: token, ends: now + Self.life)
        }
        return value
    }

    /// The hash of the token that a request's `Cookie` stands for; nil for none.
    func token(_ header: String?, at now: Duration) -> [UInt8]? {
        guard let value = Self.value(header) else { return nil }
        return sessions.withLock { sessions in
            guard let session = sessions[TokenText.hash(value)], session.ends > now else {
                return nil
            }
            return session.token
        }
    }

    func close(_ header: String?) {
        guard let value = Self.value(header) else { return }
        sessions.withLock { $0[TokenText.hash(value)] = nil }
    }

    private static func value(_ header: String?) -> Secret? {
        guard let header else { return nil }
        for part in header.split(whereSeparator: { $0 == ";" || $0 == "," }) {
            let pair = part.drop { $0 == " " }
            guard pair.hasPrefix("\(cookie)=") else { continue }
            return Secret(String(pair.dropFirst(cookie.count + 1)))
        }
        return nil
    }
}
