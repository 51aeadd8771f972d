/// What APIs call things: the only place where a guess goes by names.
enum Vocabulary {
    static let lists: Set<String> = [
        "data", "items", "item", "results", "result", "records", "record", "value", "values",
        "entries", "entry", "list", "rows", "hits", "objects", "elements", "content", "resources",
        "docs", "documents", "_embedded", "collection", "response", "payload", "nodes",
    ]

    /// Lists that stand beside what was asked for.
    static let sideLists: Set<String> = [
        "errors", "warnings", "messages", "links", "included", "facets", "aggregations",
        "columns", "fields", "schema", "expand", "filters", "sort", "meta", "headers", "tags",
    ]

    /// Lists of the names of columns.
    static let columns: Set<String> = [
        "columns", "column_names", "columnnames", "fields", "field_names", "headers", "header",
        "names", "cols",
    ]

    /// Members of an answer that are no records, though objects.
    static let wrappers: Set<String> = [
        "data", "meta", "metadata", "links", "_links", "paging", "pagination", "page", "status",
        "error", "errors", "result", "results", "response", "_embedded", "info", "cursor",
        "cursors", "next", "previous", "first", "last", "self",
    ]

    static let pageNumbers: Set<String> = [
        "page", "p", "pg", "page_number", "pagenumber", "page[number]", "pageno", "page_no",
        "pageindex", "page_index", "currentpage", "current_page", "paged",
    ]

    static let offsets: Set<String> = [
        "offset", "start", "skip", "from", "startat", "start_at", "startindex",
        "start_index", "page[offset]", "first_result", "firstresult", "sysparm_offset", "begin",
    ]

    static let sizes: Set<String> = [
        "per_page", "perpage", "limit", "page_size", "pagesize", "size", "count", "max_results",
        "maxresults", "top", "rows", "page[size]", "page[limit]", "results_per_page",
        "resultsperpage", "items_per_page", "itemsperpage", "n", "first", "sysparm_limit", "max",
        "num", "take", "pagelen", "records",
    ]

    static func countsPages(_ name: String) -> Bool { pageNumbers.contains(plain(name)) }
    static func countsRecords(_ name: String) -> Bool { offsets.contains(plain(name)) }
    static func sizesPages(_ name: String) -> Bool { sizes.contains(plain(name)) }

    /// Without a mark that says that an item is none of the records' own: `_limit`, `@page_size`.
    private static func plain(_ name: String) -> String {
        String(name.lowercased().drop { ["_", "@", "$"].contains($0) })
    }

    /// What asks for the next page beside an item that says how many records a page has, and what
    /// it is for the first: 0 counts records, 1 pages.
    static let partners: [String: (item: String, start: Int)] = [
        "limit": ("offset", 0), "$top": ("$skip", 0), "maxresults": ("startAt", 0),
        "rows": ("start", 0), "take": ("skip", 0), "page[limit]": ("page[offset]", 0),
        "sysparm_limit": ("sysparm_offset", 0), "_limit": ("_start", 0), "per_page": ("page", 1),
        "pagelen": ("page", 1), "@page_size": ("@page_index", 1), "page[size]": ("page[number]", 1),
    ]

    static let totals: Set<String> = [
        "total", "total_count", "totalcount", "totalresults", "total_results", "total_items",
        "totalitems", "total_records", "totalrecords", "count", "recordcount", "numfound",
        "@odata.count", "x-total-count", "totalelements", "hits_total", "record_count", "nbhits",
    ]

    static let more: Set<String> = [
        "has_more", "hasmore", "more", "has_next", "hasnext", "has_next_page", "hasnextpage",
        "morerecords", "more_records", "is_truncated", "istruncated", "has_more_items",
    ]

    /// Members that hold the next page's address, or null on the last page.
    static let nextURLs: Set<String> = [
        "next", "next_url", "nexturl", "next_page_url", "nextpageurl", "next_page_uri",
        "nextpageuri", "nextlink", "@odata.nextlink", "odata.nextlink", "next_link", "next_href",
        "nexthref", "nextpagelink", "next_page_link", "nextrecordsurl", "next_page", "nextpage",
        "nextpagepath",
    ]

    /// Members that hold a token, and the query item that carries it.
    static let tokens: [String: String] = [
        "nextpagetoken": "pageToken", "next_page_token": "page_token", "next_cursor": "cursor",
        "nextcursor": "cursor", "next_token": "next_token", "nexttoken": "nextToken",
        "continuationtoken": "continuationToken", "continuation_token": "continuation_token",
        "continuation": "continuation", "continue": "continue", "end_cursor": "after",
        "endcursor": "after", "next_marker": "marker", "nextmarker": "marker",
        "scroll_id": "scroll_id", "_scroll_id": "scroll_id", "after": "after",
        "next_page_id": "page_id", "cursor": "cursor", "next": "next", "next_page": "page",
        "nextpage": "page", "bookmark": "bookmark", "nextpagecursor": "cursor",
        "next_page_cursor": "cursor", "nextcursormark": "cursorMark", "nextkey": "key",
        "offset": "offset",
    ]

    /// Names of tokens that mean much else: a member of such a name is one only by its value.
    static let bareTokens: Set<String> = [
        "after", "cursor", "next", "next_page", "nextpage", "continue", "offset",
    ]

    /// Headers that hold a token, and the query item that carries it.
    static let tokenHeaders: [(header: String, item: String)] = [
        ("x-next-page", "page"), ("x-next-cursor", "cursor"), ("x-cursor-next", "cursor"),
        ("x-continuation-token", "continuationToken"), ("x-next-page-token", "pageToken"),
        ("x-ms-continuation", "continuationToken"), ("x-next-token", "next_token"),
    ]

    /// Query items that ask for what changed since.
    static func isSince(_ name: String) -> Bool {
        let words = Names.words(name)
        let lower = name.lowercased()
        if [
            "since", "modifiedafter", "updatedafter", "changedsince", "startdate", "start_date",
            "start_time", "starttime", "startdatetime", "from_date", "fromdate", "date_from",
            "datefrom", "lastmodified", "min_date", "modified_after", "oldest",
            "updatedmin", "date_start", "timestart", "since_time",
        ].contains(lower) {
            return true
        }
        if words.contains("since") { return true }
        let isChange = !Set(words).isDisjoint(with: changeWords)
        let isBound = !Set(words).isDisjoint(with: [
            "after", "gte", "ge", "gt", "min", "from", "start", "begin",
        ])
        return isChange && isBound
    }

    static let changeWords: Set<String> = [
        "updated", "modified", "changed", "update", "modification", "change", "edited",
        "lastmodified", "modify", "updates",
    ]

    static let creationWords: Set<String> = [
        "created", "creation", "create", "inserted", "published", "added", "received", "logged",
        "occurred", "date", "time", "timestamp", "ts", "at",
    ]

    /// Query items and headers that hold nothing but credentials.
    static func isSecret(_ name: String) -> Bool {
        let lower = name.lowercased()
        let words = Names.words(name)
        if ["key", "sig", "auth", "pwd", "appid", "apikey", "authorization", "cookie"]
            .contains(lower)
        {
            return true
        }
        if lower.hasSuffix("pagetoken") || lower.hasSuffix("page_token") { return false }
        let secret: Set<String> = [
            "token", "secret", "password", "passwd", "apikey", "signature", "credential",
            "credentials",
        ]
        return !Set(words).isDisjoint(with: secret)
            && Set(words).isDisjoint(with: ["next", "page", "sync", "continuation"])
            || words.count > 1 && words.last == "key"
                && !Set(words).isDisjoint(with: ["api", "access", "auth", "app", "subscription"])
    }

    /// Fields that change without anything having happened.
    static let volatile: Set<String> = [
        "views", "view_count", "viewcount", "last_seen", "lastseen", "last_seen_at", "age",
        "uptime", "now", "server_time", "servertime", "request_id", "requestid", "generated_at",
        "fetched_at", "etag", "last_accessed", "lastaccessed", "time_ago", "lastscrape",
        "lastscrapeduration", "last_scrape", "lastevaluation", "last_evaluation", "evaluationtime",
    ]
}
