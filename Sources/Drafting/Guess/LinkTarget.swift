import PullcordPoll

/// Link headers, read as polls read them.
enum LinkTarget {
    static func of(_ relation: String, in values: [String]) -> String? {
        LinkHeader.target(relation: relation, in: values)
    }
}
