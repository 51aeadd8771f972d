import CSpawn
import Glibc
import PullcordModel

/// How a program ended.
struct ProgramEnd: Sendable {
    /// Why it was ended from here.
    enum Cut: Sendable, Equatable {
        case timeout
        case stopped
        /// What it wrote is not wanted.
        case refused(ProgramFailure)
        /// It has ended, yet something that it started keeps its output open.
        case heldOpen
    }

    var ending: ChildGroup.Ending
    var cut: Cut?
    /// The end of what it wrote to standard error.
    var errors: ErrorTail
    var elapsed: Duration
}

/// What takes a program's output as it comes.
protocol OutputSink {
    mutating func take(_ bytes: ArraySlice<UInt8>) throws(ProgramFailure)
    /// What came; to be asked once, when the program has ended well.
    mutating func finish() throws(ProgramFailure) -> Gathered
}

/// Watches one program from its start to its end, on a thread that does nothing else.
struct ProgramWatch: ~Copyable {
    private enum Phase {
        case running
        /// SIGTERM was sent.
        case asked
        /// SIGKILL was sent.
        case killed
        /// The program has ended; its output may not have.
        case ended
    }

    private enum Watched: Int, CaseIterable {
        case output, errors, input, stop, timer, ending
    }

    private let group: ChildGroup
    private let output: Descriptor
    private let errors: Descriptor
    /// nil once the program has been given all that there is.
    private var inputEnd: Descriptor?
    private let timer: Descriptor
    private let timeout: Duration
    private let fugitives: Fugitives
    private let stop: StopSwitch
    private var input: ArraySlice<UInt8>
    private var watched: [pollfd]
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var phase = Phase.running
    private var cut: ProgramEnd.Cut?
    private var tail = ErrorTail()
    private var elapsed: Duration?
    private var isClosed = false

    init(_ launch: Launch, stop: StopSwitch) throws(ProgramFailure) {
        let made = timerfd_create(CLOCK_MONOTONIC, CInt(TFD_CLOEXEC) | CInt(TFD_NONBLOCK))
        guard made >= 0, stop.number >= 0 else {
            close(made)
            throw ProgramFailure("no timer could be made: \(ChildGroup.words(errno))")
        }
        let timer = Descriptor(made)
        let started = try ChildGroup.start(launch)
        timeout = launch.timeout
        fugitives = Fugitives(variable: launch.mark)
        input = launch.input[...]
        let readable = Int16(POLLIN)
        let ending = started.group.ending.number
        watched = [
            pollfd(fd: started.pipes.output.number, events: readable, revents: 0),
            pollfd(fd: started.pipes.errors.number, events: readable, revents: 0),
            pollfd(fd: started.pipes.input.number, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: stop.number, events: readable, revents: 0),
            pollfd(fd: timer.number, events: readable, revents: 0),
            pollfd(fd: ending, events: readable, revents: 0),
        ]
        self.stop = stop
        self.timer = timer
        group = started.group
        output = started.pipes.output
        errors = started.pipes.errors
        inputEnd = consume started.pipes.input
    }

    /// Waits for the program's end, and sees to it that there is one.
    consuming func run(_ sink: inout any OutputSink) -> ProgramEnd {
        arm(timeout)
        if input.isEmpty { closeInput() }
        while !isDone {
            let count = unsafe poll(&watched, nfds_t(watched.count), -1)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, group.ending.number >= 0 else {
                cut = .refused(ProgramFailure("the system cannot tell when a program ends"))
                break
            }
            if isReady(.stop) {
                forget(.stop)
                finish(.stopped)
            }
            if isReady(.timer) { timeHasCome() }
            if isReady(.input) { feed() }
            if isReady(.errors) { readErrors() }
            if isReady(.output) { readOutput(&sink) }
            if isReady(.ending) { hasEnded() }
        }
        readErrors()
        // Before its status is taken: until then the number is no other group's.
        group.signal(SIGKILL)
        // What has left the group on purpose may stay where all went well.
        if cut != nil { fugitives.kill() }
        return ProgramEnd(
            ending: group.reap(), cut: cut, errors: tail, elapsed: elapsed ?? timeout)
    }

    private var isDone: Bool { phase == .ended && isClosed }

    // MARK: Time

    private func arm(_ duration: Duration) {
        let parts = duration.components
        var time = itimerspec()
        time.it_value.tv_sec = Int(parts.seconds)
        time.it_value.tv_nsec = Int(parts.attoseconds / 1_000_000_000)
        _ = unsafe timerfd_settime(timer.number, 0, &time, nil)
    }

    private func remaining() -> Duration {
        var time = itimerspec()
        _ = unsafe timerfd_gettime(timer.number, &time)
        return .seconds(time.it_value.tv_sec) + .nanoseconds(time.it_value.tv_nsec)
    }

    private mutating func timeHasCome() {
        var count: UInt64 = 0
        _ = unsafe Glibc.read(timer.number, &count, MemoryLayout<UInt64>.size)
        switch phase {
        case .running: finish(.timeout)
        case .asked:
            phase = .killed
            group.signal(SIGKILL)
        case .killed: break
        case .ended:
            cut = cut ?? .heldOpen
            isClosed = true
        }
    }

    // MARK: Ends

    /// Asks the program to end, and kills it if it takes its time.
    private mutating func finish(_ reason: ProgramEnd.Cut) {
        guard phase == .running else { return }
        cut = reason
        elapsed = timeout - remaining()
        phase = .asked
        group.signal(SIGTERM)
        // A group that was stopped (SIGSTOP) hears nothing.
        group.signal(SIGCONT)
        arm(Limits.programGrace)
    }

    private mutating func hasEnded() {
        forget(.ending)
        if phase == .running { elapsed = timeout - remaining() }
        phase = .ended
        closeInput()
        // What it has left behind is of no use to a run that counts for nothing.
        if cut != nil { group.signal(SIGKILL) }
        if !isClosed { arm(Limits.programHold) }
    }

    // MARK: Input and output

    private func isReady(_ place: Watched) -> Bool { watched[place.rawValue].revents != 0 }

    private mutating func forget(_ place: Watched) {
        watched[place.rawValue].fd = -1
        watched[place.rawValue].revents = 0
    }

    private mutating func closeInput() {
        guard watched[Watched.input.rawValue].fd >= 0 else { return }
        forget(.input)
        inputEnd = nil
    }

    private mutating func feed() {
        let number = watched[Watched.input.rawValue].fd
        let count = unsafe input.withUnsafeBytes { bytes in
            unsafe write(number, bytes.baseAddress, bytes.count)
        }
        if count > 0 { input = input.dropFirst(count) }
        // A program need not read what it is given.
        if input.isEmpty || count < 0 && errno != EAGAIN && errno != EINTR { closeInput() }
    }

    /// The bytes that are there; nil at the end, empty if there are none now.
    private mutating func read(from number: CInt) -> ArraySlice<UInt8>? {
        let size = buffer.count
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe Glibc.read(number, bytes.baseAddress, size)
        }
        if count > 0 { return buffer[..<count] }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
    }

    private mutating func readOutput(_ sink: inout any OutputSink) {
        guard let bytes = read(from: output.number) else {
            forget(.output)
            isClosed = true
            return
        }
        guard cut == nil, !bytes.isEmpty else { return }
        do throws(ProgramFailure) {
            try sink.take(bytes)
        } catch {
            guard phase == .ended else { return finish(.refused(error)) }
            cut = .refused(error)
        }
    }

    private mutating func readErrors() {
        guard watched[Watched.errors.rawValue].fd >= 0 else { return }
        // What is written faster than it is read has no end.
        for _ in 0..<16 {
            guard let bytes = read(from: errors.number) else {
                forget(.errors)
                return
            }
            guard !bytes.isEmpty else { return }
            tail.add(bytes)
        }
    }
}
