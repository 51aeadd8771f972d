import PullcordConfig
import PullcordJSON
package import PullcordModel
package import PullcordSigning

/// Seals and opens the secrets of definitions: each for its own definition and its own field, so
/// that a sealed secret that is moved does not open.
package struct DefinitionSealer: Sendable {
    private let keys: SealingKeys?

    /// nil if the bridge file names no key.
    package init(_ keys: SealingKeys?) { self.keys = keys }

    /// Seals every secret of an opened definition.
    ///
    /// Throws ``DefinitionRefusal`` with `secrets_key_missing` if there is one and no key.
    func seal(
        _ value: JSONValue, _ kind: DefinitionKind, _ name: String, parameters: Set<String>
    ) throws -> JSONValue {
        try SecretFields(kind, parameters: parameters).mapSecrets(value) { pointer, text in
            let sealed = try needed().seal(Secret(text), for: Self.place(kind, name, pointer))
            return Self.object(.string(sealed))
        }
    }

    /// The definition with its secrets as they are.
    ///
    /// Throws ``DefinitionComplaint`` at the first that does not open.
    func open(
        _ value: JSONValue, _ kind: DefinitionKind, _ name: String
    ) throws -> (value: JSONValue, secrets: [Secret]) {
        var secrets: [Secret] = []
        let opened = try SecretFields.mapSealed(value) { pointer, sealed in
            guard case .string(let text) = sealed else { throw Self.unkept(pointer) }
            guard let keys else { throw Self.keyless(pointer) }
            do throws(SigningError) {
                let secret = try keys.open(text, for: Self.place(kind, name, pointer))
                secrets.append(secret)
                return .string(secret.expose())
            } catch {
                throw DefinitionComplaint(
                    code: error.code.rawValue, pointer: pointer, message: error.message,
                    hint: error.hint)
            }
        }
        return (opened, secrets)
    }

    /// Puts the stored secrets where the input says that they stay.
    static func keep(_ input: JSONValue, from stored: JSONValue?) -> JSONValue {
        SecretFields.mapSealed(input) { pointer, sealed in
            guard sealed == .bool(true), let stored,
                let value = JSONPointer(parsing: pointer)?.value(in: stored),
                SecretFields.sealed(value) != nil
            else { return object(sealed) }
            return value
        }
    }

    /// As it may be shown.
    static func mask(_ value: JSONValue) -> JSONValue {
        SecretFields.mapSealed(value) { _, _ in object(.bool(true)) }
    }

    /// The definition under the key that seals now; nil if it is already.
    ///
    /// Throws ``DefinitionComplaint`` at the first secret that does not open.
    func reseal(_ value: JSONValue, _ kind: DefinitionKind, _ name: String) throws -> JSONValue? {
        let keys = try needed()
        var isChanged = false
        let result = try SecretFields.mapSealed(value) { pointer, sealed in
            guard case .string(let text) = sealed, !keys.isCurrent(text) else {
                return Self.object(sealed)
            }
            isChanged = true
            let place = Self.place(kind, name, pointer)
            do throws(SigningError) {
                let secret = try keys.open(text, for: place)
                return Self.object(.string(try keys.seal(secret, for: place)))
            } catch {
                throw DefinitionComplaint(
                    code: error.code.rawValue, pointer: pointer,
                    message: "\(kind) \(name): \(error.message)", hint: error.hint)
            }
        }
        return isChanged ? result : nil
    }

    // MARK: Requests

    /// Seals an argument of a request, which lies in the store until it is carried out and after.
    package func sealArgument(
        _ secret: Secret, of action: String, _ name: String
    ) throws -> String {
        try needed().seal(secret, for: "request/\(action)/\(name)")
    }

    func openArgument(_ sealed: String, of action: String, _ name: String) throws -> Secret {
        let keys = try needed()
        do throws(SigningError) {
            return try keys.open(sealed, for: "request/\(action)/\(name)")
        } catch {
            throw DefinitionRefusal(
                Problem(code: error.code.rawValue, message: error.message, hint: error.hint))
        }
    }

    private func needed() throws -> SealingKeys {
        guard let keys else {
            throw DefinitionRefusal(Self.keyMissing)
        }
        return keys
    }

    static let keyMissing = Problem(
        code: "secrets_key_missing",
        message: "the bridge file names no key that secrets could be sealed with",
        hint: "(umask 077; pullcord secrets key > /etc/pullcord/key), and in the bridge file: "
            + "secrets: { key_file: /etc/pullcord/key }")

    private static func keyless(_ pointer: String) -> DefinitionComplaint {
        DefinitionComplaint(
            code: keyMissing.code, pointer: pointer, message: keyMissing.message,
            hint: keyMissing.hint)
    }

    private static func unkept(_ pointer: String) -> DefinitionComplaint {
        DefinitionComplaint(
            code: "sealed_unknown", pointer: pointer,
            message: "there is no stored secret that could stay here",
            hint: "write the secret itself")
    }

    private static func place(
        _ kind: DefinitionKind, _ name: String, _ pointer: String
    ) -> String {
        "\(kind)/\(name)\(pointer)"
    }

    private static func object(_ value: JSONValue) -> JSONValue {
        .object([JSONValue.Member(SecretFields.mark, value)])
    }
}

extension DefinitionComplaint: Error {}
