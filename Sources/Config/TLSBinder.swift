import PullcordAdapter
import PullcordModel

/// Looks at the files that `tls` names.
struct TLSBinder {
    let installation: Installation

    /// The paths as the process must open them, and whether nothing was complained about.
    ///
    /// `text` renders a path; `place` is where to complain instead of at the path itself.
    func bind(
        _ spec: TLSSpec, path: String, at place: Place? = nil,
        text: (Template, String) -> String?
    ) -> (files: BoundAccess.Files, isWhole: Bool) {
        var isWhole = true
        func file(_ template: Template?, _ name: String, _ kind: PEMKind) -> String? {
            let path = join(path, name)
            guard let template, let text = text(template, path) else { return nil }
            let resolved = Paths.resolve(text, in: installation.folder)
            // Like secret files, these may not be here.
            guard installation.environment != nil else { return resolved }
            if let (code, complaint) = Self.complaint(installation.files.read(resolved), kind) {
                isWhole = false
                installation.collector.error(
                    code, at: place ?? template.place, path: path, found: text,
                    "the file `\(text)` \(complaint)", allowed: [kind.words])
            }
            return resolved
        }
        let files = BoundAccess.Files(
            authority: file(spec.authority, "ca", .certificate),
            certificate: file(spec.certificate, "certificate", .certificate),
            key: file(spec.key, "key", .key))
        return (files, isWhole)
    }

    private static func complaint(
        _ content: FileAccess.Content, _ kind: PEMKind
    ) -> (code: String, text: String)? {
        switch content {
        case .missing: ("file_unreadable", "cannot be read: there is no such file")
        case .unreadable(let words): ("file_unreadable", "cannot be read: \(words)")
        case .bytes(let bytes): kind.complaint(bytes).map { ("pem_invalid", $0) }
        }
    }
}

extension SourceBinder {
    /// A key that a signature cannot be made with must not show at the first poll only.
    func checkSigningKey(
        _ spec: SourceSpec, _ adapter: AdapterSpec, _ parameters: [String: String], path: String
    ) {
        guard case .hmac(let hmac) = adapter.auth, hmac.key.literalText == nil,
            let key = (try? hmac.key.render(TemplateContext(parameters: parameters))) ?? nil,
            hmac.keyEncoding.decode(key) == nil
        else { return }
        installation.collector.error(
            "key_encoding", at: spec.adapter.place, path: join(path, "with"),
            "with these values the key of `auth.hmac` is not written in "
                + hmac.keyEncoding.rawValue, hint: "see \(hmac.key.place)")
    }

    /// The files of a source: those that it names itself, else those of its adapter.
    func bindFiles(
        _ spec: SourceSpec, _ adapter: AdapterSpec, _ parameters: [String: String], path: String
    ) -> BoundAccess.Files? {
        let binder = TLSBinder(installation: installation)
        if let own = spec.tls {
            return binder.bind(own, path: join(path, "tls")) { template, path in
                guard case .text(let text) = installation.resolve(template, path: path) else {
                    return nil
                }
                return text
            }.files
        }
        guard let shared = adapter.tls else { return nil }
        let context = TemplateContext(parameters: parameters)
        let files = binder.bind(
            shared, path: join(path, "with"), at: spec.adapter.place
        ) { template, _ in (try? template.render(context)) ?? nil }.files
        let hasHalf = (files.certificate == nil) != (files.key == nil)
        if hasHalf, installation.environment != nil {
            installation.collector.error(
                "tls_incomplete", at: spec.adapter.place, path: join(path, "with"),
                "with these values `tls` has a certificate without a key, or a key alone",
                hint: "see \(adapter.place)")
        }
        return files == BoundAccess.Files() ? nil : files
    }
}
