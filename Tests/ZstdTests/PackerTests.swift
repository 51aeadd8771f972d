import PullcordZstd
import Testing

@Suite struct PackerTests {
    static let texts: [[UInt8]] = [
        [], [0], [1], Array("{}".utf8), Array(#"{"id":1,"state":"open"}"#.utf8),
        [UInt8](repeating: 0x20, count: 100_000), (0..<5000).map { UInt8(truncatingIfNeeded: $0) },
        Array(String(repeating: #"{"name":"Zoë 🚂","total":12.50},"#, count: 200).utf8),
    ]

    @Test(arguments: texts)
    func `what was packed comes back byte for byte`(_ text: [UInt8]) throws {
        let packed = Packer().pack(text)
        #expect(packed.count <= text.count + 1)
        #expect(try Unpacker().unpack(packed, limit: text.count) == text)
    }

    @Test func `one packer packs many texts alike`() throws {
        let packer = Packer()
        let unpacker = Unpacker()
        for text in Self.texts + Self.texts.reversed() {
            #expect(packer.pack(text) == Packer().pack(text))
            #expect(try unpacker.unpack(packer.pack(text), limit: 1 << 20) == text)
        }
    }

    @Test func `text that repeats itself becomes much smaller, noise no larger than by a byte`() {
        let orders = Self.texts[7]
        #expect(Packer().pack(orders).count < orders.count / 10)
        var state: UInt64 = 1
        let noise = (0..<1000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        #expect(Packer().pack(noise) == [0] + noise)
    }

    @Test(arguments: texts.filter { !$0.isEmpty })
    func `more than the limit is refused before room is made for it`(_ text: [UInt8]) {
        #expect(code(Packer().pack(text), limit: text.count - 1) == .tooLarge)
    }

    @Test(
        arguments: [
            ([], .damaged), ([2], .unknownFlag), ([255, 0, 0], .unknownFlag), ([1], .damaged),
            ([1, 0x28, 0xB5, 0x2F, 0xFD], .damaged), ([1, 1, 2, 3, 4, 5, 6, 7, 8], .damaged),
        ] as [([UInt8], ZstdError.Code)])
    func `what no packer has written is refused by name`(
        _ bytes: [UInt8], _ wanted: ZstdError.Code
    ) {
        #expect(code(bytes, limit: 1 << 20) == wanted)
    }

    @Test func `every cut of a frame is refused, and no changed byte reads beyond it`() {
        let packed = Packer().pack(Self.texts[7])
        for count in 0..<packed.count {
            #expect(code(Array(packed.prefix(count)), limit: 1 << 20) != nil)
        }
        for index in packed.indices {
            var changed = packed
            changed[index] ^= 0x55
            // Anything may come of it but a trap or more than the limit.
            let count = (try? Unpacker().unpack(changed, limit: 1 << 20))?.count ?? 0
            #expect(count <= 1 << 20)
        }
    }

    private func code(_ bytes: [UInt8], limit: Int) -> ZstdError.Code? {
        do throws(ZstdError) {
            _ = try Unpacker().unpack(bytes, limit: limit)
            return nil
        } catch {
            return error.code
        }
    }
}
