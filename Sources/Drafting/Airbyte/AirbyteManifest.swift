package import PullcordModel
import PullcordYAML

/// Converts a manifest of Airbyte's low-code connectors.
///
/// What it knows of the format is told by Airbyte's own reference of the YAML
/// (https://docs.airbyte.com/connector-development/config-based/understanding-the-yaml-file).
package enum AirbyteManifest {
    /// The adapter that a manifest means, and what could not be carried over.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - file: its name in places.
    ///   - name: the adapter's name.
    /// - Returns: the draft, which has yet to be settled.
    /// - Throws: ``Problem`` for a file that is no manifest.
    package static func convert(
        _ bytes: [UInt8], file: String, name: String
    ) throws(Problem) -> DraftConversion {
        let document = try DraftDocument.yaml(bytes, file: file)
        guard document.root["streams"] != nil || document.root["dynamic_streams"] != nil
        else {
            throw Problem(
                code: "manifest_streams", message: "this is no manifest: it has no `streams`",
                place: "\(document.root.place)",
                hint: "a low-code manifest has `type: DeclarativeSource`; `--openapi` reads "
                    + "descriptions of APIs")
        }
        let tree = ManifestTree(document.root)
        let reader = ManifestReader(tree)
        reader.leftovers += document.complaints
        return reader.conversion(name: name)
    }
}

/// Reads a resolved manifest, component by component.
final class ManifestReader {
    let root: Component
    let parameters: ManifestParameters
    var leftovers: [Leftover]
    var streams: [DraftStream] = []
    /// Streams that others have as parents, by the node that they were read from.
    var read: [ReadStream] = []
    var auth = ManifestAuth()
    private static let streamsMax = 1000

    struct ReadStream {
        let place: Place
        let name: String
        let draftName: String
        /// Fields that children may take over from the parent of this stream.
        let partition: [String]
    }

    init(_ tree: ManifestTree) {
        root = Component(tree.root)
        leftovers = tree.leftovers
        parameters = ManifestParameters(
            specification: tree.root["spec"]?["connection_specification"]
                ?? tree.root["spec"]?["connectionSpecification"])
    }

    /// Tells of what is not in the adapter.
    func leave(_ place: Place, _ subject: String, _ reason: String, by remedy: String = "") {
        tell(Leftover(at: place, subject, reason, remedy: remedy))
    }

    /// Tells of what is in the adapter, but not quite the same.
    func note(_ place: Place, _ subject: String, _ reason: String, by remedy: String = "") {
        tell(Leftover(.changed, at: place, subject, reason, remedy: remedy))
    }

    private func tell(_ leftover: Leftover) {
        guard leftovers.count < 5000, !leftovers.contains(leftover) else { return }
        leftovers.append(leftover)
    }

    func conversion(name: String) -> DraftConversion {
        let components = streamComponents
        for component in components.prefix(Self.streamsMax) { readStream(component) }
        if components.count > Self.streamsMax {
            leave(
                root.place, "streams", "only the first \(Self.streamsMax) are read")
        }
        var draft = AdapterDraft(name: name)
        draft.head = [
            "Converted by `pullcord adapter new --airbyte`; what could not be carried over was "
                + "reported then. Try it: pullcord adapter try FILE"
        ]
        let base = BaseURLs(streams)
        draft.streams = streams.map { base.applied($0) }
        let authEntries = auth.entries
        if let docs = root.node["spec"]?["documentation_url"]?.scalar?.text
            ?? root.node["spec"]?["documentationUrl"]?.scalar?.text
        {
            draft.entries.append(DraftEntry("docs", text: docs))
        }
        draft.entries.append(DraftEntry("params", .map(parameters.entries)))
        if let url = base.common { draft.entries.append(DraftEntry("base_url", text: url)) }
        draft.entries += authEntries
        if let limits = limits() { draft.entries.append(DraftEntry("limits", limits)) }
        hoistAnswers(&draft)
        return DraftConversion(
            draft: draft, leftovers: leftovers, streamsFound: components.count)
    }

    /// Rules that all streams share stand once.
    private func hoistAnswers(_ draft: inout AdapterDraft) {
        guard draft.streams.count > 1, let first = draft.streams[0].entries["answers"],
            draft.streams.allSatisfy({ $0.entries["answers"] == first })
        else { return }
        for index in draft.streams.indices {
            draft.streams[index].entries.removeAll { $0.key == "answers" }
        }
        draft.entries.append(DraftEntry("answers", first))
    }

    private var streamComponents: [Component] {
        var components: [Component] = []
        for component in root.components("streams") {
            switch component.kind {
            case "StateDelegatingStream":
                let inner =
                    component.component("incremental_stream")
                    ?? component.component("full_refresh_stream")
                if let inner { components.append(inner) }
                note(
                    component.place, "stream \(component.text("name") ?? "?")",
                    "its `incremental_stream` is taken for all polls")
            case "ConditionalStreams":
                components += component.components("streams")
                note(
                    component.place, "ConditionalStreams",
                    "the condition is not carried over: the streams are always there",
                    by: "choose them by `streams` of the source")
            default: components.append(component)
            }
        }
        if let dynamic = root.node["dynamic_streams"], !dynamic.isFalsy {
            leave(
                dynamic.place, "dynamic_streams",
                "streams that are made while running have no "
                    + "counterpart", by: "write one stream for each, or one with `parent`")
        }
        return components
    }

    /// Budgets of the whole connector.
    private func limits() -> DraftValue? {
        guard let budget = root.component("api_budget") else { return nil }
        var rates: [DraftValue] = []
        for policy in budget.components("policies") {
            if policy.components("matchers").contains(where: { $0.node.mapping?.isEmpty == false })
            {
                note(
                    policy.place, "api_budget",
                    "the budget holds for all requests, not only for those it matches")
            }
            switch policy.kind {
            case "MovingWindowCallRatePolicy":
                for rate in policy.components("rates") {
                    add(rate.text("limit"), rate.text("interval"), rate.place, &rates)
                }
            case "FixedWindowCallRatePolicy":
                add(policy.text("call_limit"), policy.text("period"), policy.place, &rates)
            case "UnlimitedCallRatePolicy": continue
            default:
                leave(policy.place, "api_budget", "`\(policy.kind)` is not known")
            }
        }
        guard !rates.isEmpty else { return nil }
        return .map([
            DraftEntry("budget", rates.count == 1 ? rates[0] : .list(rates))
        ])
    }

    private func add(
        _ limit: String?, _ interval: String?, _ place: Place, _ rates: inout [DraftValue]
    ) {
        guard let limit = limit.flatMap(Int.init), limit > 0,
            let window = interval.flatMap(AirbyteTime.milliseconds), window > 0
        else {
            leave(
                place, "api_budget", "the rate is computed, or of a form that is not known",
                by: "write it as limits: { budget: 100/60s }")
            return
        }
        rates.append(.text("\(limit)/\(AirbyteTime.duration(window))"))
    }
}

/// Finds the URL that most requests begin with.
struct BaseURLs {
    let common: String?

    init(_ streams: [DraftStream]) {
        var counts: [String: Int] = [:]
        for stream in streams {
            if case .text(let url)? = stream.entries["request"]?["base"] {
                counts[url, default: 0] += 1
            }
        }
        common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// The stream with `path` where it begins with the common URL, else with a whole `url`.
    func applied(_ stream: DraftStream) -> DraftStream {
        guard case .map(var request)? = stream.entries["request"],
            case .text(let base)? = request["base"],
            case .text(let path)? = request["path"],
            let place = stream.entries.firstIndex(where: { $0.key == "request" })
        else { return stream }
        request.removeAll { $0.key == "base" }
        let slashed = path.hasPrefix("/") || path.isEmpty ? path : "/" + path
        if base == common, !path.isEmpty {
            request.set("path", .text(slashed))
        } else if let index = request.firstIndex(where: { $0.key == "path" }) {
            request[index] = DraftEntry("url", text: base + slashed)
        }
        var result = stream
        let onlyTarget = request.count == 1 ? request[0].value : nil
        result.entries[place].value = onlyTarget ?? .map(request)
        return result
    }
}
