package import PullcordCommit
package import PullcordModel

extension Operations {
    /// Enabling, disabling, replaying and purging.
    ///
    /// `deliver` hears of what changes for its lanes; nil where nothing is being delivered.
    package static func standard(
        store: any Store & StoreReader, deliver: DeliverService?, time: any TimeSource
    ) -> Operations {
        var operations = Operations(store: store, time: time)
        operations.add("enable") { call in
            let summary = try await subscription(try call.argument("name"), store)
            try await store.setDisabled(nil, for: summary.id, at: call.now)
            try await follow(nil, summary, store, deliver)
            let text = "\(summary.name) is active; \(summary.backlog) deliveries wait"
            guard call.arguments["replay_missed"] != nil, summary.dead > 0 else {
                let hint =
                    summary.dead > 0
                    ? ", and \(summary.dead) are dead: pullcord replay --dead "
                        + "--subscription \(summary.name) sends them again" : ""
                return Outcome(subject: summary.name.text, text: text + hint)
            }
            let query = ReplayQuery(subscription: summary.name, isDeadOnly: true)
            let job = try await store.makeReplay(
                query, to: summary.name, rate: ReplayArguments.rateDefault, request: call.request,
                at: call.now)
            let replay = job.map { "; replay \($0.id) sends what is dead again" } ?? ""
            return Outcome(subject: summary.name.text, text: text + replay)
        }
        operations.add("disable") { call in
            let summary = try await subscription(try call.argument("name"), store)
            let reason =
                call.arguments["reason"].map { String(StrangerText.line($0).prefix(500)) }
                ?? "stopped by an operator"
            try await store.setDisabled(reason, for: summary.id, at: call.now)
            try await follow(reason, summary, store, deliver)
            return Outcome(
                subject: summary.name.text, text: "\(summary.name) is stopped; events are kept")
        }
        operations.add("replay") { call in
            let arguments = try ReplayArguments(call.arguments)
            let job = try await store.makeReplay(
                arguments.query, to: arguments.target, rate: arguments.rate,
                request: call.request, at: call.now)
            guard let job else { throw unknown(arguments.target.text, try await names(store)) }
            return Outcome(
                subject: job.targetName.text,
                text: "replay \(job.id) to \(job.targetName), \(job.rate) events a second")
        }
        operations.add("replay_cancel") { call in
            let text = try call.argument("id")
            guard let number = Int64(text),
                try await store.cancelReplay(ReplayID(number), at: call.now)
            else {
                throw Problem(
                    code: "unknown_replay", message: "there is no replay `\(text)` under way",
                    hint: "pullcord replays lists them")
            }
            return Outcome(subject: text, text: "replay \(number) is cancelled")
        }
        operations.add("purge") { call in
            try await Purge(name: try call.argument("name"), store: store).run()
        }
        operations.addQuarantine(store)
        operations.addTokens(store)
        return operations
    }

    /// Has the endpoint's gate and its stored health follow; without a lane, only the latter.
    private static func follow(
        _ disabledReason: String?, _ summary: SubscriptionSummary, _ store: any Store,
        _ deliver: DeliverService?
    ) async throws {
        if try await deliver?.setDisabled(disabledReason, summary.id) == true { return }
        guard disabledReason == nil else { return }
        let health = summary.health.flatMap { EndpointHealth(stored: $0) } ?? EndpointHealth()
        try await store.setHealth(health.fresh.kept, for: summary.id)
    }

    private static func names(_ store: any StoreReader) async throws -> [String] {
        try await store.subscriptions(SubscriptionQuery(limit: 40, isBrief: true)).map(\.name.text)
    }

    private static func unknown(_ name: String, _ names: [String]) -> Problem {
        Problem(
            code: "unknown_subscription", message: "there is no subscription `\(name)`",
            hint: "there is: \(names.joined(separator: ", "))")
    }

    private static func subscription(
        _ name: String, _ store: any StoreReader
    ) async throws -> SubscriptionSummary {
        guard let summary = try await store.subscription(SubscriptionName(name)) else {
            throw unknown(name, try await names(store))
        }
        guard summary.isInFile else {
            throw Problem(
                code: "not_in_file", message: "the bridge file does not name `\(name)`",
                hint: "pullcord purge \(name) deletes what it left behind")
        }
        return summary
    }
}
