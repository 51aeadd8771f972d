extension SchemaSteps {
    /// Sources and subscriptions that are kept in the store.
    ///
    /// The words that `kind` is numbered by stand in `DefinitionTable.swift`.
    static let definitions = """
        CREATE TABLE definition (
            kind INTEGER NOT NULL,
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            version INTEGER NOT NULL,
            made INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            PRIMARY KEY (kind, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE definition_label (
            kind INTEGER NOT NULL,
            name TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (kind, name, key)
        ) STRICT, WITHOUT ROWID;

        -- The greatest version that was ever given.
        CREATE TABLE definition_version (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            last INTEGER NOT NULL
        ) STRICT;
        INSERT INTO definition_version VALUES (1, 0);
        """
}
