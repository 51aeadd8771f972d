/// The layout of the file, as numbered steps that are only ever added to.
///
/// A step that was released is never edited: stores that took it would not take it again.
package enum Schema {
    /// `Pull` in ASCII: tells `file` and us whose database it is
    /// (https://sqlite.org/fileformat2.html#application_id).
    package static let applicationID: Int64 = 0x5075_6C6C

    /// The steps in order; the first leads to version 1.
    package static let migrations: [String] = [
        v001, records, quarantine, SchemaSteps.queue, SchemaSteps.health,
        SchemaSteps.credentials, SchemaSteps.marks, SchemaSteps.fanOut,
        SchemaSteps.steering, SchemaSteps.definitions, AccessSchema.access, SchemaSteps.trace,
        SchemaSteps.upkeep,
    ]

    package static var version: Int64 { Int64(migrations.count) }

    /// The words that the columns `state` and `kind` are numbered by stand in `Codes.swift`.
    private static let v001 = """
        CREATE TABLE owner (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            generation INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE stream (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            stream TEXT NOT NULL,
            cursor TEXT,
            entity_tag TEXT,
            last_modified TEXT,
            validators_request BLOB,
            has_baseline INTEGER NOT NULL DEFAULT 0,
            live_count INTEGER NOT NULL DEFAULT 0,
            next_ordinal INTEGER NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            next_poll INTEGER,
            last_change INTEGER,
            poll_started INTEGER,
            poll_milliseconds INTEGER,
            poll_outcome TEXT,
            poll_reason TEXT,
            poll_pages INTEGER,
            poll_records INTEGER,
            poll_created INTEGER,
            poll_updated INTEGER,
            poll_deleted INTEGER,
            rules BLOB,
            pending_rules BLOB,
            UNIQUE (source, stream)
        ) STRICT;

        -- A fingerprint of NULL marks a deleted record.
        CREATE TABLE record (
            stream INTEGER NOT NULL,
            key TEXT NOT NULL,
            ordinal INTEGER NOT NULL,
            version INTEGER NOT NULL,
            fingerprint BLOB,
            PRIMARY KEY (stream, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            stream INTEGER NOT NULL,
            key TEXT NOT NULL,
            kind INTEGER NOT NULL,
            version INTEGER NOT NULL,
            fingerprint BLOB,
            time INTEGER NOT NULL,
            origin INTEGER NOT NULL,
            record BLOB
        ) STRICT;
        CREATE INDEX event_of_record ON event (stream, key);

        CREATE TABLE subscription (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            backlog INTEGER NOT NULL DEFAULT 0,
            delivered INTEGER NOT NULL DEFAULT 0,
            dead INTEGER NOT NULL DEFAULT 0,
            last_delivered INTEGER,
            disabled_reason TEXT,
            disabled_at INTEGER
        ) STRICT;

        -- A lane is a hash of stream and key: one delivery of a lane is ready, the others of it
        -- are blocked until their turn comes. State: 0 ready, 1 blocked, 2 delivered, 3 dead.
        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY,
            subscription INTEGER NOT NULL REFERENCES subscription (id),
            event INTEGER NOT NULL REFERENCES event (sequence),
            lane INTEGER NOT NULL,
            state INTEGER NOT NULL,
            due INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            committed INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX delivery_of_event ON delivery (event);
        CREATE INDEX delivery_ready ON delivery (subscription, state, due) WHERE state = 0;
        CREATE INDEX delivery_failed ON delivery (subscription, due)
            WHERE state = 0 AND attempts > 0;
        CREATE INDEX delivery_lane ON delivery (subscription, lane) WHERE state <= 1;
        CREATE INDEX delivery_backlog ON delivery (subscription) WHERE state <= 1;
        CREATE INDEX delivery_dead ON delivery (subscription) WHERE state = 3;

        CREATE TABLE attempt (
            delivery INTEGER NOT NULL,
            number INTEGER NOT NULL,
            started INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            status INTEGER,
            outcome TEXT NOT NULL,
            reason TEXT NOT NULL,
            reply TEXT NOT NULL,
            PRIMARY KEY (delivery, number)
        ) STRICT, WITHOUT ROWID;
        """

    /// Findings that are not believed, and records that scans have missed.
    ///
    /// The words that `decision` is numbered by stand in `Codes.swift`.
    private static let quarantine = """
        CREATE TABLE quarantine (
            stream INTEGER PRIMARY KEY REFERENCES stream (id),
            reason TEXT NOT NULL,
            message TEXT NOT NULL,
            affected INTEGER NOT NULL,
            known INTEGER NOT NULL,
            excerpt TEXT,
            announced INTEGER NOT NULL,
            since INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            polls INTEGER NOT NULL,
            decision INTEGER NOT NULL DEFAULT 0,
            decided_at INTEGER
        ) STRICT;

        CREATE TABLE quarantine_record (
            stream INTEGER NOT NULL,
            number INTEGER NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            before BLOB,
            after BLOB,
            previous TEXT,
            record TEXT,
            PRIMARY KEY (stream, number)
        ) STRICT, WITHOUT ROWID;

        -- `poll` is when the last poll began that missed the record.
        CREATE TABLE missing (
            stream INTEGER NOT NULL,
            key TEXT NOT NULL,
            scans INTEGER NOT NULL,
            poll INTEGER NOT NULL,
            PRIMARY KEY (stream, key)
        ) STRICT, WITHOUT ROWID;
        """

    /// Whole records, apart from the rows that every scan walks over, and where events came from.
    private static let records = """
        -- 0 none, 1 some, 2 all.
        ALTER TABLE stream ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;

        -- The id is made of stream and ordinal, so that one look-up finds a record. Bytes are
        -- packed: a flag, then they themselves (0) or a zstd frame (1).
        CREATE TABLE kept (
            id INTEGER PRIMARY KEY,
            version INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;

        -- Only pages that events were found on; number 0 is a whole scan.
        CREATE TABLE page (
            id INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,
            poll_started INTEGER NOT NULL,
            number INTEGER NOT NULL,
            look INTEGER NOT NULL,
            url TEXT,
            status INTEGER,
            records INTEGER NOT NULL,
            read_at INTEGER NOT NULL
        ) STRICT;

        ALTER TABLE event ADD COLUMN page INTEGER;
        ALTER TABLE event ADD COLUMN before BLOB;
        -- Packed as `kept.bytes` is.
        ALTER TABLE event ADD COLUMN previous BLOB;
        ALTER TABLE event ADD COLUMN changed BLOB;
        ALTER TABLE event ADD COLUMN patch BLOB;
        """
}
