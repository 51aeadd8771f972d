import Foundation
import Glibc
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing

/// A service manager's end of the socket.
private final class ManagerSocket: Sendable {
    private let descriptor: CInt
    let address: String

    /// `address` is a path, or `@` and an abstract name.
    init(_ address: String) throws {
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(address.utf8)
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { path in
            for (index, byte) in bytes.enumerated() { unsafe path[index] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let result = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length)
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    /// Waits for the next datagram and returns its lines; the thread is free in the meantime.
    func next() async -> [String] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var count = -1
        while !Task.isCancelled {
            count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
            }
            guard count < 0, errno == EAGAIN || errno == EINTR else { break }
            await Task.yield()
        }
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }
}

@Suite(.serialized, .timeLimit(.minutes(10))) struct ServiceManagerTests {
    @Test(arguments: [true, false])
    func `ready, alive, reloading and stopping are told in their words`(isAbstract: Bool)
        async throws
    {
        let folder = try TemporaryFolder()
        let address = isAbstract ? "@pullcord-\(UUID().uuidString)" : "\(folder.path)/notify"
        let socket = try ManagerSocket(address)
        let time = ManualTime()
        let made = ServiceManager(
            environment: ["NOTIFY_SOCKET": address, "WATCHDOG_USEC": "20000000"], time: time,
            uptime: { 77 }, status: { "3 sources" })
        let manager = try #require(made)
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup { group in
                group.addTask { try await manager.run() }
                #expect(await socket.next() == ["READY=1", "STATUS=3 sources"])
                await time.advanceToNextSleeper()
                #expect(await socket.next() == ["WATCHDOG=1", "STATUS=3 sources"])
                #expect(time.monotonic() == .seconds(10))
                manager.reloading()
                manager.reloading()
                let reloading = await socket.next()
                #expect(reloading.prefix(2) == ["RELOADING=1", "MONOTONIC_USEC=77"])
                #expect(await socket.next() == reloading)
                // Ready again when the last of them has ended.
                manager.reloaded()
                manager.reloaded()
                #expect(await socket.next().first == "READY=1")
                trigger.triggerGracefulShutdown()
                #expect(await socket.next().first == "STOPPING=1")
                try await group.waitForAll()
            }
        }
    }

    @Test(
        arguments: [
            [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative/path"],
            ["NOTIFY_SOCKET": "@"], ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)],
            ["NOTIFY_SOCKET": "vsock:2:1234"],
        ])
    func `without a socket nobody is told`(environment: [String: String]) {
        let manager = ServiceManager(
            environment: environment, time: ManualTime(), uptime: { 0 }, status: { "" })
        #expect(manager == nil)
    }

    @Test func `a manager that has gone is no reason to fail`() throws {
        let folder = try TemporaryFolder()
        let manager = ServiceManager(
            environment: ["NOTIFY_SOCKET": "\(folder.path)/gone"], time: ManualTime(),
            uptime: { 0 }, status: { "" })
        try #require(manager).stopping()
    }
}

@Suite struct CertificateDatesTests {
    @Test(arguments: [
        "", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ])
    func `what holds no certificate has no end`(text: String) {
        #expect(CertificateDates.earliestEnd(inPEM: text) == nil)
    }
}
