import Foundation
import PullcordDrafting
import PullcordModel
import PullcordTransfer

extension AdapterNewCommand {
    func draftURL(_ url: String) async throws {
        var choices = try choices()
        let credential = try DraftSecret(access)
        choices.credential = credential?.kind
        let engine = try DraftSecret.engine(access)
        let sender = DraftSender(engine: engine, secret: credential, headers: choices.headers)
        let first = AdapterDraft(name: try name ?? Names.adapter(DraftURL(url).adapterWord))
        try place.checkFree(place.path(for: first))
        place.say("→ GET \(sender.shown(url))")
        let answer = try await sender.send(url, headers: [])
        var guess = try APIGuess(answer, choices)
        place.say("  \(answer.status), \(Shown.bytes(answer.body.count))")
        if Asking.isPossible { guess = try asked(guess, answer, &choices) }
        if !access.noProbe { await probe(&guess, sender) }
        var draft = guess.draft
        let here = Place(file: sender.shown(url), line: 1, column: 1)
        let leftovers = draft.settle(from: here, check: DraftPlace.complaints(in:))
        guard !draft.streams.isEmpty else {
            throw Problem(
                code: "draft_refused",
                message: leftovers.first.map { "\($0.subject): \($0.reason)" }
                    ?? "no adapter can be made of it",
                hint: "give other words by --records, --key, --cursor, --pages or --stream")
        }
        try place.write(draft)
        show(draft, leftovers, TrialFlags(draft, access))
    }

    private func choices() throws -> DraftChoices {
        var choices = DraftChoices()
        choices.records = records
        choices.key = key
        choices.cursor = cursor
        choices.since = since
        choices.pages = pages
        choices.name = name
        choices.stream = stream.first
        choices.headers = try access.header.map { text in
            guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
                throw Problem(
                    code: "header_invalid", message: "`\(text)` is no header",
                    hint: "write it as --header 'Accept: application/json'")
            }
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            return (String(text[..<colon]), String(value))
        }
        return choices
    }

    private func probe(_ guess: inout APIGuess, _ sender: DraftSender) async {
        let probes = guess.probes
        guard !probes.isEmpty else { return }
        place.say(
            probes.count == 1
                ? "one probe more (--no-probe leaves it out):"
                : "\(probes.count) probes more (--no-probe leaves them out):")
        for probe in probes {
            place.say("→ GET \(sender.shown(probe.url)), \(probe.reason)")
            do {
                let answer = try await sender.send(probe.url, headers: probe.headers)
                place.say("  \(answer.status), \(Shown.bytes(answer.body.count))")
                guess.learn(probe, answer)
            } catch {
                guess.fail(probe, "\(error)")
            }
        }
    }

    /// Asks where the answer leaves a choice that only a person can make.
    private func asked(
        _ first: APIGuess, _ answer: SampleAnswer, _ choices: inout DraftChoices
    ) throws -> APIGuess {
        var guess = first
        if choices.records == nil, !guess.otherLists.isEmpty {
            let chosen = guess.findings.first { $0.subject == "records" }?.guess ?? "."
            choices.records = Asking.choice(
                "Which list are the records?", [chosen] + guess.otherLists)
            guess = try APIGuess(answer, choices)
        }
        let key = guess.findings.first { $0.subject == "key" }
        if choices.key.isEmpty, let key, key.sureness == .unsure {
            let others = [key.guess] + guess.otherKeys
            if let answer = Asking.choice("What tells records apart?", others) {
                choices.key = guess.key(answered: answer)
            }
            guess = try APIGuess(answer, choices)
        }
        if choices.since == nil, guess.since == nil, let field = guess.changeFields.first {
            let item = Asking.text(
                "Which query item asks for what changed since (by \(field))? Enter for none:")
            if !item.isEmpty { choices.since = item }
            guess = try APIGuess(answer, choices)
        }
        return guess
    }

    private func show(_ draft: AdapterDraft, _ leftovers: [Leftover], _ flags: TrialFlags) {
        let place = place
        let palette = Palette(isOn: !place.isStream && StandardOutput.hasColours)
        place.say()
        for finding in draft.findings {
            let mark: String
            switch finding.sureness {
            case .sure: mark = palette.green("sure  ")
            case .likely: mark = palette.cyan("likely")
            case .unsure: mark = palette.yellow("unsure")
            }
            let subject = finding.subject.padding(toLength: 11, withPad: " ", startingAt: 0)
            let words = StrangerText.printable(finding.guess)
            place.say("\(mark) \(subject) \(palette.bold(words))")
            place.say(StrangerText.printable("         \(finding.evidence)"))
            if finding.sureness == .unsure, !finding.flag.isEmpty {
                place.say("         settle it with \(finding.flag)")
            }
        }
        for leftover in leftovers { place.say("\(leftover)") }
        if !place.isStream { place.say("\nwritten to \(place.path(for: draft))") }
        place.warn(of: draft)
        place.suggest(draft, flags.text)
    }
}

extension TrialFlags {
    /// With the variables that a draft's credentials were taken from.
    init(_ draft: AdapterDraft, _ access: DraftAccess) {
        var known: [(name: String, value: String)] = []
        if let name = access.bearer { known.append(("token", "@env:\(name)")) }
        if let text = access.apiKey, let colon = text.lastIndex(of: ":") {
            known.append(("key", "@env:\(text[text.index(after: colon)...])"))
        }
        if let text = access.basic, let colon = text.lastIndex(of: ":") {
            known.append(("username", String(text[..<colon])))
            known.append(("password", "@env:\(text[text.index(after: colon)...])"))
        }
        self.init(draft, allow: access.allow, known: known)
    }
}
