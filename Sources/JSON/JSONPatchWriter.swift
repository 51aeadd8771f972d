extension JSONDifference {
    /// A JSON Patch (RFC 6902) that, applied to the old text, gives the new one.
    ///
    /// It tells of everything that differs in meaning, also of what the rules leave out. Values
    /// stand in it as the new text has them, and where a patch of parts would be longer than a
    /// new value, it has the new value.
    package func patch() -> [UInt8] {
        var writer = JSONPatchWriter(old: old, new: new)
        writer.change(0, 0)
        return writer.finished
    }
}

/// Writes the operations of a patch, one after the other.
private struct JSONPatchWriter {
    let old: JSONTree
    let new: JSONTree
    private var operations: [UInt8] = []
    private var path: [UInt8] = []

    init(old: JSONTree, new: JSONTree) {
        self.old = old
        self.new = new
    }

    var finished: [UInt8] { [0x5B] + operations.dropLast() + [0x5D] }

    mutating func change(_ before: Int, _ after: Int) {
        guard old.nodes[before].meaning != new.nodes[after].meaning else { return }
        let start = operations.count
        if old.isObject(before), new.isObject(after) {
            changeMembers(before, after)
        } else if old.isArray(before), new.isArray(after) {
            changeElements(before, after)
        } else {
            return write("replace", new.text(after))
        }
        let parts = operations.count - start
        // What one operation takes besides its path and its value.
        guard parts > path.count + new.nodes[after].range.count + 36 else { return }
        operations.removeSubrange(start...)
        write("replace", new.text(after))
    }

    private mutating func changeMembers(_ before: Int, _ after: Int) {
        let index = MemberIndex(new, after)
        for (position, member) in old.children(of: before).enumerated() {
            let twin = index.member(old.nodes[member].keyMeaning, near: position)
            if let twin, old.nodes[member].meaning == new.nodes[twin].meaning { continue }
            descend(JSONPointer.escaped(old.key(member))) { writer in
                if let twin { writer.change(member, twin) } else { writer.write("remove", nil) }
            }
        }
        let earlier = MemberIndex(old, before)
        for (position, member) in new.children(of: after).enumerated() {
            let key = new.nodes[member].keyMeaning
            guard earlier.member(key, near: position) == nil else { continue }
            descend(JSONPointer.escaped(new.key(member))) { writer in
                writer.write("add", writer.new.text(member))
            }
        }
    }

    private mutating func changeElements(_ before: Int, _ after: Int) {
        let (left, right) = (old.children(of: before), new.children(of: after))
        let common = CommonElements.find(
            left.map { old.nodes[$0].meaning }, right.map { new.nodes[$0].meaning })
        var (leftStart, rightStart, position) = (0, 0, 0)
        for run in common + [CommonElements.Run(left: left.count, right: right.count, count: 0)] {
            var (before, after) = (left[leftStart..<run.left], right[rightStart..<run.right])
            while let element = before.popFirst() {
                let twin = after.popFirst()
                descend(Array(String(position).utf8)) { writer in
                    if let twin {
                        writer.change(element, twin)
                    } else {
                        writer.write("remove", nil)
                    }
                }
                if twin != nil { position += 1 }
            }
            for element in after {
                descend(Array(String(position).utf8)) { writer in
                    writer.write("add", writer.new.text(element))
                }
                position += 1
            }
            (leftStart, rightStart) = (run.left + run.count, run.right + run.count)
            position += run.count
        }
    }

    private mutating func descend(_ token: [UInt8], _ body: (inout Self) -> Void) {
        let count = path.count
        path.append(0x2F)
        path += token
        body(&self)
        path.removeSubrange(count...)
    }

    private mutating func write(_ operation: StaticString, _ value: ArraySlice<UInt8>?) {
        operations += Array(#"{"op":"\#(operation)","path":"#.utf8)
        JSONText.append(path, to: &operations)
        if let value {
            operations += Array(#","value":"#.utf8)
            operations += value
        }
        operations += [0x7D, 0x2C]
    }
}
