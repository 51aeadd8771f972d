// What differs between two records, field by field.
import { h } from "./dom.js";

const isTree = (value) => value !== null && typeof value === "object";
const rowsMax = 200;

/** Differences as `{ path, before, after }`; undefined stands for a field that is not there. */
export function differences(before, after) {
  const rows = [];
  const walk = (left, right, path) => {
    if (rows.length > rowsMax || Object.is(left, right)) return;
    if (isTree(left) && isTree(right) && Array.isArray(left) === Array.isArray(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        walk(left[key], right[key], [...path, key]);
      }
      return;
    }
    rows.push({ path: path.join(".") || "(all of it)", before: left, after: right });
  };
  walk(before, after, []);
  return rows;
}

const text = (value) => (value === undefined ? "" : JSON.stringify(value, null, 1));

/** A table of the differences; says so if there are none. */
export function table(before, after, caption) {
  const rows = differences(before, after);
  if (rows.length === 0) return h("p", { class: "faint" }, "Nothing differs.");
  const cut = rows.length > rowsMax ? h("p", { class: "faint" }, `The first ${rowsMax} differences.`) : null;
  return h("div", {},
    h("table", { class: "diff" },
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {},
        h("th", { scope: "col" }, "Field"), h("th", { scope: "col" }, "Before"), h("th", { scope: "col" }, "After"))),
      h("tbody", {}, rows.slice(0, rowsMax).map((row) => h("tr", {},
        h("th", { scope: "row" }, row.path),
        h("td", {}, row.before === undefined ? h("span", { class: "faint" }, "not there") : h("del", {}, text(row.before))),
        h("td", {}, row.after === undefined ? h("span", { class: "faint" }, "gone") : h("ins", {}, text(row.after))))))),
    cut);
}

/** JSON as people read it. */
export const json = (value) => h("pre", { tabindex: "0", "aria-label": "Record as JSON" }, JSON.stringify(value, null, 2));

/** The value of a text of JSON; the text itself if it is none. */
export function parsed(text) {
  if (text === null || text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
