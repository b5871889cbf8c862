// @ts-check
/**
 * A world for a client to live in: globals that a test replaces after the package is imported, which is how
 * the package must look them up, and puts back.
 */
import { afterEach, mock } from "node:test";

export { AssistantCloud } from "../../pkg/index.js";
export * as cloudEdge from "../../pkg/index.js";

export const baseUrl = "https://cloud.test";
export const storageKey = `aui:refresh_token:${baseUrl}`;
export const lockName = `assistant-cloud:anonymous-auth:${baseUrl}`;
export const farFuture = "2099-01-01";

/** @type {(() => void)[]} */
const restorations = [];

afterEach(() => {
  for (const restore of restorations.splice(0).reverse()) restore();
  mock.timers.reset();
});

/**
 * @param {string} name
 * @param {PropertyDescriptor} descriptor
 */
export function defineGlobal(name, descriptor) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { configurable: true, ...descriptor });
  restorations.push(() => {
    if (before) Object.defineProperty(globalThis, name, before);
    else Reflect.deleteProperty(globalThis, name);
  });
}

/**
 * A token with those claims. Nobody here verifies it.
 *
 * @param {Record<string, unknown>} [claims]
 */
export function jwt(claims = {}) {
  const encode = (/** @type {unknown} */ part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  return [encode({ alg: "none" }), encode({ sub: "alice", exp: 4_102_444_800, ...claims }), "sig"].join(".");
}

/**
 * A page's storage, and a window around it: without one it would be a server's.
 *
 * @returns {{ storage: Storage, values: Map<string, string> }}
 */
export function installStorage(entries = /** @type {Record<string, string>} */ ({})) {
  const values = new Map(Object.entries(entries));
  const storage = /** @type {any} */ ({
    getItem: mock.fn((key) => values.get(key) ?? null),
    setItem: mock.fn((key, value) => void values.set(key, value)),
    removeItem: mock.fn((key) => void values.delete(key)),
  });
  defineGlobal("localStorage", { value: storage, writable: true });
  if (typeof window !== "object") defineGlobal("window", { value: new EventTarget(), writable: true });
  return { storage, values };
}

/**
 * A fetch that answers in turn; the last answer repeats. An answer may be a function of the request.
 *
 * @param {...any} answers
 */
export function installFetch(...answers) {
  let turn = 0;
  const fetch = mock.fn(async (/** @type {any} */ url, /** @type {any} */ init) => {
    const answer = answers[Math.min(turn++, answers.length - 1)];
    const result = typeof answer === "function" ? await answer(url, init) : answer;
    if (result instanceof Error) throw result;
    return result;
  });
  defineGlobal("fetch", { value: fetch, writable: true });
  return fetch;
}

/**
 * Not a `Response` but something like it: the package must not insist on the class.
 *
 * @param {unknown} body
 * @param {{ status?: number, headers?: Record<string, string> }} [options]
 */
export function answer(body, { status = 200, headers = {} } = {}) {
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: new Headers(headers),
    text: mock.fn(async () => text),
    json: mock.fn(async () => JSON.parse(text)),
  };
}

/**
 * What a token endpoint answers.
 *
 * @param {string} access_token
 * @param {unknown} refresh_token
 */
export function grant(access_token, refresh_token = { token: "r1", expires_at: farFuture }) {
  return answer({ access_token, refresh_token });
}

export const noThreads = () => answer({ threads: [] });

/** @param {string} path */
export const urlOf = (path) => `${baseUrl}${path}`;

/**
 * The requests that a fetch has seen, as `METHOD path`.
 *
 * @param {{ mock: { calls: { arguments: any[] }[] } }} fetch
 */
export function requests(fetch) {
  return fetch.mock.calls.map(({ arguments: [url, init] }) => `${init.method} ${String(url).slice(baseUrl.length)}`);
}

/** Lets everything that is not waiting for a timer happen. */
export async function settle() {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** @returns {{ promise: Promise<any>, resolve: (value?: any) => void, reject: (error: unknown) => void }} */
export function deferred() {
  /** @type {any} */
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
