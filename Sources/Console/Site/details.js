// What one click shows: an event, a source, an endpoint, a quarantine.
import { get, part, post } from "./api.js";
import { action, ask, byID, clock, complain, count, duration, h, local, say, span, spark, state, sum, time } from "./dom.js";
import { json, parsed, table } from "./diff.js";
import { eventRow, kind } from "./events.js";
import { endpoints, isPolled, lastLook, sourceActions, sources } from "./lists.js";

const drawer = byID("details");
const body = byID("details-body");
let shown = "";
let mark = "";
let onChange = () => {};

export const whenChanged = (work) => { onChange = work; };

const link = (what, name, text = name) => h("a", { href: `#${what}/${part(name)}` }, text);

const facts = (pairs) => h("dl", { class: "facts" }, pairs
  .filter(([, value]) => value !== null && value !== undefined && value !== "")
  .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

const group = (title, ...content) => h("section", {}, h("h3", {}, title), ...content);

const code = (text) => (text ? h("code", {}, text) : null);

/** The parts of an address; none if it is not one. */
function words(address) {
  try {
    return address.split("/").map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** Shows what the address names; nothing closes the drawer. */
export async function open(address, isAgain = false) {
  const [what, ...names] = words(address);
  const view = views[what];
  if (!view || !names[0]) {
    shown = "";
    if (drawer.open) drawer.close();
    return;
  }
  shown = address;
  try {
    const { title, content, data } = await view(...names);
    if (shown !== address) return;
    const news = JSON.stringify(data);
    if (isAgain && news === mark) return;
    mark = news;
    const verb = body.contains(document.activeElement) ? document.activeElement.dataset.verb : null;
    byID("details-title").replaceChildren(...title);
    body.replaceChildren(...content.filter(Boolean));
    if (verb) (body.querySelector(`[data-verb="${verb}"]`) || byID("details-title")).focus();
  } catch (problem) {
    if (shown !== address) return;
    byID("details-title").replaceChildren(names.join("/"));
    body.replaceChildren(h("p", { class: "problem", role: "alert" }, problem.message));
  }
  if (!drawer.open) {
    drawer.showModal();
    byID("details-title").focus();
    drawer.scrollTop = 0;
  }
}

/** Reads again what is open, without moving anything. */
export async function reopen() {
  const address = shown;
  if (!address || !drawer.open || !views[address.split("/")[0]]) return;
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  if (focused?.closest("select, input, details, pre") || String(getSelection())) return;
  const place = drawer.scrollTop;
  await open(address, true);
  drawer.scrollTop = place;
}

export const visible = () => (drawer.open ? shown : "");

const changed = () => {
  onChange();
  setTimeout(() => open(shown, true), 400);
};

// An event

const views = {
  async event(id) {
    const [event, subscriptions] = await Promise.all([
      get(`v1/events/${part(id)}`), get("v1/subscriptions", { limit: 200 }),
    ]);
    const urls = new Map(subscriptions.items.map((item) => [item.name, item.definition]));
    const page = event.page;
    const lag = page ? Date.parse(event.time) - Date.parse(page.poll_started) : null;
    return {
      data: event,
      title: [kind(event), ` ${event.key}`],
      content: [
        facts([
          ["Type", code(event.type)], ["Event", code(event.id)], ["Stream", [link("source", event.source), `/${event.stream}`]],
          ["Seen", [local(event.time), " (", time(event.time), ")"]],
          ["Detected", lag === null || lag < 0 ? null : `${duration(lag)} after its poll began`],
          ["Version", String(event.version)], ["Origin", event.origin],
          ["Found on", page ? code(`${page.url || `page ${page.number}`}${page.status ? ` → ${page.status}` : ""}`) : null],
        ]),
        differencesOf(event),
        group(`Deliveries ${event.deliveries.length || ""}`,
          event.deliveries.length === 0 ? h("p", { class: "faint" }, "No endpoint wanted this event.") : null,
          event.deliveries.map((delivery) => deliveryBox(delivery, urls.get(delivery.subscription))),
          replayForm(event, subscriptions.items)),
        group("Record", event.record === null
          ? h("p", { class: "faint" }, "There is no record, or retention has taken it away.") : json(event.record)),
      ],
    };
  },

  async source(name) {
    const [source, events] = await Promise.all([
      get(`v1/sources/${part(name)}`), get("v1/events", { source: name, limit: 20 }),
    ]);
    const changes = sum(source.changes_per_hour);
    const labels = Object.entries(source.labels).map(([label, value]) => h("code", { class: "label" }, `${label}=${value}`));
    return {
      data: [source, events],
      title: [source.name, " ", state(source.state)],
      content: [
        h("div", { class: "actions" }, isPolled(source) ? sourceActions(source, changed) : null),
        source.set_aside ? h("p", { class: "problem" }, "It does not run: ", source.set_aside) : null,
        facts([
          ["Adapter", source.adapter ? code(`${source.adapter} v${source.adapter_version}`) : "none"],
          ["Schedule", source.schedule], ["Named by", source.origin === "file" ? "the bridge file" : source.origin === "api" ? "the API" : "nobody any more"],
          ["Labels", labels.length ? labels : null], ["Paused since", source.paused_since ? local(source.paused_since) : null],
          ["Last change", time(source.last_change)], ["Next poll", source.state === "paused" || !isPolled(source) ? null : time(source.next_poll, "until")],
          ["Lag", time(lastLook(source), "age")], ["Records", count(source.records)],
        ]),
        group(`${count(changes)} changes in 24 hours`,
          h("div", { class: "big" }, spark(source.changes_per_hour, `${changes} changes in 24 hours`)),
          h("p", { class: "axis faint", "aria-hidden": "true" }, h("span", {}, "24 h ago"), h("span", {}, "now"))),
        group("Streams", source.streams.map((stream) => streamBox(stream, source.state === "quarantined"))),
        group("Events", events.items.length
          ? h("ol", { class: "stream" }, events.items.map(eventRow)) : h("p", { class: "faint" }, "None yet.")),
      ],
    };
  },

  async endpoint(name) {
    const [endpoint, recent, dead] = await Promise.all([
      get(`v1/subscriptions/${part(name)}`), get("v1/deliveries", { subscription: name, limit: 15 }),
      get("v1/deliveries", { subscription: name, state: "dead", limit: 10 }),
    ]);
    const definition = endpoint.definition;
    return {
      data: [endpoint, recent, dead],
      title: [endpoint.name, " ", state(endpoint.state)],
      content: [
        h("div", { class: "actions" }, endpointActions(endpoint)),
        facts([
          ["URL", definition ? code(definition.url) : "not in the bridge file"],
          ["Set aside", endpoint.set_aside], ["Why", endpoint.disabled_reason || endpoint.state_reason], ["Until", endpoint.state_until ? time(endpoint.state_until, "until") : null],
          ["Events", definition?.events.join(", ")], ["Sources", definition ? (definition.sources ? definition.sources.slice(0, 20).join(", ") : "all") : null],
          ["Format", definition?.format], ["Order", definition?.order],
          ["Backlog", count(endpoint.backlog)], ["Lag", endpoint.backlog ? time(endpoint.oldest_backlog, "age") : "none"],
          ["Delivered", count(endpoint.delivered)], ["Dead", count(endpoint.dead)], ["Superseded", endpoint.superseded ? count(endpoint.superseded) : null],
          ["Last failure", endpoint.last_failure ? [endpoint.last_failure.reason || endpoint.last_failure.outcome, ", ", time(endpoint.last_failure.at)] : null],
        ]),
        dead.items.length ? group("Dead", dead.items.map((delivery) => deliveryBox(delivery, definition, true))) : null,
        group("Newest deliveries", recent.items.length
          ? recent.items.map((delivery) => deliveryBox(delivery, definition, true)) : h("p", { class: "faint" }, "None yet.")),
      ],
    };
  },

  async quarantine(name, stream) {
    const { items } = await get(`v1/sources/${part(name)}/quarantine`, { stream });
    const found = items[0];
    if (!found) return { title: [`${name}/${stream}`], content: [h("p", {}, "Nothing is in quarantine here any more.")] };
    const decide = (verb, label, question) => action(label, { class: verb === "accept" ? "strong" : "", "data-verb": verb }, async () => {
      if (!(await ask(question, label))) return null;
      const done = await post(`v1/sources/${part(name)}/quarantine/${part(stream)}/${verb}`);
      changed();
      return done.message;
    });
    return {
      data: { ...found, last_seen: null },
      title: [`${name}/${stream} `, state("quarantined")],
      content: [
        h("p", { class: "lead" }, found.message),
        h("div", { class: "actions" },
          decide("accept", "Accept", `Believe it? ${count(found.affected)} of ${count(found.known)} records change, and their events go out.`),
          decide("reject", "Reject", "Refuse it? What is stored stays right, and this finding is not believed."),
          found.decision === "none" ? null : h("span", { class: "faint" }, `${found.decision}, waiting for the next poll`)),
        facts([
          ["Why", found.reason.replaceAll("_", " ")], ["Affected", `${count(found.affected)} of ${count(found.known)} records`],
          ["Since", [local(found.since), " (", time(found.since), ")"]], ["Seen last", time(found.last_seen)],
          ["Polls", count(found.polls)], ["Source", link("source", name)],
        ]),
        group(`Sample of ${found.sample.length}`, found.sample.map((item) => item.previous === null && item.record === null
          ? h("p", {}, h("b", {}, item.key), " ", fate(item))
          : h("details", { open: found.sample.length <= 3 || item === found.sample[0] },
          h("summary", {}, h("b", {}, item.key), " ", fate(item)),
          sampleOf(item)))),
        found.excerpt ? group("What the API answered", h("pre", { tabindex: "0" }, found.excerpt)) : null,
      ],
    };
  },
};

const fate = (item) =>
  h("span", { class: "faint" }, !item.after ? "would be deleted" : item.before ? "would change" : "would be new");

function sampleOf(item) {
  const before = parsed(item.previous);
  const after = parsed(item.record);
  if (before !== undefined && after !== undefined) return table(before, after, `Changes of ${item.key}`);
  return json(after ?? before);
}

function differencesOf(event) {
  if (event.type.endsWith(".created")) return null;
  if (event.previous !== null && event.record !== null) {
    return group("Changes", table(event.previous, event.record, `Changes of ${event.key}`));
  }
  if (Array.isArray(event.changed)) {
    return group("Changed", h("ul", { class: "plain" }, event.changed.map((pointer) => h("li", {}, code(String(pointer))))));
  }
  return null;
}

const several = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

/** How often a stream is polled by itself, and why. */
function paceWords({ every_ms: every, reason, changes_per_day: changes }) {
  const often = changes >= 1 ? `it changes about ${count(changes)} times a day` : "it changes less than once a day";
  const why = {
    learning: " until more is known of it", rate: `: ${often}`,
    least: `, the shortest interval: ${often}`, most: `, the longest interval: ${often}`,
  };
  return `Polled every ${span(every)}${why[reason] || ""}`;
}

function streamBox(stream, isQuarantined) {
  const poll = stream.last_poll;
  const isBad = stream.failures > 0;
  return h("div", { class: isBad ? "entry bad-edge" : "entry" },
    h("div", { class: "line" }, h("b", {}, stream.stream), h("span", { class: "spring" }),
      h("span", { class: "faint" }, `${count(stream.records)} records`)),
    poll
      ? h("p", {}, h("span", { class: isBad ? "bad" : "" }, poll.outcome), ` in ${duration(poll.duration_ms)}, `, time(poll.started),
        ` · ${several(poll.pages, "page")} · +${poll.created} ~${poll.updated} −${poll.deleted}`)
      : h("p", { class: "faint" }, "Not polled yet."),
    poll?.reason ? h("p", { class: isBad ? "bad" : "faint" }, poll.reason) : null,
    isBad ? h("p", { class: "faint" }, `${several(stream.failures, "failure")} in a row; next try `, time(stream.next_poll, "until")) : null,
    stream.stalled_since ? h("p", { class: "bad" }, "Stalled: no poll has ended well since ", time(stream.stalled_since)) : null,
    stream.schema_changed ? h("p", {}, "Its schema changed ", time(stream.schema_changed.at), ": ", stream.schema_changed.changes) : null,
    stream.pace ? h("p", { class: "faint" }, paceWords(stream.pace)) : null,
    stream.cursor ? h("p", { class: "faint" }, "Cursor ", code(stream.cursor)) : null,
    isQuarantined ? h("p", {}, h("a", { href: `#quarantine/${part(stream.source)}/${part(stream.stream)}` }, "Review its quarantine")) : null);
}

// Deliveries

function deliveryBox(delivery, definition, isNamedByEvent = false) {
  const attempts = delivery.attempts;
  const last = attempts[attempts.length - 1];
  const end = last ? Date.parse(last.started) + last.duration_ms : null;
  const lag = delivery.state === "delivered" && end ? duration(Math.max(0, end - Date.parse(delivery.committed))) : null;
  return h("div", { class: delivery.state === "dead" ? "entry bad-edge" : "entry" },
    h("div", { class: "line" },
      isNamedByEvent ? link("event", delivery.event, `${delivery.source} ${delivery.key}`) : link("endpoint", delivery.subscription),
      state(delivery.state), lag ? h("span", { class: "faint" }, `lag ${lag}`) : null,
      delivery.replay ? h("span", { class: "faint" }, `replay ${delivery.replay}`) : null,
      h("span", { class: "spring" }),
      action("Send again", { "data-verb": "again", "aria-label": `Send again to ${delivery.subscription}` },
        () => replay(delivery.event, delivery.subscription))),
    definition ? h("p", { class: "faint request" }, "POST ", definition.url, h("br"), `webhook-id: ${delivery.event} · ${definition.format}`) : null,
    attempts.length === 0 ? h("p", { class: "faint" }, "No attempt yet", delivery.due ? [", due ", time(delivery.due, "until")] : null, ".") : null,
    attempts.map((attempt, index) => attemptLine(attempt, index === attempts.length - 1 && delivery.state !== "delivered")),
    delivery.state !== "delivered" && delivery.state !== "dead" && attempts.length && delivery.due
      ? h("p", { class: "faint" }, "Next attempt ", time(delivery.due, "until")) : null);
}

function attemptLine(attempt, isOpen) {
  const isGood = attempt.status >= 200 && attempt.status < 300;
  return h("details", { class: "attempt", open: isOpen && Boolean(attempt.reply || attempt.reason) },
    h("summary", {}, h("span", { class: "faint" }, `#${attempt.number}`), " ", clock(attempt.started), " ",
      h("b", { class: isGood ? "good" : "bad" }, attempt.status ? String(attempt.status) : attempt.outcome.replaceAll("_", " ")), " ",
      h("span", { class: "faint" }, duration(attempt.duration_ms))),
    attempt.reason ? h("p", {}, attempt.reason) : null,
    attempt.traceparent ? h("p", { class: "faint request" }, `traceparent: ${attempt.traceparent}`) : null,
    attempt.reply ? h("pre", { tabindex: "0", "aria-label": "Answer" }, attempt.reply) : h("p", { class: "faint" }, "The answer had no body."));
}

async function replay(event, to) {
  const done = await post("v1/replays", { to, events: [event] });
  changed();
  return done.message;
}

function replayForm(event, subscriptions) {
  if (subscriptions.length === 0) return null;
  const choice = h("select", { id: "replay-to" }, subscriptions.map((item) => h("option", { value: item.name }, item.name)));
  return h("div", { class: "actions" }, h("label", { for: "replay-to" }, "Send to"), choice,
    action("Replay", { "data-verb": "replay", id: "replay" }, () => replay(event.id, choice.value)));
}

function endpointActions(endpoint) {
  const name = part(endpoint.name);
  const isDisabled = endpoint.disabled_reason !== null;
  return [
    action("Send a test", {}, async () => {
      const sent = await post(`v1/subscriptions/${name}/test`);
      const answer = sent.status ? `answered ${sent.status}` : sent.reason || sent.outcome;
      say(`${endpoint.name} ${answer} in ${duration(sent.duration_ms)}`, !sent.delivered);
      return null;
    }),
    isDisabled
      ? action("Enable", { class: "strong" }, async () => {
        const done = await post(`v1/subscriptions/${name}/enable`);
        changed();
        return done.message;
      })
      : action("Disable", {}, async () => {
        if (!(await ask(`Stop sending to ${endpoint.name}? Its events are kept.`, "Disable"))) return null;
        const done = await post(`v1/subscriptions/${name}/disable`, { reason: "disabled in the console" });
        changed();
        return done.message;
      }),
    endpoint.dead
      ? action(`Replay ${count(endpoint.dead)} dead`, {}, async () => {
        if (!(await ask(`Send ${count(endpoint.dead)} dead events to ${endpoint.name} again?`, "Replay"))) return null;
        const done = await post("v1/replays", { to: endpoint.name, subscription: endpoint.name, dead: true });
        changed();
        return done.message;
      })
      : null,
  ];
}

drawer.addEventListener("close", () => {
  // The address goes back too, without a further entry in the history.
  if (shown) history.replaceState(null, "", location.pathname + location.search);
  const row = document.querySelector(`a[href="#${CSS.escape(shown)}"]`);
  shown = "";
  row?.focus();
});

/** Presses the button of what is open. */
export function press(verb) {
  const button = body.querySelector(`[data-verb="${verb}"]`);
  button?.click();
  return Boolean(button);
}

export { endpoints, sources, complain };
