import Foundation
package import PullcordConfig
import PullcordJQ
import PullcordJSON
import PullcordModel
import PullcordPacks
import PullcordPrograms
import PullcordSigning
import PullcordTransfer

extension Checkers {
    /// The checks of the rooms that will work by what a file says: libjq's and the transfer's.
    package static var native: Checkers {
        Checkers(
            expressions: ExpressionChecker(check: complaint(about:)) { text in
                JSONPath(pattern: text) != nil
            },
            allowEntries: AllowEntryChecker { text in
                do throws(Problem) {
                    _ = try AllowEntry(parsing: text)
                    return nil
                } catch {
                    return error.message
                }
            }, zones: .native,
            signingKeys: SigningKeyChecker { text in
                do throws(SigningError) {
                    _ = try Ed25519Key(parsing: Secret(text))
                    return nil
                } catch {
                    return error.message
                }
            },
            destinations: DestinationChecker(check: complaint(aboutDestination:allow:)),
            programs: ProgramChecker(check: complaint(aboutProgram:from:)),
            packs: PackOpener(open: open(_:), checksum: Pack.checksum(_:)))
    }

    private static func complaint(aboutProgram name: String, from folder: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ProgramFile.pathDefault
        switch ProgramFile.find(name, from: folder, path: path) {
        case .found: return nil
        case .missing(let reason): return reason
        }
    }

    private static func open(
        _ archive: [UInt8]
    ) -> Result<[String: [UInt8]], PackOpener.Complaint> {
        do throws(PackError) {
            return .success(try Pack.read(archive))
        } catch {
            return .failure(
                PackOpener.Complaint(
                    code: error.code.rawValue, message: error.message, hint: error.hint))
        }
    }

    private static func complaint(
        aboutDestination url: String, allow: [String]
    ) -> DestinationChecker.Complaint? {
        let policy = AddressPolicy(allow: allow.compactMap { try? AllowEntry(parsing: $0) })
        guard let url = try? RequestURL(url),
            case .refused(let refusal)? = Egress(policy: policy).verdict(onTextOf: url)
        else { return nil }
        return DestinationChecker.Complaint(message: refusal.message, hint: refusal.hint)
    }

    private static func complaint(about text: String) -> ExpressionChecker.Complaint? {
        do throws(JQError) {
            _ = try Expression(parsing: text, as: .records)
            return nil
        } catch {
            return ExpressionChecker.Complaint(message: error.message, column: error.position)
        }
    }
}
