/// What the machine says of the process and its store; nil where it does not say.
package struct HostFigures: Sendable, Equatable {
    /// User and system time together.
    package var processorSeconds: Double?
    package var residentBytes: Int?
    package var virtualBytes: Int?
    package var openFiles: Int?
    package var openFilesMax: Int?
    /// Seconds since 1970.
    package var started: Double?
    package var storeBytes: Int?
    /// Of the write-ahead log beside the store.
    package var logBytes: Int?
    /// Left on the disk of the store.
    package var freeBytes: Int?

    package init() {}
}
