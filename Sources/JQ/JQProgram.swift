import PullcordJSON
import PullcordModel
import Synchronization

/// A compiled jq program (libjq 1.6), safe to use from several tasks; they take turns.
///
/// Programs of the same text share what is compiled (see ``SharedMachines``).
///
/// A program cannot see the environment, files or other inputs, and cannot import modules. Its
/// outputs are bounded in number and bytes; its time and its memory on the way are not, as
/// libjq has no means for it: `def f: f; f` never ends.
///
/// libjq holds numbers as doubles. A number that a program only passes through keeps its
/// digits all the same (see ``NumberKeeper``); one that it computes with is rounded.
package final class JQProgram: Sendable {
    package let text: String
    private let shared: SharedMachines

    /// Compiles a program.
    ///
    /// - Throws: ``JQError`` with libjq's own message, and line and column where they are known.
    package init(compiling text: String) throws(JQError) {
        self.text = text
        guard !text.utf8.contains(0), text.utf8.count <= Self.textBytesMax else {
            throw JQError(
                code: .compile, place: "", message: "a program is text of at most 64 KiB")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw JQError(
                code: .compile, place: "", message: "the program is empty",
                hint: "write . for the whole value")
        }
        do {
            shared = try SharedMachines.machines(for: text)
        } catch {
            throw Self.refusal(error.complaints, text)
        }
    }

    /// Programs are written by people.
    private static let textBytesMax = 64 << 10
    /// Characters kept of a message of libjq.
    private static let messageMax = 300

    private static func refusal(_ complaints: [String], _ text: String) -> JQError {
        let message = CompileMessage(
            complaints, program: text, linesBefore: JQPrelude.lineCount)
        var place = "jq \(text)"
        if let line = message.line { place += ", line \(line)" }
        if let column = message.column { place += ", column \(column)" }
        let words = text.split(whereSeparator: \.isWhitespace)
        let isModule = words.first == "import" || words.first == "include"
        return JQError(
            code: .compile, place: place, message: message.text,
            hint: isModule ? "modules are not available: write the definitions here" : "",
            position: position(message, text))
    }

    /// The place in the whole text of what libjq gives by line and column.
    private static func position(_ message: CompileMessage, _ text: String) -> Int? {
        guard let line = message.line, let column = message.column else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return nil }
        let before = lines[..<(line - 1)].reduce(0) { $0 + $1.unicodeScalars.count + 1 }
        return before + lines[line - 1].prefix(column - 1).unicodeScalars.count + 1
    }

    /// Runs the program on one JSON text and gives its outputs as compact JSON texts.
    ///
    /// - Parameters:
    ///   - bytes: Strictly valid JSON, at most 256 levels deep.
    ///   - outputsMax: More outputs are an error; 4 Mi by default.
    ///   - bytesMax: More bytes in all are an error; 256 MiB by default.
    /// - Returns: The outputs in order; none is fine.
    /// - Throws: ``JQError`` if the input is no JSON, the program fails, or a bound is hit.
    package func run(
        on bytes: [UInt8], outputsMax: Int = Limits.recordsPerPageMax,
        bytesMax: Int = Limits.pageBytesMax
    ) throws(JQError) -> [[UInt8]] {
        try check(bytes)
        let keeper = NumberKeeper(bytes)
        let outcome = shared.machines.withLock { machines in
            machines.whole.run(on: bytes, outputsMax: outputsMax, bytesMax: bytesMax)
        }
        let outputs = try self.outputs(of: outcome)
        guard !keeper.isEmpty else { return outputs }
        var result: [[UInt8]] = []
        result.reserveCapacity(outputs.count)
        for output in outputs { result.append(try restore(output, keeper)) }
        return result
    }

    /// Runs the program as a choice of parts, and tells where these stand in `bytes`.
    ///
    /// Nothing is copied through libjq, so what was chosen is exactly what the API sent. nil
    /// if the program makes new values (use ``run(on:outputsMax:bytesMax:)``), chooses
    /// something that is not there, or fails.
    package func runKeepingBytes(
        on bytes: [UInt8], outputsMax: Int = Limits.recordsPerPageMax
    ) throws(JQError) -> [Range<Int>]? {
        try check(bytes)
        guard let outputs = paths(on: bytes, outputsMax: outputsMax) else { return nil }
        var paths: [JSONPath] = []
        paths.reserveCapacity(outputs.count)
        for output in outputs {
            guard let path = Self.path(output) else { return nil }
            paths.append(path)
        }
        guard let scan = try? ScanPlan(pageFields: paths).scan(bytes) else { return nil }
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(paths.count)
        for slot in paths.indices {
            guard let field = scan.pageField(slot) else { return nil }
            ranges.append(field.range)
        }
        return ranges
    }

    private func paths(on bytes: [UInt8], outputsMax: Int) -> [[UInt8]]? {
        let outcome = shared.machines.withLock { machines -> JQMachine.Outcome? in
            if machines.paths == nil {
                machines.paths = try? JQMachine(program: JQPrelude.paths(text))
            }
            return machines.paths?.run(
                on: bytes, outputsMax: outputsMax, bytesMax: Limits.pageBytesMax)
        }
        guard case .outputs(let outputs)? = outcome else { return nil }
        return outputs
    }

    private static func path(_ output: [UInt8]) -> JSONPath? {
        guard case .array(let elements)? = try? JSONValue(parsing: output) else { return nil }
        var steps: [JSONPath.Step] = []
        for element in elements {
            switch element {
            case .string(let key): steps.append(.key(key))
            case .number(let text):
                guard let index = Int(text), index >= 0 else { return nil }
                steps.append(.index(index))
            default: return nil
            }
        }
        return JSONPath(steps: steps)
    }

    private func check(_ bytes: [UInt8]) throws(JQError) {
        do throws(JSONError) {
            _ = try ScanPlan.validation.scan(bytes)
        } catch {
            throw JQError(
                code: .input, place: "byte \(error.offset)", message: error.message,
                hint: error.hint)
        }
    }

    private func outputs(of outcome: JQMachine.Outcome) throws(JQError) -> [[UInt8]] {
        switch outcome {
        case .outputs(let outputs): return outputs
        case .failed(let message): throw error(.run, message)
        case .tooManyOutputs: throw error(.outputs, "the program gives too many outputs")
        case .tooManyBytes: throw error(.bytes, "the outputs of the program are too large")
        case .badInput(let message): throw error(.input, "libjq cannot read this: \(message)")
        }
    }

    private func restore(_ output: [UInt8], _ keeper: NumberKeeper) throws(JQError) -> [UInt8] {
        switch keeper.restore(output) {
        case .text(let text): return text
        case .ambiguous(let number):
            throw JQError(
                code: .numbers, place: "jq \(text)",
                message: "jq rounds several numbers of the input to \(number)",
                hint: "choose values by a path, or leave these numbers out")
        }
    }

    private func error(_ code: JQError.Code, _ message: String) -> JQError {
        // A program may put a whole record into its error.
        let short = message.unicodeScalars.count <= Self.messageMax
        let shown = short ? message : String(message.prefix(Self.messageMax)) + "…"
        return JQError(code: code, place: "jq \(text)", message: shown)
    }
}
