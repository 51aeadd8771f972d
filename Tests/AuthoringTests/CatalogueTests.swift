import Foundation
import PullcordAuthoring
import Testing

/// The tests of the adapters that are shipped.
@Suite
struct CatalogueTests {
    private static let adapters = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "adapters").path

    static let files = (try? TestDiscovery.files(in: [adapters])) ?? []

    @Test func `there are tests`() { #expect(!Self.files.isEmpty) }

    @Test(arguments: files)
    func `what its tests say of an adapter is true`(file: String) async throws {
        let bench = try Bench()
        let outcomes = await bench.run.run([file])
        let account = outcomes.map(\.account).joined()
        #expect(account.isEmpty, "\(account)")
    }
}
