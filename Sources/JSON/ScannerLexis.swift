extension PageBytes {
    /// The next position that is no white space (RFC 8259, section 2).
    @inline(__always)
    func skipSpace(_ position: Int) -> Int {
        self[position] > 0x20 ? position : skipLongSpace(position)
    }

    @inline(never)
    private func skipLongSpace(_ start: Int) -> Int {
        var position = start
        while true {
            let byte = self[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                return position
            }
            position &+= 1
            // Indented text: eight blanks at a time.
            while word(at: position) == 0x2020_2020_2020_2020 { position &+= 8 }
        }
    }

    func unexpected(at position: Int) -> ScanStop {
        ScanStop(
            code: position >= count ? .truncated : .unexpected,
            offset: min(position, count))
    }

    /// `true`, `false` or `null`.
    @inline(__always)
    func literal(at start: Int) throws(ScanStop) -> Scanner.Step {
        let word = self.word(at: start)
        let four = UInt32(truncatingIfNeeded: word)
        if four == 0x6C6C_756E { return Scanner.Step(end: start &+ 4, meaning: .null) }
        if four == 0x6575_7274 { return Scanner.Step(end: start &+ 4, meaning: .true_) }
        if word & 0xFF_FFFF_FFFF == 0x65_736C_6166 {
            return Scanner.Step(end: start &+ 5, meaning: .false_)
        }
        throw badLiteral(at: start)
    }

    /// Finds the first byte that is wrong.
    @inline(never)
    private func badLiteral(at start: Int) -> ScanStop {
        for word in ["true", "false", "null"] where word.utf8.first == self[start] {
            var position = start
            for letter in word.utf8 {
                guard self[position] == letter else { return unexpected(at: position) }
                position &+= 1
            }
        }
        return unexpected(at: start)
    }
}
