extension SchemaSteps {
    /// Parents that child streams are asked for, and by which rules they were written down.
    ///
    /// `due` is when a parent is to be visited, 0 for at once; NULL once nothing is to be done.
    /// `mark` counts what has happened to it, so that a visit settles only what it has seen.
    static let fanOut = """
        CREATE TABLE parent (
            stream INTEGER NOT NULL,
            key TEXT NOT NULL,
            fields BLOB NOT NULL,
            due INTEGER,
            mark INTEGER NOT NULL,
            is_gone INTEGER NOT NULL,
            is_first INTEGER NOT NULL,
            cursor TEXT,
            entity_tag TEXT,
            last_modified TEXT,
            validators_request BLOB,
            rules BLOB,
            pending_rules BLOB,
            children BLOB,
            PRIMARY KEY (stream, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX parent_due ON parent (stream, due, key) WHERE due IS NOT NULL;

        CREATE TABLE fan_out (
            stream INTEGER PRIMARY KEY,
            rules BLOB NOT NULL
        ) STRICT;
        """
}
