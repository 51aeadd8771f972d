import Glibc

/// A door that a server's thread waits at until a test opens it, for good.
package final class Gate: Sendable {
    /// Readable once the gate is open.
    let readEnd: CInt
    private let writeEnd: CInt

    package init() throws {
        var ends: [CInt] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw TestSupportError.system("pipe") }
        for end in ends { Sockets.closeOnExec(end) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Opens the gate; a second call changes nothing.
    package func open() {
        var byte: UInt8 = 1
        _ = unsafe write(writeEnd, &byte, 1)
    }
}

/// What a test's own machinery could not do.
package enum TestSupportError: Error {
    /// The named system call failed.
    case system(String)
    /// A tool that the tests need did not do its work; what it said.
    case tool(String, output: String)
}
