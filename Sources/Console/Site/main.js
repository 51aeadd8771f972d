// The console: what is shown when, and how it stays up to date.
import { gate, get, part, post } from "./api.js";
import { byID, complain, count, h, keyed, say, setClock, spark, stateWord, sum, tick, time } from "./dom.js";
import { open, reopen, whenChanged } from "./details.js";
import * as events from "./events.js";
import { openForm } from "./forms.js";
import { go, show } from "./keys.js";
import { endpoints, narrowTo, sources } from "./lists.js";

const every = 5000;
let session = { scope: null };
let isStarted = false;

// How everything fares

const order = ["stalled", "failing", "quarantined", "set_aside", "paused", "never_polled", "healthy", "removed"];

function tile(label, value, detail, properties = {}) {
  return h("div", { class: "tile", ...properties }, h("dt", {}, label), h("dd", {}, value, detail ? h("small", {}, detail) : null));
}

function states(name, counts) {
  return order.concat(Object.keys(counts).filter((word) => !order.includes(word)))
    .filter((word) => counts[word])
    .map((word) => h("button", {
      type: "button", class: "state", "data-state": word, "data-focus": `${name}-${word}`,
      title: `Show only these ${name}, or all again`,
      onclick: () => {
        go(name);
        narrowTo(name, word);
      },
    }, `${count(counts[word])} ${stateWord(word)}`));
}

function showStatus(status) {
  setClock(status.now);
  const total = (counts) => sum(Object.values(counts));
  const changes = sum(status.changes_per_hour);
  keyed(byID("summary"), [
    { key: "sources", value: status.sources }, { key: "endpoints", value: status.subscriptions },
    { key: "changes", value: status.changes_per_hour },
    { key: "backlog", value: status.backlog }, { key: "dead", value: status.dead },
  ], (item) => item.key, (item) => {
    switch (item.key) {
      case "sources": return tile("Sources", count(total(item.value)), states("sources", item.value));
      case "endpoints": return tile("Endpoints", count(total(item.value)), states("endpoints", item.value));
      case "changes": return tile("Changes in 24 h", count(changes), spark(item.value, `${changes} changes in 24 hours`));
      case "backlog": return tile("Backlog", count(item.value), item.value ? "events wait to be delivered" : "nothing waits");
      default: return tile("Dead", count(item.value), item.value ? "deliveries given up" : "none given up", { class: item.value ? "tile bad" : "tile" });
    }
  });
  sources.finish(total(status.sources));
  endpoints.finish(total(status.subscriptions));
  const troubles = (status.sources.failing || 0) + (status.sources.stalled || 0) + (status.sources.quarantined || 0) + (status.sources.set_aside || 0) + (status.subscriptions.set_aside || 0) + status.dead;
  document.title = troubles ? `(${troubles}) Pullcord` : "Pullcord";
  if (!status.ready) tell("full");
}

function showQuarantine({ items }) {
  const waiting = items.filter((item) => !["accepted", "rejected"].includes(item.decision));
  byID("attention").hidden = waiting.length === 0;
  byID("attention-count").textContent = waiting.length;
  keyed(byID("attention-list"), waiting.slice(0, 5), (item) => `${item.source}/${item.stream}`, (item) =>
    h("li", {},
      h("a", { href: `#quarantine/${part(item.source)}/${part(item.stream)}`, "data-focus": `q-${item.source}/${item.stream}` },
        h("b", {}, `${item.source}/${item.stream}`)),
      h("span", { class: "message" }, item.message), h("span", { class: "faint" }, "since ", time(item.since))));
}

const told = {
  live: ["live", "live"], reconnecting: ["waiting", "reconnecting"], closed: ["failing", "not connected"],
  full: ["failing", "the store is full: nothing is polled"],
};

function tell(word) {
  const [kind, text] = told[word];
  const place = byID("connection");
  place.dataset.state = kind;
  if (place.textContent !== text) place.textContent = text;
}

// Staying up to date

let isRefreshing = false;

async function refresh() {
  if (isRefreshing || document.visibilityState === "hidden" || !session.scope) return;
  isRefreshing = true;
  try {
    const [status, quarantine] = await Promise.all([
      get("v1/status"), get("v1/quarantine", { limit: 50 }), sources.load(), endpoints.load(), events.refresh(),
    ]);
    showStatus(status);
    showQuarantine(quarantine);
    await reopen();
  } catch (problem) {
    if (problem.status === 0 || problem.status >= 500) tell("reconnecting");
  } finally {
    isRefreshing = false;
  }
}

let soon;
const refreshSoon = () => {
  soon ??= setTimeout(() => {
    soon = undefined;
    refresh();
  }, 1500);
};

const listen = () => events.follow(tell, refreshSoon);

async function start() {
  try {
    session = await get("console/session");
  } catch (problem) {
    tell("reconnecting");
    setTimeout(start, 3000);
    return;
  }
  const isKnown = Boolean(session.scope);
  byID("who").textContent = session.is_session ? `${session.name} · ${session.scope}` : session.scope ? `without a token · ${session.scope}` : "";
  byID("who").title = `Pullcord ${session.version}`;
  byID("log-out").hidden = !session.is_session;
  byID("log-in").hidden = session.is_session || !isKnown;
  if (!isKnown) return logIn();
  isStarted = true;
  listen();
  await refresh();
  open(location.hash.slice(1));
}

// Logging in and out

function logIn() {
  events.stop();
  tell("closed");
  const dialog = byID("login");
  if (!dialog.open) dialog.showModal();
  byID("login-token").focus();
}

gate.onRefused = () => {
  if (session.scope === null && byID("login").open) return;
  session = { scope: null };
  logIn();
};

byID("login-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = byID("login-token");
  byID("login-problem").textContent = "";
  try {
    await post("console/login", { token: token.value.trim() });
    token.value = "";
    byID("login").close();
    start();
  } catch (problem) {
    byID("login-problem").textContent = problem.message;
    token.select();
  }
});
byID("log-out").addEventListener("click", async () => {
  await post("console/logout").catch(complain);
  location.reload();
});
byID("log-in").addEventListener("click", logIn);
byID("login").addEventListener("cancel", (event) => {
  if (!session.scope) event.preventDefault();
});
byID("login").addEventListener("close", () => { if (session.scope && isStarted) listen(); });

// What is clicked

for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const dialog of document.querySelectorAll("dialog.drawer, #help")) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    show(button.dataset.show);
    document.querySelector("main").scrollTop = 0;
  });
}
document.querySelector("[data-skip]").addEventListener("click", (event) => {
  event.preventDefault();
  go("sources");
});
byID("open-help").addEventListener("click", () => byID("help").showModal());
byID("hold").addEventListener("click", () => events.hold());
byID("events-kind").addEventListener("change", (event) => {
  events.narrow(event.target.value);
  listen();
  events.refresh().catch(complain);
});
byID("new-endpoint").addEventListener("click", () => openForm(session.scope === "admin", refreshSoon));

whenChanged(refreshSoon);
addEventListener("hashchange", () => open(location.hash.slice(1)));
document.addEventListener("visibilitychange", refresh);
setInterval(tick, 1000);
setInterval(refresh, every);
start().catch((problem) => say(problem.message, true));
