// @ts-check
/** One request and its answer, with everything that holds for every answer asserted on the way. */
import assert from "node:assert/strict";

/** @import { Worker } from "./workerd.mjs" */

/** The origin of the page that asks, unless the test says otherwise. */
export const PAGE = "https://app.example.com";

/** A moment that a test can name. */
export const NOON = "2026-01-01T12:00:00.000Z";

/**
 * @typedef {object} Question
 * @property {Record<string, string>} [headers]
 * @property {unknown} [json] the body, as a value
 * @property {any} [body] the body, as it stands
 * @property {boolean} [faulty] whether the Worker is broken on purpose and may answer 503
 * @property {"half"} [duplex] for a body of unknown length
 * @property {boolean} [provider] whether the credential is a provider's, so that a workspace token may come back
 */

/**
 * Asks and checks what is promised of every answer, whatever comes of the request: a page can read it, nobody
 * keeps it, an error is `{ "error": string }`, and no answer hands out a token in its head.
 *
 * @param {Worker} worker
 * @param {string} line method and path
 * @param {Question} [question]
 */
export async function ask(worker, line, question = {}) {
  const { headers = {}, json, body, faulty = false, duplex, provider = false } = question;
  const [method, path] = line.split(" ", 2);
  const content = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(worker.url + path, {
    method,
    headers: { Origin: PAGE, "Content-Type": "application/json", ...headers },
    body: content,
    redirect: "manual",
    ...(duplex && { duplex }),
  });
  const text = await response.text();
  const answer = {
    status: response.status,
    headers: response.headers,
    text,
    body: text ? JSON.parse(text) : undefined,
  };
  for (const confidence of [...Object.values(headers), ...(typeof content === "string" ? [content] : [])]) {
    worker.disclosure.keepCredentials(confidence);
  }
  if (answer.status < 400) worker.disclosure.keepCredentials(text);
  else worker.disclosure.heard(text);
  const about = `${line}: ${answer.status} ${text}`;
  assert.ok(answer.status < 500 || (faulty && answer.status === 503), about);
  if (provider && answer.status < 400) assert.match(String(response.headers.get("Authorization")), /^Bearer ey/, about);
  else assert.equal(response.headers.get("Authorization"), null, about);
  assert.equal(response.headers.get("Set-Cookie"), null, about);
  assert.match(response.headers.get("Vary") ?? "", /\bOrigin\b/, about);
  if (!headers.Origin) {
    assert.equal(response.headers.get("Access-Control-Allow-Origin"), PAGE, about);
    assert.equal(response.headers.get("Access-Control-Expose-Headers"), "Authorization, Retry-After, X-Request-Id, Date", about);
  }
  // A browser sends cookies along to the one route that is for them.
  if (path !== "/v1/auth/tokens/session") {
    assert.equal(response.headers.get("Access-Control-Allow-Credentials"), null, about);
  }
  if (text) assert.equal(response.headers.get("Content-Type"), "application/json", about);
  if (answer.status >= 400) {
    assert.match(response.headers.get("Cache-Control") ?? "", /\bno-store\b/, about);
    // A Worker that is not well says more of it there.
    if (path === "/healthz") assert.equal(typeof answer.body.error, "string", about);
    else if (method !== "HEAD") assertErrorBody(answer.body, about);
  }
  return answer;
}

/** @param {any} body @param {string} about */
function assertErrorBody(body, about) {
  const { error, details, ...rest } = body;
  assert.equal(typeof error, "string", about);
  assert.notEqual(error, "", about);
  assert.deepEqual(rest, {}, about);
  if (details !== undefined) {
    assert.equal(error, "Schema validation error", about);
    assert.ok(Array.isArray(details) && details.length > 0 && details.every((line) => typeof line === "string"), about);
  }
}

/**
 * Asserts that a request is refused in these words.
 *
 * @param {{ status: number, body: any }} answer
 * @param {number} status
 * @param {string} error
 * @param {string} [about]
 */
export function refused(answer, status, error, about) {
  assert.deepEqual({ status: answer.status, error: answer.body?.error }, { status, error }, about);
}

/** @param {string} token */
export const bearer = (token) => ({ Authorization: `Bearer ${token}` });

/**
 * The headers of a backend that acts for a user in a workspace.
 *
 * @param {Worker} worker
 * @param {string} [workspace]
 * @param {string} [user]
 */
export function backend(worker, workspace = "workspace_1", user) {
  return { ...bearer(worker.apiKey), "Aui-Workspace-Id": workspace, ...(user && { "Aui-User-Id": user }) };
}

/**
 * A workspace token.
 *
 * @param {Worker} worker
 * @param {string} [workspace]
 * @param {string} [user]
 * @returns {Promise<string>}
 */
export async function mint(worker, workspace, user) {
  const answer = await ask(worker, "POST /v1/auth/tokens", { headers: backend(worker, workspace, user) });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.token;
}

/**
 * A new anonymous identity.
 *
 * @param {Worker} worker
 * @returns {Promise<{ refresh_token: { token: string, expires_at: string }, access_token: string }>}
 */
export async function visit(worker) {
  const answer = await ask(worker, "POST /v1/auth/tokens/anonymous");
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

/** @param {Worker} worker @param {unknown} refresh_token */
export function refresh(worker, refresh_token) {
  return ask(worker, "POST /v1/auth/tokens/refresh", { json: { refresh_token } });
}

/**
 * A new thread.
 *
 * @param {Worker} worker
 * @param {Record<string, string>} headers whose
 * @param {object} [members] beside `last_message_at`
 * @returns {Promise<string>} its id
 */
export async function createThread(worker, headers, members = {}) {
  const answer = await ask(worker, "POST /v1/threads", { headers, json: { last_message_at: NOON, ...members } });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.thread_id;
}

/** @param {Worker} worker @param {Record<string, string>} headers @param {string} id */
export async function getThread(worker, headers, id) {
  const answer = await ask(worker, `GET /v1/threads/${encodeURIComponent(id)}`, { headers });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.thread;
}

/**
 * A page of threads.
 *
 * @param {Worker} worker
 * @param {Record<string, string>} headers
 * @param {string} [query]
 * @returns {Promise<any[]>}
 */
export async function listThreads(worker, headers, query = "") {
  const answer = await ask(worker, `GET /v1/threads${query}`, { headers });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.threads;
}

/**
 * A new message.
 *
 * @param {Worker} worker
 * @param {Record<string, string>} headers whose
 * @param {string} thread
 * @param {object} [members] beside the required ones
 * @returns {Promise<string>} its id
 */
export async function append(worker, headers, thread, members = {}) {
  const json = { parent_id: null, format: "aui/v0", content: { role: "user", content: [] }, ...members };
  const answer = await ask(worker, `POST /v1/threads/${thread}/messages`, { headers, json });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.message_id;
}

/**
 * A page of a thread's messages.
 *
 * @param {Worker} worker
 * @param {Record<string, string>} headers
 * @param {string} thread
 * @param {string} [query]
 * @returns {Promise<any[]>}
 */
export async function listMessages(worker, headers, thread, query = "") {
  const answer = await ask(worker, `GET /v1/threads/${encodeURIComponent(thread)}/messages${query}`, { headers });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.messages;
}

/**
 * A page of what is recorded.
 *
 * @param {Worker} worker
 * @param {Record<string, string>} headers
 * @param {"runs" | "scores" | "events"} kind
 * @param {string} [query]
 * @returns {Promise<any[]>}
 */
export async function listRecords(worker, headers, kind, query = "") {
  const answer = await ask(worker, `GET /v1/${kind}${query}`, { headers });
  assert.equal(answer.status, 200, answer.text);
  return answer.body[kind];
}

/**
 * A whole list, read page by page as the clients read it: a short page is the last one.
 *
 * @param {number} size of a page
 * @param {(query: string) => Promise<any[]>} read
 */
export async function readPages(size, read) {
  const rows = [];
  for (let query = `?limit=${size}`; ; query = `?limit=${size}&after=${rows.at(-1).id}`) {
    const page = await read(query);
    assert.ok(page.length <= size);
    rows.push(...page);
    if (page.length < size) return rows;
  }
}
