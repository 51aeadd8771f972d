import PullcordAdapter
import PullcordAuth
import PullcordConfig
import PullcordModel

extension AuthError {
    /// The same in the words that are stored and shown.
    var problem: Problem {
        let code: String =
            switch self.code {
            case .unreachable: "login_unreachable"
            case .refused: "login_refused"
            case .malformed: "login_malformed"
            case .store: "login_not_kept"
            case .rehearsal: "login_in_dry_run"
            case .configuration: "login_impossible"
            case .foreignRealm: "login_foreign_realm"
            }
        return Problem(
            code: code, message: "no login: \(message)",
            place: phase.isEmpty ? url : "\(url) (\(phase))", hint: hint)
    }

    func problem(in source: BoundSource) -> Problem {
        let problem = problem
        return Problem(
            code: problem.code, message: problem.message,
            place: problem.place.isEmpty ? "source \(source.spec.name)" : problem.place,
            hint: problem.hint)
    }
}
