package import PullcordModel

/// One value of a YAML file with the place where it stands.
package struct YAMLNode: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the file; keys are unique.
        case mapping([YAMLEntry])
    }

    package let content: Content
    /// Of the value's first character: the quote of a quoted text, the `|` of a block.
    package let place: Place

    package init(content: Content, place: Place) {
        self.content = content
        self.place = place
    }

    package var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    package var sequence: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    package var mapping: [YAMLEntry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The value of a key of this mapping; nil if it is no mapping or has no such key.
    package subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key.text == key }?.value
    }

    /// Where the character stands that became the one at `offset` of this scalar's text.
    ///
    /// Offsets count Unicode scalars from 0; one beyond the text stands for its end.
    package func place(ofCharacter offset: Int) -> Place {
        guard let scalar else { return place }
        return scalar.spread.place(ofCharacter: offset, from: place)
    }
}

/// A key of a mapping and its value.
package struct YAMLEntry: Sendable, Equatable {
    package let key: YAMLKey
    package let value: YAMLNode

    package init(key: YAMLKey, value: YAMLNode) {
        self.key = key
        self.value = value
    }
}

/// A key: always a scalar, kept as its text.
package struct YAMLKey: Sendable, Equatable {
    package let text: String
    package let place: Place

    package init(text: String, place: Place) {
        self.text = text
        self.place = place
    }
}

/// A scalar: its text, how it was written, and what the core schema makes of it.
package struct YAMLScalar: Sendable, Equatable {
    package enum Style: Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    /// YAML 1.2.2, section 10.3.2: the tag that a plain scalar resolves to.
    package enum Kind: String, Sendable {
        case null, boolean, integer, float, string
    }

    /// As it reads after quotes, escapes and folding.
    package let text: String
    package let style: Style
    /// `string` for everything that is not plain.
    package let kind: Kind
    let spread: ScalarSpread

    package init(text: String, style: Style = .plain, kind: Kind = .string) {
        self.init(text: text, style: style, kind: kind, spread: .verbatim(indent: 0))
    }

    init(text: String, style: Style, kind: Kind, spread: ScalarSpread) {
        self.text = text
        self.style = style
        self.kind = kind
        self.spread = spread
    }
}
