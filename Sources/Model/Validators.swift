/// What makes the next request for the same thing conditional (RFC 9110, section 13).
package struct Validators: Sendable, Equatable {
    package let entityTag: String?
    package let lastModified: String?
    /// A hash of method, URL, body and of the rules that read the answer: validators of another
    /// request, or of other rules, must not be sent.
    package let request: Fingerprint

    package init(entityTag: String?, lastModified: String?, request: Fingerprint) {
        self.entityTag = entityTag
        self.lastModified = lastModified
        self.request = request
    }
}
