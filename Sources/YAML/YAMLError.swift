package import PullcordModel

/// Why a file is not read as YAML, and where.
package struct YAMLError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// Over ``YAMLLimits/fileBytesMax``.
        case tooLarge = "yaml_too_large"
        /// Bytes that are no UTF-8, or a character that YAML does not allow.
        case encoding = "yaml_encoding"
        case syntax = "yaml_syntax"
        /// Over ``YAMLLimits/depthMax``.
        case tooDeep = "yaml_too_deep"
        /// Over ``YAMLLimits/nodesMax`` once aliases are expanded.
        case tooManyNodes = "yaml_too_many_nodes"
        case empty = "yaml_empty"
        case secondDocument = "yaml_second_document"
        case duplicateKey = "yaml_duplicate_key"
        case keyNotScalar = "yaml_key_not_scalar"
        case unknownAlias = "yaml_unknown_alias"
        case tag = "yaml_tag"
        case mergeValue = "yaml_merge_value"
        case memory = "yaml_memory"
    }

    package let code: Code
    package let place: Place
    package let message: String
    package let hint: String
    /// Another place that the message is about, such as the first of two equal keys.
    package let related: Place?

    package init(
        code: Code, place: Place, message: String, hint: String = "", related: Place? = nil
    ) {
        self.code = code
        self.place = place
        self.message = message
        self.hint = hint
        self.related = related
    }
}

/// The bounds of one YAML file.
package enum YAMLLimits {
    /// Bytes of a file: far more than people write by hand.
    package static let fileBytesMax = 4 << 20
    /// Nodes after aliases are expanded: ten thousand sources fit, an alias bomb does not.
    package static let nodesMax = 150_000
    /// How deep collections may nest: every reader above may then recurse.
    package static let depthMax = 64
}
