// Makes elements, always with text as text, and tells of times.

const svgSpace = "http://www.w3.org/2000/svg";

/** An element; `properties` are attributes, or listeners as in `onclick`. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return element;
}

export const byID = (id) => document.getElementById(id);

/** Brings a list's children in line with `items`; what did not change stays as it is. */
export function keyed(parent, items, keyOf, build) {
  const old = new Map();
  for (const child of parent.children) old.set(child.dataset.key, child);
  const focus = parent.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const rows = items.map((item) => {
    const key = keyOf(item);
    const mark = JSON.stringify(item);
    const known = old.get(key);
    if (known && known.mark === mark) return known;
    const row = build(item);
    row.dataset.key = key;
    row.mark = mark;
    return row;
  });
  // Only what changed is moved: an element that is put back begins its animation anew.
  const staying = new Set(rows);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  let place = parent.firstElementChild;
  for (const row of rows) {
    if (row === place) place = place.nextElementSibling;
    else parent.insertBefore(row, place);
  }
  if (focus && !parent.contains(document.activeElement)) parent.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

// Times

let skew = 0;

/** Goes by the server's clock from now on. */
export function setClock(now) { skew = Date.parse(now) - Date.now(); }

export const now = () => Date.now() + skew;

export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 && hours < 6 ? `${hours} h ${minutes % 60} m` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

const words = {
  ago: (age) => (age < 1000 ? "now" : `${span(age)} ago`),
  age: (age) => span(age),
  until: (age) => (age >= -500 ? "now" : `in ${span(-age)}`),
};

/** A time that stays right while it is looked at: `ago`, `age` or `until`. */
export function time(text, style = "ago") {
  if (!text) return h("span", { class: "faint" }, "–");
  const element = h("time", { datetime: text, title: local(text), "data-style": style });
  element.textContent = words[style](now() - Date.parse(text));
  return element;
}

export function tick() {
  for (const element of document.querySelectorAll("time[data-style]")) {
    const told = words[element.dataset.style](now() - Date.parse(element.dateTime));
    if (element.textContent !== told) element.textContent = told;
  }
}

export const local = (text) => 
  new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

/** Hours, minutes and seconds; the day too if it is another. */
export function clock(text) {
  const date = new Date(text);
  const hour = date.toLocaleTimeString([], { hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const isToday = date.toDateString() === new Date(now()).toDateString();
  return isToday ? hour : `${date.toLocaleDateString([], { month: "short", day: "numeric" })} ${hour.slice(0, 5)}`;
}

export const duration = (milliseconds) =>
  milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(milliseconds < 10000 ? 2 : 1)} s`;

export const count = (number) => Number(number).toLocaleString("en").replaceAll(",", "\u2009");

// Words and pictures

const plain = { open: "down", ready: "waiting", blocked: "waiting its turn" };

export const stateWord = (word) => plain[word] || word.replaceAll("_", " ");

export const state = (word, title) =>
  h("span", { class: "state", "data-state": word, title }, stateWord(word));

/** Bars of counts, the oldest first. */
export function spark(counts, label) {
  const width = 4;
  const height = 18;
  const highest = Math.max(1, ...counts);
  const picture = document.createElementNS(svgSpace, "svg");
  picture.setAttribute("class", "spark");
  picture.setAttribute("viewBox", `0 0 ${counts.length * width} ${height}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", label);
  counts.forEach((number, index) => {
    const bar = document.createElementNS(svgSpace, "rect");
    const size = number ? Math.max(2, (number / highest) * height) : 1;
    bar.setAttribute("x", index * width);
    bar.setAttribute("width", width - 1);
    bar.setAttribute("y", height - size);
    bar.setAttribute("height", size);
    if (!number) bar.setAttribute("class", "none");
    picture.append(bar);
  });
  return picture;
}

export const sum = (numbers) => (numbers || []).reduce((total, number) => total + number, 0);

let fading;

/** Says something for a few seconds. */
export function say(text, isProblem = false) {
  const toast = byID("toast");
  const modal = [...document.querySelectorAll("dialog[open]")].pop();
  // What is open on top hides everything else, from screen readers too.
  (modal || document.body).append(toast);
  toast.textContent = text;
  toast.classList.toggle("problem", isProblem);
  toast.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => toast.classList.remove("shown"), isProblem ? 9000 : 4000);
}

export const complain = (problem) =>
  say(problem.hint ? `${problem.message}. ${problem.hint}` : problem.message, true);

/** Asks before something that cannot be taken back. */
export function ask(text, verb) {
  const dialog = byID("ask");
  byID("ask-text").textContent = text;
  byID("ask-yes").textContent = verb;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const yes = () => dialog.close("yes");
    byID("ask-yes").addEventListener("click", yes, { once: true });
    dialog.addEventListener("close", () => {
      byID("ask-yes").removeEventListener("click", yes);
      resolve(dialog.returnValue === "yes");
    }, { once: true });
  });
}

/** A button that does one thing at a time and tells how it went. */
export function action(text, properties, work) {
  const button = h("button", { type: "button", ...properties }, text);
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      const told = await work();
      if (told) say(told);
    } catch (problem) {
      complain(problem);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}
