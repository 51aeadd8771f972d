import PullcordAdapter
import PullcordConfig
import PullcordModel

/// Tells whether two parts of configurations mean the same: a hash of everything that they say,
/// secrets included, and of nothing about where it stands in a file.
///
/// It is compared within one process and never stored.
struct ConfigurationIdentity {
    /// Adapters are large, and thousands of sources share one.
    private var adapters: [String: [(spec: AdapterSpec, identity: Fingerprint)]] = [:]

    mutating func of(_ source: BoundSource) -> Fingerprint {
        var hasher = IdentityHasher()
        Self.add(source.spec, to: &hasher)
        Self.add(source.parameters, to: &hasher)
        Self.add(source.secrets, to: &hasher)
        Self.add(of(source.adapter), to: &hasher)
        return hasher.finish()
    }

    private mutating func of(_ adapter: AdapterSpec) -> Fingerprint {
        if let known = adapters[adapter.name]?.first(where: { $0.spec == adapter }) {
            return known.identity
        }
        let identity = Self.of(adapter)
        adapters[adapter.name, default: []].append((adapter, identity))
        return identity
    }

    /// Of anything made of values.
    static func of(_ value: Any) -> Fingerprint {
        var hasher = IdentityHasher()
        add(value, to: &hasher)
        return hasher.finish()
    }

    private static func add(_ value: Any, to hasher: inout IdentityHasher) {
        switch value {
        case is Place: return
        case let secret as Secret: return hasher.add("secret \(secret.expose())")
        case let text as String: return hasher.add(text)
        case let fingerprint as Fingerprint:
            return hasher.add("\(fingerprint.high) \(fingerprint.low)")
        default: break
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .dictionary, .set:
            let parts = mirror.children.map { of($0.value) }
            hasher.add("many \(parts.count)")
            for part in parts.sorted(by: { ($0.high, $0.low) < ($1.high, $1.low) }) {
                add(part, to: &hasher)
            }
        case nil: hasher.add(String(describing: value))
        case .enum where mirror.children.isEmpty: hasher.add(String(describing: value))
        default:
            hasher.add("\(mirror.children.count)")
            for child in mirror.children {
                hasher.add(child.label ?? "")
                add(child.value, to: &hasher)
            }
        }
    }
}
