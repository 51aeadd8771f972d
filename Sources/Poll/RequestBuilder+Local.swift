import PullcordAdapter
import PullcordModel
import PullcordTransfer

/// Requests that a program of this machine answers, or code of this process.
extension RequestBuilder {
    /// What is asked of this machine; nil for a request of the network.
    func localCall(_ context: TemplateContext) throws -> LocalCall? {
        switch plan.adapter.origin {
        case .network: nil
        case .program(let program): .program(try call(of: program, context))
        case .code(let name):
            .code(
                CodeCall(
                    name: name, source: plan.address.source.text,
                    stream: plan.address.stream.text, parameters: plan.parameters,
                    cursor: context.cursor, page: context.page[.token], wantsAll: start.wantsAll))
        }
    }

    private func call(
        of program: ProgramSpec, _ context: TemplateContext
    ) throws -> ProgramCall {
        let part = plan.stream.program
        var command = [program.program.text]
        for words in program.arguments + part.arguments {
            command += try arguments(words, context) ?? []
        }
        var call = ProgramCall(
            command: command, folder: program.folder, directory: program.directory,
            memoryBytes: program.memoryBytes, wantsAll: start.wantsAll,
            printsLines: plan.stream.format.kind == .ndjson)
        call.environment = own(context)
        for item in program.environment + part.environment {
            guard let value = try item.value.render(context) else { continue }
            guard !value.utf8.contains(0) else { throw refusal("the variable \(item.name)") }
            call.environment[item.name] = value
        }
        switch program.input {
        case nil: break
        case .text(let template, _):
            call.input = try template.render(context).map { Array($0.utf8) }
        case .json(let json, _): call.input = try json.render(context)
        case .form(let items, _):
            call.input = Array(PercentEncoding.form(try rendered(items, context)).utf8)
        }
        if program.language == .singer { call.singer = try singer(program, context) }
        return call
    }

    /// What every program is told of who asks, and for what.
    private func own(_ context: TemplateContext) -> [String: String] {
        var variables = [
            "PULLCORD_SOURCE": plan.address.source.text,
            "PULLCORD_STREAM": plan.address.stream.text,
            "PULLCORD_FULL": start.wantsAll ? "1" : "0",
        ]
        if plan.adapter.origin.program?.language != .singer {
            variables["PULLCORD_CURSOR"] = context.cursor
        }
        return variables
    }

    /// nil if a value is absent.
    private func arguments(_ words: Words, _ context: TemplateContext) throws -> [String]? {
        var result: [String] = []
        for word in words {
            guard let text = try word.render(context) else { return nil }
            // A value must not become an option that nobody has written.
            if case .placeholder? = word.segments.first, text.hasPrefix("-") {
                throw PollError(
                    code: .request, address: plan.address,
                    message: "an argument that begins with a value would begin with `-`, "
                        + "as options do",
                    hint: "write the option and its value as one: --name=${…}")
            }
            guard !text.utf8.contains(0) else { throw refusal("an argument") }
            result.append(text)
        }
        return result
    }

    private func singer(
        _ program: ProgramSpec, _ context: TemplateContext
    ) throws -> SingerCall {
        let catalog: SingerCall.Catalog =
            switch program.catalog {
            case .discover: .discover
            case .properties: .properties
            case .none: .none
            }
        return SingerCall(
            stream: plan.stream.program.tapStream ?? plan.address.stream.text,
            config: try program.config?.render(context), catalog: catalog,
            isWhole: start.isWhole, replicationKey: plan.stream.program.replicationKey,
            cursor: context.cursor, statesKey: plan.stream.keyIsStated)
    }

    private func refusal(_ what: String) -> PollError {
        PollError(
            code: .request, address: plan.address,
            message: "\(what) would hold a character that no program can be given")
    }
}
