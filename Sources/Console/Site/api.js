// Talks to the HTTP API that this page was served beside.

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `the server answered ${status}`);
    this.status = status;
    this.code = body.code || "";
    this.hint = body.hint || "";
    this.field = body.field || "";
    this.complaints = body.complaints || [];
  }
}

/** Called when the server wants to know who asks. */
export const gate = { onRefused: () => {} };

async function call(method, path, { query, body, headers } = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query || {})) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  const options = {
    method,
    credentials: "same-origin",
    headers: { accept: "application/json", "x-pullcord-console": "1", ...headers },
  };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["content-type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Problem(0, { detail: "Pullcord cannot be reached" });
  }
  const text = await response.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    value = null;
  }
  if (response.ok) return value;
  const problem = new Problem(response.status, value || {});
  if (response.status === 401 && !path.startsWith("console/")) gate.onRefused();
  throw problem;
}

export const get = (path, query) => call("GET", path, { query });
export const post = (path, body = {}) => call("POST", path, { body });
export const create = (path, body) =>
  call("PUT", path, { body, headers: { "if-none-match": "*" } });

/** One segment of a path. */
export const part = (text) => encodeURIComponent(text);
