/// A JSON Patch (RFC 6902): operations that are applied one after the other, or not at all.
package struct JSONPatch: Sendable {
    /// Why a text is no patch, or why it cannot be applied.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package enum Code: String, Sendable {
            /// The text is no list of operations.
            case malformed = "patch_malformed"
            /// There is nothing where the operation works.
            case missing = "patch_target_missing"
            /// A `test` found something else.
            case differs = "patch_test_differs"
        }

        package let code: Code
        /// The number of the operation, from 0.
        package let operation: Int
        package let message: String

        package var description: String {
            "operation \(operation): \(message) [\(code.rawValue)]"
        }

        package static func == (left: Self, right: Self) -> Bool {
            left.code == right.code && left.operation == right.operation
        }
    }

    private enum Action {
        case add(JSONPointer, JSONValue)
        case remove(JSONPointer)
        case replace(JSONPointer, JSONValue)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, JSONValue)
    }

    private let actions: [Action]

    /// Reads a patch: an array of operations, each with `op`, `path`, and `value` or `from` as
    /// it needs; other members are left alone (RFC 6902, section 4).
    package init(_ document: JSONValue) throws(Failure) {
        guard case .array(let items) = document else {
            throw Failure(code: .malformed, operation: 0, message: "a patch is an array")
        }
        var actions: [Action] = []
        for (number, item) in items.enumerated() {
            actions.append(try Self.action(item, number))
        }
        self.actions = actions
    }

    /// The document with all operations applied.
    package func applied(to document: JSONValue) throws(Failure) -> JSONValue {
        var document = document
        for (number, action) in actions.enumerated() {
            var patient = Patient(document: document, operation: number)
            try patient.apply(action)
            document = patient.document
        }
        return document
    }

    private static func action(_ item: JSONValue, _ number: Int) throws(Failure) -> Action {
        func malformed(_ message: String) -> Failure {
            Failure(code: .malformed, operation: number, message: message)
        }
        func pointer(_ name: String) throws(Failure) -> JSONPointer {
            guard case .string(let text)? = item[name] else {
                throw malformed("`\(name)` is missing or no text")
            }
            guard let pointer = JSONPointer(parsing: text) else {
                throw malformed("`\(text)` is no JSON Pointer")
            }
            return pointer
        }
        func value() throws(Failure) -> JSONValue {
            guard let value = item["value"] else { throw malformed("`value` is missing") }
            return value
        }
        guard case .string(let name)? = item["op"] else {
            throw malformed("`op` is missing or no text")
        }
        let path = try pointer("path")
        switch name {
        case "add": return .add(path, try value())
        case "remove": return .remove(path)
        case "replace": return .replace(path, try value())
        case "move": return .move(from: try pointer("from"), to: path)
        case "copy": return .copy(from: try pointer("from"), to: path)
        case "test": return .test(path, try value())
        default: throw malformed("there is no operation `\(name)`")
        }
    }

    /// A document while one operation works on it.
    private struct Patient {
        var document: JSONValue
        let operation: Int

        mutating func apply(_ action: Action) throws(Failure) {
            switch action {
            case .add(let path, let value): try add(value, at: path)
            case .remove(let path): try remove(path)
            case .replace(let path, let value):
                _ = try found(path)
                try edit(path, .replace(value))
            case .move(let source, let target):
                let value = try found(source)
                guard source != target else { return }
                guard !target.tokens.starts(with: source.tokens) else {
                    throw failure(.missing, "\(source) cannot be moved into itself")
                }
                try remove(source)
                try add(value, at: target)
            case .copy(let source, let target): try add(try found(source), at: target)
            case .test(let path, let value):
                guard try found(path).means(value) else {
                    throw failure(.differs, "another value is at `\(path)`")
                }
            }
        }

        private func found(_ path: JSONPointer) throws(Failure) -> JSONValue {
            guard let value = path.value(in: document) else {
                throw failure(.missing, "there is nothing at `\(path)`")
            }
            return value
        }

        private mutating func add(_ value: JSONValue, at path: JSONPointer) throws(Failure) {
            try edit(path, .add(value))
        }

        private mutating func remove(_ path: JSONPointer) throws(Failure) {
            _ = try found(path)
            try edit(path, .remove)
        }

        private enum Edit {
            case add(JSONValue)
            case replace(JSONValue)
            case remove
        }

        private mutating func edit(_ path: JSONPointer, _ edit: Edit) throws(Failure) {
            document = try edited(document, path.tokens[...], edit, path)
        }

        private func edited(
            _ value: JSONValue, _ tokens: ArraySlice<String>, _ edit: Edit, _ path: JSONPointer
        ) throws(Failure) -> JSONValue {
            guard let token = tokens.first else {
                switch edit {
                case .add(let new), .replace(let new): return new
                case .remove: return .null
                }
            }
            let rest = tokens.dropFirst()
            switch value {
            case .object(var members):
                let place = JSONValue.place(of: token, in: members)
                if rest.isEmpty {
                    change(&members, at: place, token, edit)
                } else {
                    guard let place else { throw missing(path) }
                    let child = try edited(members[place].value, rest, edit, path)
                    members[place] = JSONValue.Member(members[place].key, child)
                }
                return .object(members)
            case .array(var elements):
                let index = token == "-" ? elements.count : JSONPointer.index(token)
                guard let index, index <= elements.count else { throw missing(path) }
                if rest.isEmpty, case .add(let new) = edit {
                    elements.insert(new, at: index)
                    return .array(elements)
                }
                guard index < elements.count else { throw missing(path) }
                switch edit {
                case .remove where rest.isEmpty: elements.remove(at: index)
                case .add, .replace, .remove:
                    elements[index] = try edited(elements[index], rest, edit, path)
                }
                return .array(elements)
            case .null, .bool, .number, .string: throw missing(path)
            }
        }

        private func change(
            _ members: inout [JSONValue.Member], at place: Int?, _ key: String, _ edit: Edit
        ) {
            switch (edit, place) {
            case (.add(let value), let place?), (.replace(let value), let place?):
                members[place] = JSONValue.Member(key, value)
            case (.add(let value), nil), (.replace(let value), nil):
                members.append(JSONValue.Member(key, value))
            case (.remove, let place?): members.remove(at: place)
            case (.remove, nil): break
            }
        }

        private func missing(_ path: JSONPointer) -> Failure {
            failure(.missing, "there is no place for `\(path)`")
        }

        private func failure(_ code: Failure.Code, _ message: String) -> Failure {
            Failure(code: code, operation: operation, message: message)
        }
    }
}
