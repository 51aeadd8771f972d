import ArgumentParser
import PullcordAdapter
import PullcordConfig
import PullcordModel

struct AdapterTryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "Poll an adapter's API once, live, and keep nothing.",
        discussion: """
            Shows each request as a curl command that works when it is pasted (secrets stand as \
            shell variables), what came of it, the first records with key, cursor value and \
            fingerprint, limits and validators, and what a second poll would ask for.

              pullcord adapter try github --with owner=swiftlang --with repo=swift
              pullcord adapter try crm.yaml --with token=@env:CRM_TOKEN --stream contacts

            A required parameter that is missing is asked for where there is a terminal. Of a \
            stream below another one, and of details, only a few are asked for.
            """)

    @Argument(help: "An adapter's file, or its name.", completion: .file(extensions: ["yaml"]))
    var adapter: String

    @OptionGroup var parameters: ParameterOptions

    @Option(help: "A stream to try; all of them unless given. May be given several times.")
    var stream: [String] = []

    @Option(help: "How many pages are read of each list.")
    var pages = 2

    @Option(
        help: ArgumentHelp(
            "Where the stream's cursor stands, as the API writes it; a token or URL as it came.",
            valueName: "value"))
    var fromCursor: String?

    @Option(
        help: "An address that may be connected to though it is private, as in `network.allow`.")
    var allow: [String] = []

    @Flag(help: "Print one JSON object per stream.")
    var json = false

    @OptionGroup var places: AdapterPlaces

    func validate() throws {
        guard (1...1000).contains(pages) else {
            throw ValidationError("--pages takes 1 to 1000")
        }
    }

    func run() async throws {
        try await explaining {
            let (path, files) = try places.find(adapter)
            let loader = Workplace.loader(over: files)
            var wish = TrialWish(values: try parameters.values(), allow: allow)
            if !stream.isEmpty { wish.streams = stream }
            let spec = try known(path, loader)
            Self.noteLiterals(wish, spec)
            ask(for: spec, &wish)
            let configuration: Configuration
            switch loader.trial(path, wish, environment: Environment.all) {
            case .success(let found): configuration = found
            case .failure(let report): throw Self.told(report)
            }
            Workplace.show(configuration.warnings)
            let trial = try await AdapterTrial(
                configuration, variables: Self.variables(wish), pages: pages, isJSON: json)
            if try await trial.run(from: fromCursor) { throw ExitCode(1) }
        }
    }

    /// Whoever lists the processes of this machine sees what stands in a command line.
    private static func noteLiterals(_ wish: TrialWish, _ spec: AdapterSpec) {
        let secrets = Set(spec.parameters.filter { $0.kind == .secret }.map(\.name))
        for case (let name, .literal) in wish.values where secrets.contains(name) {
            StandardError.writeLine(
                "note: others on this machine can see --with \(name)=…; --with "
                    + "\(name)=@env:VARIABLE keeps it from them")
        }
    }

    /// Shows a report, and how what is missing is given here.
    private static func told(_ report: DiagnosticReport) -> ExitCode {
        Workplace.show(report)
        if report.errors.contains(where: { $0.code == "parameter_missing" }) {
            StandardError.writeLine(
                "here: --with NAME=VALUE, --with NAME=@env:VARIABLE or --with NAME=@file:PATH")
        }
        return ExitCode(1)
    }

    private func known(_ path: String, _ loader: Loader) throws -> AdapterSpec {
        switch loader.adapter(path) {
        case .success(let spec): return spec
        case .failure(let report): throw report
        }
    }

    /// Fills in what a person types; without a terminal what is missing is complained about later.
    private func ask(for spec: AdapterSpec, _ wish: inout TrialWish) {
        guard Prompt.isPossible else { return }
        let given = Set(wish.values.map(\.name))
        for parameter in spec.parameters
        where parameter.isRequired && parameter.defaultValue == nil
            && !given.contains(parameter.name)
        {
            let summary = parameter.summary.isEmpty ? "" : " (\(parameter.summary))"
            guard
                let text = Prompt.line(
                    parameter.name + summary, isSecret: parameter.kind == .secret)
            else { return }
            wish.values.append((parameter.name, .literal(text)))
        }
    }

    /// The variable that stands for a value in the commands that are shown, by parameter.
    private static func variables(_ wish: TrialWish) -> [String: String] {
        Dictionary(
            wish.values.map { name, value in
                if case .environment(let variable) = value { return (name, variable) }
                let word = name.uppercased().map {
                    $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_"
                }
                let isName = word.first.map { !$0.isNumber } ?? false
                return (name, (isName ? "" : "_") + String(word))
            }
        ) { $1 }
    }
}
