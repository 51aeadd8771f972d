/// The bytes of one page, read through a raw pointer: the only unsafe reads of this target.
///
/// No read can leave the page: past its end every byte is 0, which is no byte that JSON allows
/// outside or inside a string, so the reader stops there by its own rules. Positions start at
/// 0 and only grow. The value must not outlive the `withUnsafeBytes` call that it was made in.
@safe
struct PageBytes {
    private let base: UnsafeRawPointer
    let count: Int
    /// The last position at which eight bytes can be read; negative if there is none.
    private let lastWord: Int

    /// nil for no bytes at all.
    init?(_ buffer: UnsafeRawBufferPointer) {
        guard let base = buffer.baseAddress, buffer.count > 0 else { return nil }
        unsafe self.base = base
        count = buffer.count
        lastWord = buffer.count - 8
    }

    /// The byte at a position, 0 beyond the end.
    @inline(__always)
    subscript(position: Int) -> UInt8 {
        guard position < count else { return 0 }
        return unsafe base.load(fromByteOffset: position, as: UInt8.self)
    }

    /// Eight bytes, the first in the lowest bits, zeros beyond the end.
    @inline(__always)
    func word(at position: Int) -> UInt64 {
        guard position <= lastWord else { return shortWord(at: position) }
        return unsafe UInt64(
            littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    @inline(never)
    private func shortWord(at position: Int) -> UInt64 {
        var word: UInt64 = 0
        var index = min(position &+ 8, count)
        while index > position {
            index &-= 1
            word = word &<< 8 | UInt64(self[index])
        }
        return word
    }
}

/// A stack of plain values that keeps its room, for what the reader pushes at every key.
///
/// Every access is checked against the count; only the storage is raw.
@safe
struct ScratchStack<Element: BitwiseCopyable>: ~Copyable {
    private var storage: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
        unsafe storage = .allocate(capacity: self.capacity)
    }

    deinit { unsafe storage.deallocate() }

    @inline(__always)
    subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count, "only what was pushed can be read")
        return unsafe storage[index]
    }

    @inline(__always)
    mutating func push(_ element: Element) {
        if count == capacity { grow() }
        unsafe storage[count] = element
        count &+= 1
    }

    /// Drops everything above `count`.
    @inline(__always)
    mutating func drop(to count: Int) {
        precondition(count >= 0 && count <= self.count, "a stack shrinks, it does not grow")
        self.count = count
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        unsafe larger.update(from: storage, count: count)
        unsafe storage.deallocate()
        unsafe storage = larger
        capacity *= 2
    }
}
