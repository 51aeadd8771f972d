// The form that makes an endpoint.
import { create, part } from "./api.js";
import { action, byID, h, say } from "./dom.js";

/** A secret of the Standard Webhooks kind: 32 random bytes. */
function secret() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

const field = (label, input, hint) => h("div", { class: "field" },
  h("label", { for: input.id }, label), input, hint ? h("p", { class: "faint", id: `${input.id}-hint` }, hint) : null);

const words = (text) => text.split(/[\s,]+/).filter(Boolean);

export function openForm(isAllowed, onMade) {
  const form = byID("endpoint-form");
  const name = h("input", { id: "new-name", required: true, maxlength: 64, autocomplete: "off", spellcheck: "false", placeholder: "billing" });
  const url = h("input", { id: "new-url", type: "url", required: true, maxlength: 2000, placeholder: "https://billing.example/webhooks" });
  const events = h("input", { id: "new-events", placeholder: "shop.orders.created, *.deleted", autocomplete: "off", spellcheck: "false" });
  const from = h("input", { id: "new-sources", placeholder: "shop, depot", autocomplete: "off", spellcheck: "false" });
  const key = h("input", { id: "new-secret", required: true, autocomplete: "off", spellcheck: "false" });
  key.value = secret();
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { type: "submit", class: "strong" }, "Make it");
  submit.disabled = !isAllowed;
  if (!isAllowed) problem.textContent = "This needs a token with the scope admin: log in with one.";
  form.replaceChildren(
    field("Name", name), field("URL", url),
    field("Events", events, "Types, with * for any part. Empty for all."),
    field("Sources", from, "Names. Empty for all."),
    field("Secret", key, "Its receiver verifies with it. Copy it now: it is not shown again."),
    h("div", { class: "actions" },
      action("Copy", {}, async () => {
        await navigator.clipboard.writeText(key.value);
        return "The secret is copied.";
      }),
      h("span", { class: "spring" }), submit),
    problem);
  form.onsubmit = async (event) => {
    event.preventDefault();
    problem.textContent = "";
    const definition = { url: url.value.trim(), secret: key.value };
    if (words(events.value).length) definition.events = words(events.value);
    if (words(from.value).length) definition.sources = words(from.value);
    submit.disabled = true;
    try {
      const change = await create(`v1/subscriptions/${part(name.value.trim())}/definition`, definition);
      byID("form").close();
      say(change.problem || `${name.value.trim()}: ${change.outcome}`, Boolean(change.problem));
      onMade();
    } catch (refusal) {
      const said = refusal.complaints.map((complaint) => [complaint.pointer, complaint.message, complaint.hint].filter(Boolean).join(" "));
      problem.textContent = [refusal.message, refusal.hint, ...said].filter(Boolean).join(". ");
    } finally {
      submit.disabled = !isAllowed;
    }
  };
  byID("form").showModal();
  name.focus();
}
