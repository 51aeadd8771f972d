/// What a definition of the store makes: the two things that bridge files name.
package enum DefinitionKind: String, Sendable, CaseIterable, Hashable, CustomStringConvertible {
    case source
    case subscription

    package var description: String { rawValue }
}

/// Who has named a source or a subscription.
package enum DefinitionOrigin: String, Sendable, CaseIterable {
    /// The bridge file, which alone can change it.
    case file
    /// A definition of the store, made through the API or the command line.
    case api
}
