import Foundation
import PullcordTestSupport
import Testing

/// The console in a real Chromium, before a running Pullcord that polls and delivers.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `The console in a browser` {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Browser/console.py").path

    @Test(
        arguments: [
            "steers_and_shows", "lets_in_with_a_token", "makes_an_endpoint", "fits_a_phone",
        ])
    func `does what it is for, without a complaint of the browser`(what: String) throws {
        let runner =
            "import runpy, sys; sys.argv = sys.argv[1:]; "
            + "runpy.run_path(sys.argv[0], run_name='__main__')"
        let complaint = try PythonScript.complaint(
            runner, [Self.script, PullcordProcess.binary.path, what])
        #expect(complaint.isEmpty, "\(complaint)")
    }
}
