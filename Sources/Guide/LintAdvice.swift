/// Why a warning of `pullcord check` about adapters is worth heeding.
package struct LintAdvice: Sendable, Equatable {
    /// The code of the diagnostic.
    package let code: String
    /// What goes wrong, when, and what prevents it, in two or three sentences.
    package let reason: String

    private init(_ code: String, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Where the guide tells of it.
    package var link: String { "adapters/README.md#\(Markdown.anchor(code))" }

    package static func of(_ code: String) -> LintAdvice? { all.first { $0.code == code } }

    /// Everything between the comments of ``GeneratedPart/warnings``.
    package static var guide: String {
        all.map { "### \($0.code)\n\n\($0.reason)" }.joined(separator: "\n\n")
    }

    /// In the order in which they matter: what loses changes, what invents deletes, what gives
    /// secrets away, what does nothing.
    package static let all: [LintAdvice] = losing + inventing + leaking + idle

    private static let losing: [LintAdvice] = [
        LintAdvice(
            "cursor_strict",
            """
            The API is asked for what is later than the cursor, and not for what is at it. A record \
            that gets the same stamp as the last one seen, but shows up only after the poll, is then \
            never asked for. Ask inclusively (`>=`, `gte`), or go back a little with `overlap`: what \
            comes again is recognised and costs no event.
            """),
        LintAdvice(
            "cursor_coarse",
            """
            The cursor's format tells no seconds, so many records share one value. What changes in \
            the same minute or day after it was read has a value that was seen already, and an API \
            that asks for later ones skips it. An `overlap` of one such unit reads it again.
            """),
        LintAdvice(
            "cursor_vanishes",
            """
            A text that needs an absent value is left out as a whole, and the first poll has no \
            cursor. The order or the other conditions that stand beside `${cursor}` in it go too. \
            Give the cursor an `initial`, or the placeholder a default.
            """),
        LintAdvice(
            "program_missing",
            """
            The program that `exec` names is not there, or may not be run by this user. Each poll \
            would fail before it asks anything. Install it, or write its path from the adapter's folder.
            """),
        LintAdvice(
            "cursor_ties",
            """
            Each page is asked for behind the last record's time, and times are not unique. Where \
            a page ends between two records with one time, an API that goes on strictly behind it \
            skips the second one. Name a field that orders such records, as in \
            `keyset: { from: .updated_at, then: .id }`, if the API can go on behind both.
            """),
        LintAdvice(
            "cursor_unsorted",
            """
            Pages are counted, and nothing in the request asks for an order. A record that changes \
            while the pages are read may move to a page that was read before, and the cursor goes past \
            it. Sort by the cursor, oldest first, and say `ascending: true`, or make `overlap` longer \
            than a poll takes.
            """),
        LintAdvice(
            "cursor_descending",
            """
            `ascending: true` says that the oldest change comes first, and the request asks for the \
            newest first. Each page would move the cursor to its newest record, and what stands \
            behind it would never be asked for if the poll is cut off. Ask for the other order, or \
            leave `ascending` out.
            """),
        LintAdvice(
            "cursor_unused",
            """
            The cursor is kept and never sent, so each poll reads everything, and nothing of it \
            counts as a whole list that could show deletes. Send `${cursor}` in the request, or leave \
            the cursor out and let whole lists be compared.
            """),
        LintAdvice(
            "page_size_differs",
            """
            With `stop: short` a page with fewer records than `size` is the last one, and the request \
            asks for smaller pages than that. The first page would always be the last. Send \
            `${page.size}`, so that there is one number.
            """),
        LintAdvice(
            "records_filtered",
            """
            `records` leaves records out before they are counted. A page of which nothing is left \
            looks like the end of the list, a page of which little is left looks short, and an \
            offset counts too few; what comes behind is not read, and may be taken for deleted. \
            `when` looks at the records after they were counted: choose there.
            """),
        LintAdvice(
            "limits_reset_missing",
            """
            An answer says how many requests are left, and nothing says when there are more. With \
            none left a poll cannot tell how long to wait, and goes on until the API refuses. Name \
            the header under `reset`.
            """),
        LintAdvice(
            "limits_limit_missing",
            """
            A reserve in percent is a share of all requests of a window, and nothing says how many \
            these are. Without that number the reserve is nothing. Name the header under `limit`, or \
            write the reserve as a number.
            """),
    ]

    private static let inventing: [LintAdvice] = [
        LintAdvice(
            "list_cut",
            """
            The request asks for so many records and no more, there are no `pages`, and the list \
            counts as whole. A record that newer ones push off its end would be taken for deleted. \
            Read all pages, or let `confirm_deletes` ask for a record before it counts as gone; a list \
            of the newest is `detect: feed`.
            """),
        LintAdvice(
            "list_window",
            """
            The request depends on when the poll starts, so the list is a window that moves, and it \
            counts as whole. A record that the window leaves behind would be taken for deleted. Use \
            a `cursor`, or `detect: feed` if items only ever come.
            """),
        LintAdvice(
            "known_without_deletes",
            """
            `stop: known` ends the poll at the first page that holds nothing new. The rest of the \
            list is not read, so nothing in it can be missed, and deletes are seen only by polls that \
            happen to read on. Leave it out where deletes matter.
            """),
        LintAdvice(
            "deletes_without_time",
            """
            The list of deletes does not say when a record was deleted. A line that comes late, or \
            again, cannot be told from a new one, and takes away a record that was made anew \
            meanwhile. Name the field under `at`.
            """),
    ]

    private static let leaking: [LintAdvice] = [
        LintAdvice(
            "secret_in_arguments",
            """
            Everybody on a machine can see the arguments of every program that runs there. A secret \
            belongs into `exec.environment` or `exec.stdin`, which only the program can read.
            """),
        LintAdvice(
            "xml_unescaped",
            """
            A value stands in an XML body as it is. A `&` or `<` in it breaks the document, and what \
            comes from elsewhere can add elements to it. Write `${… | xml}`, or `| raw` where the \
            value is a piece of XML.
            """),
        LintAdvice(
            "secret_in_url",
            """
            A secret becomes part of the URL. Servers, proxies and browsers write URLs to their \
            logs, where others read them. Send it by `auth` or in a header if the API takes it there.
            """),
        LintAdvice(
            "secret_in_adapter",
            """
            A credential stands in the adapter itself, which is shared, shown and kept in version \
            control. What is written there is a secret no longer. Declare a parameter of type \
            `secret`, and let the source give it from the environment or a file.
            """),
        LintAdvice(
            "secret_in_file",
            """
            A header that carries credentials has a fixed value in the file. Whoever can read the \
            file has it, and so has every copy. Declare a parameter of type `secret`, and write \
            `${params.NAME}`.
            """),
        LintAdvice(
            "credentials_over_http",
            """
            Credentials are sent over `http:` to another machine. Everybody on the way can read them \
            and use them. Use `https:`; a server with a certificate of its own authority needs \
            `tls: { ca: … }`.
            """),
        LintAdvice(
            "signature_constant",
            """
            What is signed is the same for every request. Whoever sees one signature can send \
            requests of their own with it. Sign at least `${request.time}` and `${request.path}`, as \
            the API's documentation says.
            """),
    ]

    private static let idle: [LintAdvice] = [
        LintAdvice(
            "rule_hidden",
            """
            The first rule of `answers` that matches decides, and an earlier one takes all the \
            answers of this one. It never has a say. Put the narrower rule first.
            """),
        LintAdvice(
            "page_size_unused",
            """
            `size` is what `${page.size}` stands for, and the request does not send it. The API \
            chooses its own size. Send it, or say `stop: short` if it is what the API sends anyhow.
            """),
        LintAdvice(
            "parameter_unused",
            """
            A source can give this parameter, and nothing comes of it. Whoever gives it believes \
            that it does something. Use it in a request, or take it away.
            """),
        LintAdvice(
            "parameter_default_unused",
            """
            A required parameter is always given, so its default is never used. Take away one of \
            the two.
            """),
        LintAdvice(
            "expression_placeholder",
            """
            jq programs are compiled once, before any value is known, and `${…}` in them is text. \
            Most likely the program does not do what it looks like. Choose by a query item of the \
            request, or by what the record itself says.
            """),
        LintAdvice(
            "filter_needless",
            """
            Texts within a JSON body are escaped as JSON wants it. With `| json` they are escaped \
            twice, and the API gets backslashes that nobody meant. Leave the filter out.
            """),
        LintAdvice(
            "adapter_name_differs",
            """
            A bridge file found the adapter by the name of its file, and the file calls itself \
            something else. Messages, packs and the catalogue use the name within. Give both the \
            same name.
            """),
        LintAdvice(
            "key_planned",
            """
            The key belongs to the language, and this version does not carry it out. Everything else \
            works as if it were not there. Leave it out, or use a version that knows it.
            """),
    ]
}
