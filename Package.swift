// swift-tools-version: 6.2
import PackageDescription

// The targets stand in the order of the data's way: the words, the C libraries and their
// wrappers, the language, then schedule → poll → detect → commit → deliver, then the program.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(
    name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let posix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let signals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let lifecycleTestKit = Target.Dependency.product(
    name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// What a room with a server in it is built on.
let server = [hummingbird, httpTypes, logging, nio, lifecycle]

/// Dependencies on rooms of ours.
func ours(_ names: [String]) -> [Target.Dependency] {
    names.map { .byName(name: "Pullcord\($0)") }
}

/// A target of ours: the module is `Pullcord<Name>`, the folder `Sources/<Name>`.
func room(_ name: String, _ rooms: [String] = [], _ others: [Target.Dependency] = []) -> Target {
    .target(
        name: "Pullcord\(name)",
        dependencies: ours(rooms) + others,
        path: "Sources/\(name)",
        swiftSettings: settings)
}

/// The tests of one room: `Tests/<Name>Tests`.
func tests(_ name: String, _ rooms: [String], _ others: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: ours(rooms) + others,
        path: "Tests/\(name)Tests",
        swiftSettings: settings)
}

let package = Package(
    name: "pullcord",
    products: [
        .executable(name: "pullcord", targets: ["pullcord"]),
        // Sources in Swift code: `import PullcordKit`.
        .library(name: "Pullcord", targets: ["PullcordKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1",
            traits: []),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        room("Model"),

        // The C libraries, each with its one wrapper, and the reader of JSON.
        .systemLibrary(
            name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CYAML", path: "Sources/CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CJQ", path: "Sources/CJQ", providers: [.apt(["libjq-dev"])]),
        .systemLibrary(
            name: "CZstd", path: "Sources/CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]),
        room("Transfer", ["Model"], ["CCurl"]),
        room("YAML", ["Model"], ["CYAML"]),
        room("JSON", ["Model"]),
        room("JQ", ["Model", "JSON"], ["CJQ"]),
        room("Signing", ["Model"], [crypto]),
        room("Zstd", [], ["CZstd"]),
        .systemLibrary(name: "CSpawn", path: "Sources/CSpawn"),
        room("Programs", ["Model", "JSON", "Transfer"], ["CSpawn"]),
        room("Packs", ["Model"], ["CZlib", crypto]),
        room("Metrics"),
        room("Auth", ["Model", "JSON", "JQ", "Transfer", "Adapter"], [crypto, cryptoExtras]),

        // The language: what adapters and bridge files mean, and how YAML becomes that.
        room("Adapter", ["Model", "JSON"]),
        room("Config", ["Model", "Adapter", "YAML", "JSON"]),
        room("Formats", ["Model", "JSON", "Adapter"]),
        room("Guide", ["Model", "JSON", "Adapter", "Config"]),

        // The data's way.
        room("Schedule", ["Model"], [heap]),
        room("Poll", ["Model", "JSON", "JQ", "Adapter", "Transfer", "Formats", "Signing"]),
        room("Detect", ["Model", "Commit", "JSON", "JQ"]),
        room("Commit", ["Model"]),
        room("SQLiteStore", ["Model", "Commit", "Zstd"], [grdb, sqlite]),
        room(
            "Deliver",
            ["Model", "Commit", "JSON", "JQ", "Adapter", "Transfer", "Signing", "Auth"],
            [crypto]),

        // For authors of adapters.
        room("Drafting", ["Model", "JSON", "YAML", "Adapter", "Formats", "Poll"]),

        // The program.
        room(
            "Engine",
            [
                "Model", "JSON", "JQ", "Signing", "Transfer", "Adapter", "Config", "Formats",
                "Schedule", "Poll", "Detect", "Commit", "Deliver", "Auth", "Programs", "Packs",
                "Metrics",
            ], [lifecycle, logging, signals]),
        room(
            "API",
            [
                "Model", "JSON", "JQ", "Signing", "Transfer", "Adapter", "Config", "Commit",
                "Engine", "Metrics",
            ],
            server + [
                hummingbirdCore, hummingbirdTLS, nioHTTPTypes, nioTLS, crypto, cryptoExtras,
            ]),
        .target(
            name: "PullcordConsole", dependencies: ours(["API"]), path: "Sources/Console",
            // In the binary, so that one file is all there is to install.
            resources: [.embedInCode("Site")], swiftSettings: settings),
        room(
            "Authoring",
            [
                "Model", "JSON", "JQ", "Transfer", "YAML", "Adapter", "Config", "Formats", "Commit",
                "SQLiteStore", "Engine",
            ]),
        room("Receiver", ["Model", "Signing"], server),
        room("Demo", ["Model", "JSON"], server),
        .executableTarget(
            name: "pullcord",
            dependencies: ours([
                "Model", "JSON", "JQ", "Signing", "Transfer", "Adapter", "Config", "Guide", "Packs",
                "Drafting", "Poll", "Commit", "SQLiteStore", "Engine", "API", "Authoring",
                "Console",
                "Receiver", "Demo", "Programs",
            ]) + [argumentParser, lifecycle, logging, signals],
            path: "Sources/pullcord", exclude: ["Packaging"],
            // Swift 6.3.1 crashes when it optimizes some of the commands; none is a hot path.
            swiftSettings: settings + [.unsafeFlags(["-Onone"], .when(configuration: .release))]),
        room(
            "Kit",
            [
                "Model", "JSON", "Transfer", "Adapter", "Config", "Commit", "SQLiteStore",
                "Engine",
            ], [lifecycle, logging]),
        .executableTarget(
            name: "pullcord-sample", dependencies: ours(["Kit"]), path: "Sources/Sample",
            swiftSettings: settings),
        .executableTarget(
            name: "pullcord-bench",
            dependencies: ours([
                "Model", "JSON", "Transfer", "Config", "Commit", "SQLiteStore", "Engine",
                "TestSupport",
            ]) + [argumentParser, logging],
            path: "Sources/Bench", exclude: ["Peers"],
            swiftSettings: settings),

        // For tests.
        room("StoreConformance", ["Model", "Commit"]),
        room("TestSupport", ["Model", "Commit", "Transfer", "Schedule"], [heap]),
        tests("Poll", ["Model", "Adapter", "Transfer", "Poll", "TestSupport"]),
        tests("Programs", ["Model", "Transfer", "Programs"]),
        tests("Schedule", ["Model", "Schedule", "TestSupport"]),
        tests("SQLiteStore", ["Model", "Commit", "SQLiteStore", "StoreConformance"], [grdb]),
        tests("JSON", ["Model", "JSON", "TestSupport"]),
        tests("Zstd", ["Zstd"]),
        tests("Packs", ["Model", "Packs"]),
        tests("Kit", ["Model", "Config", "Transfer", "TestSupport", "Kit"]),
        tests("Guide", ["Model", "JSON", "Adapter", "Config", "Guide"]),
        tests("Metrics", ["Metrics"]),
        tests("JQ", ["Model", "JSON", "JQ"]),
        tests("Detect", ["Model", "Commit", "JSON", "JQ", "Detect"]),
        tests("YAML", ["Model", "YAML"]),
        tests("Adapter", ["Model", "JSON", "Adapter"]),
        tests("Config", ["Model", "Adapter", "YAML", "JSON", "Config", "TestSupport"]),
        tests("Formats", ["Model", "JSON", "Adapter", "Formats", "TestSupport"]),
        tests(
            "Drafting", ["Model", "JSON", "YAML", "Drafting", "Config", "Engine", "TestSupport"]),
        tests("Model", ["Model"]),
        tests("Transfer", ["Model", "Transfer", "TestSupport"]),
        tests("Signing", ["Model", "Signing", "TestSupport"]),
        tests(
            "Auth", ["Model", "JSON", "Adapter", "Transfer", "Auth", "TestSupport"],
            [crypto, cryptoExtras]),
        tests(
            "Deliver",
            [
                "Model", "Adapter", "Commit", "JSON", "JQ", "Transfer", "Signing", "Auth",
                "Deliver", "Receiver",
                "TestSupport",
            ],
            ["WireSupport"]),
        tests(
            "API",
            [
                "Model", "JSON", "Signing", "Adapter", "Config", "Commit", "SQLiteStore",
                "Engine", "API", "Console", "TestSupport",
            ], ["WireSupport"] + server + [crypto, posix]),
        tests(
            "Authoring",
            [
                "Model", "JSON", "YAML", "Transfer", "Config", "Engine", "Authoring", "TestSupport",
            ]),
        tests("Receiver", ["Model", "Signing", "Receiver"], ["WireSupport"] + server),
        tests("Demo", ["Model", "Demo"], ["WireSupport"] + server),
        tests(
            "Engine",
            [
                "Model", "JSON", "JQ", "Signing", "Transfer", "Adapter", "Config", "Commit",
                "SQLiteStore", "Deliver", "Engine", "Packs", "Metrics", "TestSupport",
            ], [lifecycle, lifecycleTestKit, logging]),
        .target(
            name: "WireSupport", dependencies: [nio, posix, logging, lifecycle],
            path: "Tests/WireSupport", swiftSettings: settings),
        tests("Tidy", []),
        tests(
            "EndToEnd", ["Model", "JSON", "Signing", "Transfer", "TestSupport"],
            [.target(name: "pullcord"), .target(name: "pullcord-sample")]),
    ]
)
