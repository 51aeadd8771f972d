/// Later steps of ``Schema``, one text each.
enum SchemaSteps {
    /// Orders besides the one per record, numbers, replays, requests of operators, retention.
    ///
    /// Ordering: 0 per record, 1 fifo, 2 none, 3 latest. State: 4 superseded, 5 cancelled. A job
    /// of 0 is none: the deliveries of a replay are claimed after all others.
    static let queue = """
        ALTER TABLE subscription ADD COLUMN ordering INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE subscription ADD COLUMN is_numbered INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE subscription ADD COLUMN last_number INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE subscription ADD COLUMN last_event TEXT;
        ALTER TABLE subscription ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE subscription ADD COLUMN in_file INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE stream ADD COLUMN in_file INTEGER NOT NULL DEFAULT 1;

        ALTER TABLE delivery ADD COLUMN job INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE delivery ADD COLUMN is_replay INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE delivery ADD COLUMN gap TEXT;
        ALTER TABLE delivery ADD COLUMN number INTEGER;
        ALTER TABLE delivery ADD COLUMN previous TEXT;
        ALTER TABLE delivery ADD COLUMN finished INTEGER;
        ALTER TABLE delivery ADD COLUMN replayed_by INTEGER;
        DROP INDEX delivery_ready;
        CREATE INDEX delivery_ready ON delivery (subscription, state, is_replay, due)
            WHERE state = 0;
        CREATE INDEX delivery_of_job ON delivery (job) WHERE job > 0 AND state <= 1;

        -- Dead deliveries that no later one of their lane has told of yet.
        CREATE TABLE gap (
            subscription INTEGER NOT NULL,
            lane INTEGER NOT NULL,
            event TEXT NOT NULL,
            PRIMARY KEY (subscription, lane)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE replay (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            request INTEGER UNIQUE,
            target INTEGER NOT NULL,
            rate INTEGER NOT NULL,
            made INTEGER NOT NULL,
            upper INTEGER NOT NULL,
            position INTEGER NOT NULL DEFAULT 0,
            queued INTEGER NOT NULL DEFAULT 0,
            delivered INTEGER NOT NULL DEFAULT 0,
            dead INTEGER NOT NULL DEFAULT 0,
            cancelled INTEGER NOT NULL DEFAULT 0,
            without_payload INTEGER NOT NULL DEFAULT 0,
            is_cancelled INTEGER NOT NULL DEFAULT 0,
            events TEXT NOT NULL,
            subscription TEXT,
            source TEXT,
            stream TEXT,
            key TEXT,
            kind INTEGER,
            since INTEGER,
            until INTEGER,
            is_dead_only INTEGER NOT NULL,
            filter TEXT
        ) STRICT;

        CREATE TABLE request (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            arguments TEXT NOT NULL,
            made INTEGER NOT NULL,
            is_answered INTEGER NOT NULL DEFAULT 0,
            is_done INTEGER,
            answer TEXT
        ) STRICT;
        CREATE INDEX request_open ON request (id) WHERE is_answered = 0;

        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT;

        -- How far payloads were taken away.
        CREATE TABLE retention (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            payloads INTEGER NOT NULL
        ) STRICT;
        INSERT INTO retention VALUES (1, 0);

        CREATE TABLE probe (content BLOB) STRICT;
        ALTER TABLE event ADD COLUMN is_pruned INTEGER NOT NULL DEFAULT 0;
        """

    /// What a stream remembers by name besides its cursor.
    static let marks = """
        CREATE TABLE mark (
            stream INTEGER NOT NULL,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (stream, name)
        ) STRICT, WITHOUT ROWID;
        """

    /// How the endpoint of each subscription fares, as `EndpointHealth` writes it.
    static let health = """
        ALTER TABLE subscription ADD COLUMN health TEXT;
        """

    /// Credentials that a server has replaced, sealed by who keeps them.
    static let credentials = """
        CREATE TABLE credential (
            name TEXT PRIMARY KEY,
            sealed BLOB NOT NULL,
            kept INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Sources that an operator has paused.
    static let steering = """
        CREATE TABLE paused (
            source TEXT PRIMARY KEY,
            since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// What a log of many years needs: the events of one source without those of all others, the
    /// replays under way without those that are done, and no pages that nothing refers to.
    static let upkeep = """
        CREATE INDEX event_of_stream ON event (stream);
        CREATE INDEX replay_running ON replay (id) WHERE is_cancelled = 0 AND position < upper;
        DELETE FROM page WHERE id NOT IN (SELECT page FROM event WHERE page IS NOT NULL);
        """

    /// The `traceparent` of each attempt.
    static let trace = """
        ALTER TABLE attempt ADD COLUMN trace TEXT;
        """
}
