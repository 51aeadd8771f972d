package import PullcordCommit

/// What every store must do: a behaviour of ``Store`` exists once it is one of these cases.
///
/// A backend's tests run them all:
///
///     @Test(arguments: StoreConformance.cases)
///     func `it behaves as every store does`(_ storeCase: StoreCase) async throws {
///         try await storeCase.run(MyPlace())
///     }
package enum StoreConformance {
    package static let cases: [StoreCase] =
        streamCases + recordCases + batchCases + deliveryCases + settlementCases + readCases
        + keptCases + restartCases + modelCases + quarantineCases + orderCases + replayCases
        + keepingCases + credentialCases + markCases + fanOutCases + steeringCases
        + definitionCases + accessCases + listCases
}

/// Where a backend keeps one store, empty at first.
package protocol StorePlace: Sendable {
    /// Opens the store as its owner; called again only after the store was closed.
    func open() async throws -> any Store & StoreReader
}

/// One behaviour, with a name that claims it.
package struct StoreCase: Sendable, CustomStringConvertible {
    package let name: String
    private let body: @Sendable (any StorePlace) async throws -> Void

    /// A case that opens the store itself, and more than once.
    init(
        restarting name: String,
        _ body: @escaping @Sendable (any StorePlace) async throws -> Void
    ) {
        self.name = name
        self.body = body
    }

    /// A case that needs nothing but an open store with what ``Scene`` registers.
    init(_ name: String, _ body: @escaping @Sendable (Scene) async throws -> Void) {
        self.init(restarting: name) { place in
            let scene = try await Scene(place)
            do {
                try await body(scene)
            } catch {
                await scene.store.close()
                throw error
            }
            await scene.store.close()
        }
    }

    package func run(_ place: any StorePlace) async throws { try await body(place) }

    package var description: String { name }
}
