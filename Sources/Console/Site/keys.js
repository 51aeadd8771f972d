// The keyboard.
import { byID, h } from "./dom.js";
import { press, visible } from "./details.js";
import { hold } from "./events.js";

const sections = { s: "sources", e: "events", d: "endpoints" };
const help = [
  ["/", "search sources"], ["s", "go to the sources"], ["d", "go to the endpoints (destinations)"],
  ["e", "go to the events"], ["j  k", "next and previous row"], ["Enter", "open the row"],
  ["Esc", "close what is open"], ["Space", "hold the stream, let it go on"], ["n", "new endpoint"],
  ["p", "source open or focused: poll now"], ["u", "source open or focused: pause, resume"],
  ["r", "event open: replay"], ["a  x", "quarantine open: accept, reject"], ["?", "this sheet"],
];

byID("help-keys").append(...help.map(([keys, text]) => h("div", {},
  h("dt", {}, keys.split("  ").map((key) => h("kbd", {}, key))), h("dd", {}, text))));

/** Brings a section to the front, where there is room for one only. */
export function show(name) {
  document.body.dataset.view = name;
  for (const button of document.querySelectorAll("[data-show]")) {
    if (button.dataset.show === name) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** Brings a section to the front, and the focus to its first row. */
export function go(name) {
  show(name);
  const section = byID(name);
  section.scrollIntoView({ block: "nearest" });
  (section.querySelector(".row a") || section).focus();
}

function move(step) {
  const row = document.activeElement?.closest(".row");
  const list = row ? row.parentElement : byID(`${document.body.dataset.view}-rows`);
  const rows = [...list.children].filter((child) => child.classList.contains("row"));
  const index = rows.indexOf(row);
  const next = rows[index < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, index + step))];
  const link = next?.querySelector("a");
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

function steer(verb) {
  const first = verb === "pause" && !press("pause") ? press("resume") : verb === "poll" && press("poll");
  if (visible() || first) return;
  const row = document.activeElement?.closest("#sources-rows .row");
  const button = row?.querySelector(`[data-verb="${verb}"]`)
    || (verb === "pause" ? row?.querySelector('[data-verb="resume"]') : null);
  button?.click();
}

const keys = {
  "/": () => { go("sources"); byID("sources-search").focus(); byID("sources-search").select(); },
  j: () => move(1),
  k: () => move(-1),
  " ": () => hold(),
  n: () => byID("new-endpoint").click(),
};
const everywhere = {
  "?": () => { if (!document.querySelector("dialog[open]")) byID("help").showModal(); },
  p: () => steer("poll"),
  u: () => steer("pause"),
};
const within = {
  event: { r: () => press("replay") },
  quarantine: { a: () => press("accept"), x: () => press("reject") },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const target = event.target;
  const isTyping = target.closest("input, select, textarea");
  if (isTyping) {
    if (event.key === "Escape" && !target.closest("dialog")) target.blur();
    return;
  }
  if (event.key === " " && target.closest("button, a, summary, pre")) return;
  const opened = visible();
  let work = everywhere[event.key];
  if (opened) work ??= within[opened.split("/")[0]]?.[event.key];
  const isCovered = document.querySelector("dialog[open]");
  if (!isCovered) work ??= keys[event.key] || (sections[event.key] ? () => go(sections[event.key]) : undefined);
  if (isCovered && !opened) return;
  if (!work) return;
  event.preventDefault();
  work();
});
