// The lists of sources and endpoints: one page each, searched and paged by the server.
import { get, part, post } from "./api.js";
import { action, byID, count, h, keyed, now, spark, state, sum, time } from "./dom.js";

class List {
  constructor(name, path, size, build) {
    Object.assign(this, { name, path, size, build });
    this.filter = {};
    this.before = [];
    this.cursor = undefined;
    this.turn = 0;
    this.shown = 0;
    this.previous = action("Previous", { "data-focus": `${name}-previous` }, () => {
      this.cursor = this.before.pop();
      return this.load();
    });
    this.following = action("Next", { "data-focus": `${name}-next` }, () => {
      this.before.push(this.cursor);
      this.cursor = this.next;
      return this.load();
    });
    this.range = h("span", { class: "faint", "aria-live": "polite" });
    byID(`${name}-pager`).append(this.range, h("span", { class: "spring" }), this.previous, this.following);
  }

  /** Looks for something else, from the beginning. */
  narrow(filter) {
    Object.assign(this.filter, filter);
    this.before = [];
    this.cursor = undefined;
    return this.load();
  }

  async load() {
    this.turn += 1;
    const turn = this.turn;
    const page = await get(this.path, { limit: this.size, cursor: this.cursor, ...this.filter });
    // An answer that was overtaken is of no use any more.
    if (turn !== this.turn) return;
    this.items = page.items;
    this.next = page.next;
    keyed(byID(`${this.name}-rows`), page.items, (item) => item.name, this.build);
    this.finish();
  }

  /** `total` is how many there are without a filter. */
  finish(total = this.total) {
    this.total = total;
    const items = this.items || [];
    const isNarrowed = Object.values(this.filter).some(Boolean);
    const first = this.before.length * this.size;
    const isPaged = Boolean(this.next) || this.before.length > 0;
    byID(`${this.name}-count`).textContent = total === undefined ? "" : count(total);
    byID(`${this.name}-pager`).hidden = !isPaged;
    const all = isNarrowed || total === undefined ? "" : ` of ${count(total)}`;
    this.range.textContent = items.length ? `${count(first + 1)}–${count(first + items.length)}${all}` : "";
    this.previous.disabled = this.before.length === 0;
    this.following.disabled = !this.next;
    const empty = byID(`${this.name}-empty`);
    empty.hidden = items.length > 0;
    empty.textContent = isNarrowed
      ? `No ${this.name} like that.`
      : `No ${this.name} yet: the bridge file names them, or the API makes them.`;
  }
}

const actions = {
  async poll(source) { return (await post(`v1/sources/${part(source)}/poll`)).message; },
  async pause(source) { return (await post(`v1/sources/${part(source)}/pause`)).message; },
  async resume(source) { return (await post(`v1/sources/${part(source)}/resume`)).message; },
};

/** What can be done to a source; `after` is called when it was. */
export function sourceActions(source, after) {
  const does = (verb, label, properties) =>
    action(label, { "aria-label": `${label} ${source.name}`, "data-verb": verb, ...properties }, async () => {
      const told = await actions[verb](source.name);
      after();
      return told;
    });
  const isPaused = source.state === "paused";
  return [
    isPaused ? null : does("poll", "Poll", { "data-focus": `${source.name}-poll` }),
    does(isPaused ? "resume" : "pause", isPaused ? "Resume" : "Pause", { "data-focus": `${source.name}-pause` }),
  ];
}

/** Whether anything polls it, now or when it is resumed. */
export const isPolled = (source) => !["removed", "set_aside"].includes(source.state);

/** When the least recent of a source's streams was looked at with success; nothing if one never was. */
export const lastLook = (source) =>
  source.streams.every((stream) => stream.last_success) ? source.streams.map((stream) => stream.last_success).sort()[0] : null;

/** Why a poll failed, without the address or the name that the row has anyway. */
const failure = (source) =>
  source.streams.find((stream) => stream.last_poll?.reason && (stream.failures > 0 || source.state === "quarantined"))
    ?.last_poll.reason.replace(/^\S+:\/\/\S+\s+|^\S+\/\S+: /, "") || null;

/** For how long a change of how records look is worth a word in the list. */
const newsAge = 7 * 86400e3;

/** What is to be said of a source beside its state: why it is so, or that its records look otherwise. */
function remark(source) {
  const reason = source.set_aside || failure(source);
  if (reason) return [reason, reason];
  const stalled = source.streams.find((stream) => stream.stalled_since);
  if (stalled) return [["no poll since ", time(stalled.stalled_since)], "No poll has ended well for too long"];
  const changed = source.streams.find((stream) => stream.schema_changed && now() - Date.parse(stream.schema_changed.at) < newsAge);
  if (changed) return [["schema changed ", time(changed.schema_changed.at)], `${changed.stream}: ${changed.schema_changed.changes}`];
  return null;
}

function sourceRow(source) {
  const changes = sum(source.changes_per_hour);
  const link = h("a", { href: `#source/${part(source.name)}`, "data-focus": source.name }, source.name);
  const labels = Object.entries(source.labels).map(([name, value]) => `${name}=${value}`).join(" ");
  const [words, title] = remark(source) || [];
  return h("tr", { class: "row" },
    h("th", { scope: "row" }, link, h("small", {}, [source.adapter || "no adapter", labels].filter(Boolean).join(" · "))),
    h("td", { class: "of-state" }, state(source.state, title), words ? h("small", { title }, words) : h("small", { class: "narrow" }, time(source.last_change))),
    h("td", { class: "wide of-spark" },
      spark(source.changes_per_hour, `${changes} changes in 24 hours`), h("span", { class: "faint" }, count(changes))),
    h("td", { class: "number wide" }, time(source.last_change)),
    h("td", { class: "number wide" }, time(lastLook(source), "age")),
    h("td", { class: "number" }, source.state === "paused" || !isPolled(source) ? h("span", { class: "faint" }, "–") : time(source.next_poll, "until")),
    h("td", { class: "number wide" }, count(source.records)),
    h("td", { class: "wide of-actions" }, isPolled(source) ? sourceActions(source, () => sources.load()) : null),
  );
}

function endpointRow(endpoint) {
  const link = h("a", { href: `#endpoint/${part(endpoint.name)}`, "data-focus": `to-${endpoint.name}` }, endpoint.name);
  const reason = endpoint.set_aside || endpoint.disabled_reason || endpoint.state_reason || endpoint.last_failure?.reason || null;
  return h("tr", { class: "row" },
    h("th", { scope: "row" }, link, h("small", {}, endpoint.definition?.url || "not in the bridge file")),
    h("td", { class: "of-state" }, state(endpoint.state, reason),
      reason && (endpoint.state !== "healthy" || endpoint.set_aside) ? h("small", { title: reason }, reason) : null),
    h("td", { class: endpoint.backlog ? "number" : "number faint" }, count(endpoint.backlog)),
    h("td", { class: "number" }, endpoint.backlog ? time(endpoint.oldest_backlog, "age") : h("span", { class: "faint" }, "–")),
    h("td", { class: "number wide" }, count(endpoint.delivered)),
    h("td", { class: endpoint.dead ? "number wide bad" : "number wide faint" }, count(endpoint.dead)),
    h("td", { class: "number wide" }, time(endpoint.last_delivered)),
  );
}

/** As many sources as leave room for the endpoints below them. */
const fitting = Math.min(25, Math.max(8, Math.floor((innerHeight - 600) / 31)));

export const sources = new List("sources", "v1/sources", fitting, sourceRow);
export const endpoints = new List("endpoints", "v1/subscriptions", 10, endpointRow);

/** Rows lead where their link leads. */
for (const name of ["sources", "endpoints"]) {
  byID(`${name}-rows`).addEventListener("click", (event) => {
    if (event.target.closest("a, button") || String(getSelection())) return;
    const link = event.target.closest("tr")?.querySelector("a");
    if (link) location.hash = link.hash;
  });
  let waiting;
  byID(`${name}-search`).addEventListener("input", (event) => {
    clearTimeout(waiting);
    const list = name === "sources" ? sources : endpoints;
    waiting = setTimeout(() => list.narrow({ search: event.target.value.trim() }).catch(() => {}), 150);
  });
}
byID("sources-state").addEventListener("change", (event) => {
  sources.narrow({ state: event.target.value }).catch(() => {});
});

/** Shows the sources or endpoints in one state only, or all of them again. */
export function narrowTo(name, word) {
  const list = name === "sources" ? sources : endpoints;
  const state = list.filter.state === word ? "" : word;
  if (name === "sources") byID("sources-state").value = state;
  list.narrow({ state }).catch(() => {});
}
