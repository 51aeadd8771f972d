import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads the declaration of a parameter, and checks values against one.
struct ParameterReader {
    func read(_ field: Field, name: YAMLKey) -> ParameterSpec {
        var parameter = ParameterSpec(name: name.text, place: name.place)
        if let scalar = field.node.scalar, scalar.kind != .null {
            parameter.kind = field.choice(ParameterSpec.Kind.self) ?? .string
            return parameter
        }
        guard let keys = MappingReader(field, AdapterKeys.parameter) else { return parameter }
        parameter.kind = keys["type"]?.choice(ParameterSpec.Kind.self) ?? .string
        parameter.isRequired = keys["required"]?.boolean() ?? false
        parameter.summary = keys["summary"]?.text()?.text ?? ""
        if let field = keys["allowed"] {
            parameter.allowed = readAllowed(field, parameter)
        }
        if let field = keys["default"], let value = field.text()?.text {
            checkDefault(value, field, &parameter)
        }
        if parameter.isRequired, keys.has("default") {
            field.collector.warning(
                "parameter_default_unused", at: keys.keyPlace("default"),
                path: join(field.path, "default"), "a required parameter needs no default")
        }
        return parameter
    }

    private func readAllowed(_ field: Field, _ parameter: ParameterSpec) -> [String] {
        let items = field.items(of: .text) ?? []
        if items.isEmpty, field.node.sequence != nil {
            field.complain("value_empty", "no value would be taken")
        }
        return items.compactMap { item in
            guard let value = item.text()?.text else { return nil }
            if let complaint = Self.complaint(value, parameter) {
                return item.refuse("parameter_type", complaint)
            }
            return value
        }
    }

    private func checkDefault(_ value: String, _ field: Field, _ parameter: inout ParameterSpec) {
        if parameter.kind == .secret {
            field.collector.secrets.append(Secret(value))
            field.collector.error(
                "secret_in_adapter", at: field.place, path: field.path,
                "a secret has no default: an adapter holds no secrets",
                hint: "let the source give it: ${env.NAME} or ${file:/path}")
            return
        }
        if let complaint = Self.complaint(value, parameter) {
            field.complain("parameter_type", complaint, allowed: parameter.allowed)
            return
        }
        parameter.defaultValue = value
    }

    /// What is wrong with a value; nil if the parameter takes it.
    static func complaint(_ value: String, _ parameter: ParameterSpec) -> String? {
        switch parameter.kind {
        case .string, .secret: break
        case .integer:
            if Int64(value) == nil { return "`\(value)` is no whole number" }
        case .boolean:
            if value != "true", value != "false" { return "`\(value)` is not true or false" }
        }
        guard parameter.allowed.isEmpty || parameter.allowed.contains(value) else {
            let shown = parameter.kind == .secret ? "the value" : "`\(value)`"
            return "\(shown) is none of the values that `\(parameter.name)` takes"
        }
        return nil
    }
}
