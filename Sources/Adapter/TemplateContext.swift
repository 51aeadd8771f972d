package import PullcordModel

/// The values that placeholders stand for in one request.
///
/// A value that is not there is absent, which is not an error: see
/// ``Template/render(_:encoding:)``.
package struct TemplateContext: Sendable {
    package var parameters: [String: String]
    package var environment: [String: String]
    /// The text of each file that a template names, by the path as written.
    package var files: [String: String]
    /// As it is sent to the API; nil at the first poll of a stream without `initial`.
    package var cursor: String?
    /// What stands for each of several cursors, and `until`.
    package var namedCursors: [String: String] = [:]
    package var page: [Placeholder.PageValue: String]
    package var pollStarted: Timestamp?
    package var event: Event?
    package var recordKey: String?
    package var record: [String: String] = [:]
    package var parent: [String: String] = [:]
    /// What is signed of a request, and when it is sent.
    package var request: [Placeholder.RequestValue: String] = [:]
    package var requestTime: Timestamp?
    /// What the login under way has brought so far.
    package var session: [String: String] = [:]

    package init(
        parameters: [String: String] = [:], environment: [String: String] = [:],
        files: [String: String] = [:], cursor: String? = nil,
        page: [Placeholder.PageValue: String] = [:], pollStarted: Timestamp? = nil,
        event: Event? = nil
    ) {
        self.parameters = parameters
        self.environment = environment
        self.files = files
        self.cursor = cursor
        self.page = page
        self.pollStarted = pollStarted
        self.event = event
    }

    /// The value as text, or nil if it is absent.
    ///
    /// The start of the poll is written in RFC 3339, UTC, whole seconds.
    func value(of subject: Placeholder.Subject) -> String? {
        switch subject {
        case .parameter(let name): parameters[name]
        case .environment(let name): environment[name]
        case .file(let path): files[path]
        case .cursor: cursor
        case .namedCursor(let name): namedCursors[name]
        case .page(let value): page[value]
        case .recordKey: recordKey
        case .record(let path): record[path]
        case .parent(let name): parent[name]
        case .session(let name): session[name]
        case .pollStarted: pollStarted.map { TimeFormat.write($0, "%Y-%m-%dT%H:%M:%SZ") }
        case .event(let value): event.map { value.text(of: $0) }
        case .request(.time):
            requestTime.map { TimeFormat.write($0, "%Y-%m-%dT%H:%M:%SZ") }
        case .request(let value): request[value]
        }
    }

    /// The time that a placeholder stands for, with its milliseconds.
    func moment(of subject: Placeholder.Subject) -> Timestamp? {
        switch subject {
        case .pollStarted: pollStarted
        case .request(.time): requestTime
        default: nil
        }
    }
}
