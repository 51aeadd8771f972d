import CCurl

/// One exchange under way: an easy handle and all that its callbacks need.
///
/// It lives on the loop's thread only. libcurl holds an unretained pointer to it; the loop holds
/// the object from before the handle joins the multi handle until after it has left, and callbacks
/// come in between only. After an exchange it is used
/// again for another.
final class Transfer {
    var easy: EasyHandle
    /// Whether options are set that another request must not have.
    ///
    /// Such a handle is not used again: libcurl's own reset keeps the receive buffer and then
    /// refuses to have its size set.
    var isSpent = false

    private(set) var number: UInt64 = 0
    private(set) var request: HTTPRequest?
    private var reply: Mailbox.Reply?
    private var policy = AddressPolicy()
    private var target: AddressPolicy.Target?

    var answer = Answer(limit: .refuse(over: 0))
    var timer = ExchangeTimer(.delivery, now: 0)
    /// Where the connection leads to; known from the moment it is ready.
    var remote: SocketAddress?
    /// The last address that was refused.
    var refusal: AddressRefusal?
    /// `errno` of the last socket that could not be made.
    var openFailure: CInt = 0
    /// Hears of every socket that was made.
    var openedSocket: ((CInt) -> Void)?
    /// How far it has come, as far as callbacks tell.
    var phase = TransferError.Phase.queue

    /// Where the file of a large body is made.
    let spoolFolder: String

    init?(spoolFolder: String = TransferLimits.spoolFolderDefault) {
        self.spoolFolder = spoolFolder
        guard let made = EasyHandle() else { return nil }
        easy = made
    }

    /// Takes an order in; options of the handle are set elsewhere.
    func begin(_ order: Mailbox.Order, now: Int64) {
        number = order.number
        request = order.request
        reply = order.reply
        policy = order.policy
        target = nil
        answer = Answer(
            limit: order.request.bodyLimit, mayBeAsked: order.request.login != nil,
            spooling: order.request.spoolsOver.map { .init(over: $0, folder: spoolFolder) })
        timer = ExchangeTimer(
            order.request.deadlines, isBodySpare: order.request.bodyLimit.truncates, now: now)
        remote = nil
        refusal = nil
        openFailure = 0
        phase = .queue
        easy.clearMessage()
    }

    /// Gives the caller its result, once, and lets go of the request.
    func end(_ result: Result<HTTPResponse, TransferError>) {
        reply?.resume(returning: result)
        reply = nil
        request = nil
        answer = Answer(limit: .refuse(over: 0))
    }

    /// Whether the policy lets this exchange use the address; a refusal is remembered.
    func mayUse(_ address: SocketAddress) -> Bool {
        if target == nil, policy.hasNames, let request {
            target =
                if let proxy = request.proxy {
                    RequestURL.proxyTarget(proxy)
                } else {
                    try? RequestURL(request.url).target
                }
        }
        switch policy.verdict(on: address, target: target) {
        case .allowed: return true
        case .refused(let refusal):
            self.refusal = refusal
            return false
        }
    }

    /// The connection is ready: from here on the server may get to see the request.
    func connected(to address: SocketAddress) {
        remote = address
        phase = .send
        refusal = nil
        timer.connected(at: monotonicNanoseconds())
    }
}
