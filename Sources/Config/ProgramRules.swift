import PullcordAdapter
import PullcordModel

/// Who may run which programs: an adapter is a file that may come from anywhere, and the machine
/// is the bridge file's.
struct ProgramRules {
    let collector: Collector
    private let programs: ProgramsSpec

    init(_ bridge: BridgeSpec, _ collector: Collector) {
        programs = bridge.programs
        self.collector = collector
    }

    /// Complains of a source whose adapter runs a program that the bridge file does not allow.
    ///
    /// `isStored` says that the source is kept in the store; `finds` what is thought of a program
    /// that is not there.
    func check(
        _ source: BoundSource, path: String, isStored: Bool = false, finds: Finds = .warning
    ) {
        guard let program = source.adapter.origin.program else { return }
        let name = source.spec.adapter
        let keyPath = join(path, "adapter")
        guard programs.allowed.contains(where: { $0.text == name.text }) else {
            collector.error(
                "program_not_allowed", at: name.place, path: keyPath, found: name.text,
                "the adapter `\(name.text)` runs the program `\(program.program.text)`, which the "
                    + "bridge file does not allow",
                hint: "if you trust it, write programs: { allow: [\(name.text)] } into the bridge "
                    + "file")
            return
        }
        if isStored, !programs.allowsStore {
            collector.error(
                "program_not_allowed", at: name.place, path: keyPath, found: name.text,
                "the adapter `\(name.text)` runs a program, which a source of the store may not",
                hint: "the bridge file allows it by programs: { allow: […], store: true }")
            return
        }
        guard !isStored else { return }
        look(for: program, finds)
    }

    /// How bad it is that a program is not there.
    enum Finds {
        /// It may come back, and other sources have no part in it.
        case warning
        /// Somebody asks what is wrong.
        case error
    }

    func look(for program: ProgramSpec, _ finds: Finds) {
        guard
            let complaint = collector.checkers.programs.check(
                program.program.text, program.folder)
        else { return }
        let place = program.program.place
        switch finds {
        case .warning:
            collector.warning(
                "program_missing", at: place, path: "exec.command",
                found: program.program.text, complaint)
        case .error:
            collector.error(
                "program_missing", at: place, path: "exec.command",
                found: program.program.text, complaint)
        }
    }
}
