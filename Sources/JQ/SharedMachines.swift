import Synchronization

/// The machines of one program text, shared by all programs that say the same.
///
/// libjq compiles its own library anew with each program: 20 ms and 60 KB. Ten thousand sources of
/// one adapter must not pay that each. Users of one machine take turns, so there are a few of them
/// where there are many users.
final class SharedMachines: Sendable {
    struct Machines: ~Copyable {
        var whole: JQMachine
        /// Compiled when first asked for.
        var paths: JQMachine?
    }

    let machines: Mutex<Machines>

    private init(_ text: String) throws(JQMachine.Refusal) {
        machines = Mutex(
            Machines(whole: try JQMachine(program: JQPrelude.whole(text)), paths: nil))
    }
}

extension SharedMachines {
    /// Users of one machine before another is compiled.
    private static let usersMax = 64
    /// Machines of one text at most; more users share them.
    private static let machinesMax = 4

    private struct Entry {
        var users = 0
        var machines: [WeakMachines] = []
    }

    private struct WeakMachines {
        weak var value: SharedMachines?
    }

    private static let entries = Mutex<[String: Entry]>([:])

    /// The machines for one more user of a text; compiled if they are not there.
    static func machines(for text: String) throws(JQMachine.Refusal) -> SharedMachines {
        let slot: (number: Int, found: SharedMachines?) = entries.withLock { entries in
            var entry = entries[text] ?? Entry()
            let number = entry.users / usersMax % machinesMax
            entry.users += 1
            let found =
                entry.machines.indices.contains(number)
                ? entry.machines[number].value : nil
            if entries[text] != nil { entries[text] = entry }
            return (number, found)
        }
        if let found = slot.found { return found }
        let made = try SharedMachines(text)
        entries.withLock { entries in
            // Texts that nobody uses any more.
            entries = entries.filter { $0.value.machines.contains { $0.value != nil } }
            var entry = entries[text] ?? Entry(users: 1)
            if entry.machines.indices.contains(slot.number) {
                entry.machines[slot.number].value = made
            } else {
                entry.machines.append(WeakMachines(value: made))
            }
            entries[text] = entry
        }
        return made
    }
}
