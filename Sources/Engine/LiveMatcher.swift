import Synchronization

/// Who wants what at this moment: a change of the configuration replaces it.
package final class LiveMatcher: Sendable {
    private let matcher: Mutex<EventMatcher>

    package init(_ matcher: EventMatcher) { self.matcher = Mutex(matcher) }

    package var current: EventMatcher { matcher.withLock { $0 } }

    func replace(by matcher: EventMatcher) { self.matcher.withLock { $0 = matcher } }
}
