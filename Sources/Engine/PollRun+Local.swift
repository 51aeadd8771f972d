import PullcordAdapter
import PullcordDetect
import PullcordJSON
import PullcordModel
import PullcordPoll
import PullcordTransfer
import ServiceLifecycle

/// What is different about records that come from this machine.
extension PollRun {
    /// Takes the key that came with records, where the adapter leaves that to what brings them.
    ///
    /// - Throws: ``Problem`` if it is none.
    mutating func takeStatedKey(_ response: HTTPResponse) throws {
        guard stream.poll.stream.keyIsStated,
            let text = response.headers.value(of: LocalHeader.key)
        else { return }
        guard case .array(let names)? = try? JSONValue(parsing: text),
            (1...Limits.keyPartsMax).contains(names.count)
        else {
            throw Problem(
                code: "key_stated", message: "a key of 1 to \(Limits.keyPartsMax) fields is needed",
                place: response.remoteAddress, hint: "write `key` in the adapter")
        }
        var spec = stream.poll.stream
        spec.key = names.map { name in
            ExpressionText(
                text: ".[\(String(decoding: name.serialized, as: UTF8.self))]", place: spec.place)
        }
        statedReader = PageReader(try DetectPlan(spec, poll: poll))
    }
}

extension Pipeline {
    /// Ends the poll with a run that was stopped because the process is to stop.
    func stopWithRun(_ answer: Result<HTTPResponse, TransferError>) throws {
        guard case .failure(let error) = answer, error.code == .cancelled else { return }
        try stopBetweenPages()
    }
}
