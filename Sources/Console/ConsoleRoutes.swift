package import PullcordAPI

/// The console: one page, its style and its scripts, all of which are in the binary.
///
/// The page does nothing that `/v1` does not offer to others as well, besides logging in.
package struct ConsoleRoutes: RouteGroup {
    /// Only what comes from here, nothing inline, and no text that becomes markup.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "connect-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private static let headers = [
        (name: "content-security-policy", value: policy),
        (name: "referrer-policy", value: "no-referrer"),
        (name: "cross-origin-opener-policy", value: "same-origin"),
        (name: "cross-origin-resource-policy", value: "same-origin"),
        (name: "permissions-policy", value: "camera=(), geolocation=(), microphone=()"),
    ]

    package init() {}

    package var routes: [Route] {
        let files = Self.scripts.map { file($0, "text/javascript", $1) }
        return [
            page, shortcut, file("console.css", "text/css", PackageResources.console_css),
            file("icon.svg", "image/svg+xml", PackageResources.icon_svg),
        ] + files
    }

    private static let scripts = [
        ("main.js", PackageResources.main_js), ("api.js", PackageResources.api_js),
        ("dom.js", PackageResources.dom_js), ("lists.js", PackageResources.lists_js),
        ("details.js", PackageResources.details_js), ("diff.js", PackageResources.diff_js),
        ("events.js", PackageResources.events_js), ("forms.js", PackageResources.forms_js),
        ("keys.js", PackageResources.keys_js),
    ]

    private var page: Route {
        file("/", id: "console", "text/html", PackageResources.index_html)
    }

    /// For those who look for it under its name.
    private var shortcut: Route {
        hidden(
            Route(
                .get, "/console", id: "consoleShortcut", tag: "console", "The console.",
                access: .open, status: 307, reply: .other("text/html")
            ) { _ in APIAnswer(status: 307, headers: [("location", "./")]) })
    }

    private func file(_ name: String, _ type: String, _ bytes: [UInt8]) -> Route {
        file("/console/\(name)", id: "console-\(name)", type, bytes)
    }

    private func file(
        _ path: String, id: String, _ type: String, _ bytes: [UInt8]
    ) -> Route {
        hidden(
            Route(
                .get, path, id: id, tag: "console", "A file of the console.", access: .open,
                reply: .other(type)
            ) { _ in
                APIAnswer(
                    contentType: "\(type); charset=utf-8", headers: Self.headers, .bytes(bytes))
            })
    }

    private func hidden(_ route: Route) -> Route {
        var route = route
        route.isDocumented = false
        return route
    }
}
