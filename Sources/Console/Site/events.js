// The live stream of events.
import { get, part } from "./api.js";
import { byID, clock, h, keyed, local } from "./dom.js";

const shownMax = 100;
const signs = { created: "+", updated: "~", deleted: "−" };

export const kindOf = (event) => event.type.split(".").pop();

export function kind(event) {
  const word = kindOf(event);
  return h("span", { class: "kind", "data-kind": word, title: event.type },
    h("span", { "aria-hidden": "true" }, signs[word] || "!"), h("span", { class: "hidden" }, word));
}

/** How an event's deliveries stand, in one sign each. */
export function tally({ pending, delivered, dead }) {
  const parts = [];
  if (dead) parts.push(h("span", { class: "bad", title: `${dead} dead` }, `✕${dead > 1 ? dead : ""}`));
  if (pending) parts.push(h("span", { class: "wait", title: `${pending} waiting` }, `…${pending > 1 ? pending : ""}`));
  if (delivered) parts.push(h("span", { class: "good", title: `${delivered} delivered` }, `✓${delivered > 1 ? delivered : ""}`));
  const told = [[delivered, "delivered"], [pending, "waiting"], [dead, "dead"]]
    .filter(([number]) => number).map(([number, word]) => `${number} ${word}`).join(", ");
  return h("span", { class: "tally" }, h("span", { class: "hidden" }, told || "sent to nobody"),
    h("span", { "aria-hidden": "true" }, parts));
}

export function eventRow(event) {
  return h("li", { class: fresh.has(event.id) ? "row new" : "row" },
    h("a", { href: `#event/${part(event.id)}`, "data-focus": event.id },
      h("time", { datetime: event.time, title: local(event.time) }, clock(event.time)),
      kind(event),
      h("span", { class: "what" },
        h("span", { class: "where" }, `${event.source}/${event.stream}`), " ", h("b", {}, event.key)),
      tally(event.deliveries || { pending: 0, delivered: 0, dead: 0 })));
}

const fresh = new Set();
let shown = [];
let filter = "";
let isHeld = false;
let missed = 0;
let source;
let lastID = "";
let reloading;

function show() {
  keyed(byID("events-rows"), shown, (event) => event.id, eventRow);
  byID("events-empty").hidden = shown.length > 0;
}

/** Reads the newest anew: how their deliveries stand changes without an event. */
export async function refresh() {
  if (isHeld) return;
  const page = await get("v1/events", { limit: shownMax, kind: filter });
  if (isHeld) return;
  shown = page.items;
  show();
}

function arrived(message, onEvent) {
  lastID = message.lastEventId;
  const event = JSON.parse(message.data);
  onEvent(event);
  if (isHeld) {
    missed += 1;
    byID("hold").textContent = `Go on (${missed})`;
    return;
  }
  if (shown.some((other) => other.id === event.id)) return;
  fresh.add(event.id);
  setTimeout(() => fresh.delete(event.id), 2000);
  shown = [event, ...shown].slice(0, shownMax);
  show();
  reloading ??= setTimeout(() => {
    reloading = undefined;
    refresh().catch(() => {});
  }, 1200);
}

/** Follows the stream; `tell` hears how the connection stands, `onEvent` each event. */
export function follow(tell, onEvent) {
  stop();
  const url = new URL("v1/events/stream", document.baseURI);
  if (filter) url.searchParams.set("kind", filter);
  source = new EventSource(url);
  source.addEventListener("open", () => tell("live"));
  source.addEventListener("event", (message) => arrived(message, onEvent));
  const opened = source;
  opened.addEventListener("error", () => {
    const isClosed = opened.readyState === EventSource.CLOSED;
    tell(isClosed ? "closed" : "reconnecting");
    // A refusal, as that of too many streams, is not tried again by the browser itself.
    if (isClosed) setTimeout(() => { if (source === opened) follow(tell, onEvent); }, 5000);
  });
}

export function stop() {
  source?.close();
  source = undefined;
}

export function narrow(kind) { filter = kind; }

export function hold(value = !isHeld) {
  isHeld = value;
  missed = 0;
  const button = byID("hold");
  button.setAttribute("aria-pressed", String(isHeld));
  button.textContent = isHeld ? "Go on" : "Hold";
  if (!isHeld) refresh().catch(() => {});
}
