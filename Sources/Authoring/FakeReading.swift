import PullcordAdapter
import PullcordConfig
import PullcordJSON
import PullcordModel
import PullcordTransfer
import PullcordYAML

/// Reads the fake of a case, and what the polls do with it.
struct FakeReading {
    let poll: PollReading
    private var collector: Collector { poll.collector }

    func lists(_ field: Field) -> [FakeList] {
        let items = field.items(of: .table(TestFakeKeys.list)) ?? []
        var lists: [FakeList] = []
        for item in items {
            guard let list = list(item) else { continue }
            if lists.contains(where: { $0.name == list.name }) {
                item.complain("name_repeated", "another list has the same URL")
            }
            lists.append(list)
        }
        return lists
    }

    private func list(_ item: Field) -> FakeList? {
        guard let keys = MappingReader(item, TestFakeKeys.list), let name = keys["list"],
            let text = name.text()?.text, let url = poll.url(name)
        else { return nil }
        var list = FakeList(place: item.place, name: text, url: url)
        if keys["method"]?.text()?.text == "post" { list.method = .post }
        list.key = keys["key"]?.filledText()?.text ?? list.key
        if let sort = keys["sort"]?.filledText()?.text {
            list.isDescending = sort.hasPrefix("-")
            list.sort = list.isDescending ? String(sort.dropFirst()) : sort
        }
        list.records = keys["records"].map { records($0, list) } ?? []
        if let fill = keys["fill"] { list.records += filled(fill, list) }
        list.since = keys["since"].flatMap { since($0) }
        list.pages = keys["pages"].flatMap { pages($0) }
        list.items = keys["items"]?.filledText()?.text
        list.total = keys["total"]?.filledText()?.text
        list.extra = keys["extra"].map { DefinitionNodes.value(of: $0.node) }
        list.fields = keys["fields"]?.items(of: .text)?.compactMap { $0.text()?.text }
        list.one = keys["one"].flatMap { one($0) }
        list.item = keys["item"]?.filledText()?.text
        list.headers = keys["headers"].map { poll.answerHeaders($0) } ?? []
        list.wants = keys["wants"].map { poll.answerHeaders($0) } ?? []
        list.hasTags = keys["etag"]?.boolean() ?? false
        check(list, keys)
        return list
    }

    /// A list that is the answer itself has no room for anything else.
    private func check(_ list: FakeList, _ keys: MappingReader) {
        guard list.items == nil else { return }
        var needy = ["total", "extra"].filter {
            keys.has($0) && !(($0 == "extra") && list.item != nil)
        }
        if let pages = list.pages {
            if pages.nextHeader == nil, [.url, .token].contains(pages.pager) {
                needy.append("pages")
            }
            if pages.more != nil || pages.last != nil { needy.append("pages") }
        }
        for name in Set(needy).sorted() {
            collector.error(
                "items_missing", at: keys.keyPlace(name), path: join(keys.path, name),
                "there is no place for this: the records are the answer itself",
                hint: "say where they stand, as in `items: data`")
        }
    }

    private func one(_ field: Field) -> URLShape? {
        guard let url = poll.url(field) else { return nil }
        guard url.path.contains(where: { $0.contains("{key}") }) else {
            return field.refuse(
                "key_hole", "the path does not say where the key stands",
                allowed: ["/items/{key}"])
        }
        return url
    }

    private func records(_ field: Field, _ list: FakeList) -> [JSONValue] {
        guard let items = field.node.sequence else {
            field.complainOfType(hint: "a list of records")
            return []
        }
        return items.map { node in
            let value = DefinitionNodes.value(of: node)
            if list.key(of: value) == nil { complainOfKey(node.place, field.path, list.key) }
            return value
        }
    }

    private func complainOfKey(_ place: Place, _ path: String, _ key: String) {
        collector.error(
            "record_key", at: place, path: path, "the record has no `\(key)`",
            hint: "`key` says what tells records apart")
    }

    private func filled(_ field: Field, _ list: FakeList) -> [JSONValue] {
        guard let keys = MappingReader(field, TestFakeKeys.fill),
            let count = keys["count"]?.integer(),
            let first = keys["record"].map({ DefinitionNodes.value(of: $0.node) })
        else { return [] }
        guard list.key(of: first) != nil else {
            complainOfKey(field.place, field.path, list.key)
            return []
        }
        return (0..<count).map { number in
            var record = first
            for path in Set([list.key, list.sort].compactMap { $0 }) {
                if let value = record.member(at: path) {
                    record = record.setting(path, to: Self.later(value, by: number))
                }
            }
            return record
        }
    }

    /// A number that is larger, a time that is later, or a text with a larger number at its end.
    private static func later(_ value: JSONValue, by number: Int) -> JSONValue {
        switch value {
        case .number(let text): return .number(Int(text).map { String($0 + number) } ?? text)
        case .string(let text):
            if let time = Timestamp(rfc3339: text) {
                let later = (time + .seconds(number)).description
                return .string(later.replacing(".000Z", with: "Z"))
            }
            let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
            let head = text.dropLast(digits)
            let start = Int(text.suffix(digits)) ?? 0
            return .string("\(head)\(start + number)")
        default: return value
        }
    }

    private func since(_ field: Field) -> FakeList.Since? {
        guard let keys = MappingReader(field, TestFakeKeys.since),
            let param = keys["param"]?.filledText()?.text,
            let name = keys["field"]?.filledText()?.text
        else { return nil }
        return FakeList.Since(
            param: param, field: name, isInclusive: keys["inclusive"]?.boolean() ?? true,
            prefix: keys["prefix"]?.text()?.text ?? "")
    }

    private func pages(_ field: Field) -> FakeList.Pages? {
        guard let keys = MappingReader(field, TestFakeKeys.pages),
            let pager = keys["by"]?.choice(FakeList.Pager.self), let size = keys["size"]?.integer()
        else { return nil }
        let usual =
            switch pager {
            case .link, .url, .number: "page"
            case .offset: "offset"
            case .keyset: "after"
            case .token: "token"
            }
        var pages = FakeList.Pages(
            pager: pager, size: size, param: keys["param"]?.filledText()?.text ?? usual)
        pages.sizeParam = keys["size_param"]?.filledText()?.text
        pages.start = keys["start"]?.integer() ?? 1
        pages.next = keys["next"]?.filledText()?.text ?? pages.next
        pages.nextHeader = keys["next_header"]?.filledText()?.text
        pages.more = keys["more"]?.filledText()?.text
        pages.last = keys["last"]?.filledText()?.text
        pages.field = keys["field"]?.filledText()?.text
        return pages
    }

    // MARK: Changes and faults

    func changes(_ field: Field, of lists: [FakeList]) -> [FakeChange] {
        field.items(of: .table(TestFakeKeys.change))?.compactMap { change($0, lists) } ?? []
    }

    private func change(_ item: Field, _ lists: [FakeList]) -> FakeChange? {
        guard let keys = MappingReader(item, TestFakeKeys.change) else { return nil }
        let kinds = ["insert", "update", "delete"]
        guard let name = keys.exclusive(kinds, hint: "one change is one of them") else {
            item.complain("key_missing", "what changes is missing", allowed: kinds)
            return nil
        }
        guard let list = named(keys["in"], item, lists) else { return nil }
        let kind: FakeChange.Kind
        let value = item.node[name].map { DefinitionNodes.value(of: $0) } ?? .null
        switch name {
        case "delete":
            guard let key = keys["delete"]?.text()?.text else { return nil }
            kind = .delete(key)
        default:
            if list.key(of: value) == nil {
                complainOfKey(keys.keyPlace(name), join(item.path, name), list.key)
            }
            kind = name == "insert" ? .insert(value) : .update(value)
        }
        return FakeChange(
            place: item.place, kind: kind, list: list.name, during: keys["during"]?.integer())
    }

    private func named(_ field: Field?, _ item: Field, _ lists: [FakeList]) -> FakeList? {
        let names = lists.map(\.name)
        guard let field else {
            if lists.count == 1 { return lists[0] }
            return item.refuse(
                "list_missing",
                lists.isEmpty ? "the case has no `fake`" : "which list is meant is not clear",
                allowed: names.map { "in: \($0)" })
        }
        guard let text = field.text()?.text else { return nil }
        if let list = lists.first(where: { $0.name == text }) { return list }
        collector.error(
            "list_unknown", at: field.place, path: field.path, found: text,
            "the fake has no list `\(text)`", allowed: names,
            suggestion: Suggestion.nearest(to: text, among: names))
        return nil
    }

    func faults(_ field: Field, of lists: [FakeList]) -> [FakeFault] {
        if lists.isEmpty {
            field.complain(
                "fake_missing", "the case has no `fake`",
                hint: "an exchange says what goes wrong under `answer`")
        }
        return field.items(of: .table(TestFakeKeys.fault))?.compactMap { item in
            guard let keys = MappingReader(item, TestFakeKeys.fault) else { return nil }
            return FakeFault(
                place: item.place, request: keys["request"]?.integer() ?? 1,
                times: keys["times"]?.integer() ?? 1, answer: poll.answer(keys, item))
        } ?? []
    }
}
