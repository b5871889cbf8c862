// @ts-check
/**
 * One browser's origin with its tabs, and the server that they talk to, with a clock each. Nothing in it happens by
 * itself: time passes when a test says so.
 */
import { createRequire } from "node:module";
import { mock } from "node:test";
import { buildSync } from "esbuild";
import { answer, baseUrl, defineGlobal, installStorage, jwt, settle } from "./world.mjs";

export const noon = Date.UTC(2026, 8, 4, 12);

/** Lets time pass, and all that it brings about happen. @param {number} millis @param {number} [step] */
export async function pass(millis, step = 50) {
  for (let passed = 0; passed < millis; passed += step) {
    mock.timers.tick(Math.min(step, millis - passed));
    await settle();
  }
}

/** A server that verifies tokens by its own clock. */
export class Server {
  /** What was asked, with the subject of the token that was carried. @type {{ line: string, sub: string | null, verdict: number, at: number }[]} */
  requests = [];
  /** Tokens that it no longer honors. @type {Set<string>} */
  revoked = new Set();
  /** Answers in place of its own, by line. @type {Record<string, (init: any) => any>} */
  routes = {};
  /** Whether answers say when they were written. */
  dates = false;
  /** How far the device's clock is ahead, in ms. */
  skew = 0;
  #serial = 0;

  constructor() {
    defineGlobal("fetch", { value: mock.fn((/** @type {any} */ url, /** @type {any} */ init) => this.answer(url, init)), writable: true });
  }

  now() {
    return Date.now() - this.skew;
  }

  /** @param {string} sub @param {{ life?: number, age?: number, more?: object }} [options] in seconds */
  mint(sub, { life = 300, age = 0, more = {} } = {}) {
    const iat = Math.floor(this.now() / 1000) - age;
    return jwt({ iss: "https://id.test", sub, iat, exp: iat + life, jti: `${this.#serial++}`, ...more });
  }

  /** @param {any} url @param {any} init */
  async answer(url, init) {
    const line = `${init.method ?? "GET"} ${String(url).slice(baseUrl.length).replace(/\?.*/, "")}`;
    const token = /^Bearer (.*)$/.exec(init.headers?.Authorization ?? "")?.[1];
    const claims = token ? JSON.parse(Buffer.from(String(token.split(".")[1]), "base64url").toString()) : null;
    const dead = claims && claims.exp * 1000 <= this.now();
    const refused = token && this.revoked.has(token);
    const request = { line, sub: claims?.sub ?? null, verdict: dead || refused ? 401 : 200, at: Date.now() };
    this.requests.push(request);
    /** @type {Record<string, string>} */
    const headers = this.dates ? { Date: new Date(Math.floor(this.now() / 1000) * 1000).toUTCString() } : {};
    if (request.verdict === 401) return answer({ error: dead ? "JWT token has expired" : "Token is revoked" }, { status: 401, headers });
    const route = this.routes[line];
    if (!route) return answer({ threads: [], thread_id: "t" }, { headers });
    const response = await route(init);
    if (response instanceof Error) throw response;
    request.verdict = response.status;
    return response;
  }

  /** @param {string} line */
  count(line) {
    return this.requests.filter((request) => request.line === line).length;
  }
}

export const mintLine = "POST /v1/auth/tokens/anonymous";
export const refreshLine = "POST /v1/auth/tokens/refresh";
export const listLine = "GET /v1/threads";

/** The locks of one browser. */
class Locks {
  /** @type {Map<string, { holder: object | null, queue: (() => void)[] }>} */
  #byName = new Map();

  /** @param {string} name @param {any} options @param {any} [callback] */
  request = async (name, options, callback = options) => {
    const lock = this.#byName.get(name) ?? { holder: null, queue: [] };
    this.#byName.set(name, lock);
    if (options.mode === "shared") return callback({ name });
    if (lock.holder && options.ifAvailable) return callback(null);
    if (lock.holder) await new Promise((resolve) => lock.queue.push(() => resolve(undefined)));
    const holder = {};
    lock.holder = holder;
    const release = () => {
      if (lock.holder !== holder) return;
      lock.holder = null;
      lock.queue.shift()?.();
    };
    this.kill = release;
    try {
      return await callback({ name });
    } finally {
      release();
    }
  };

  query = async () => ({
    held: [...this.#byName].filter(([, { holder }]) => holder).map(([name]) => ({ name })),
  });

  /** Takes the lock away from whoever has it last got one, as the browser does when its tab is gone. */
  kill = () => {};
}

/** The channels of one origin. */
function channels() {
  /** @type {Set<any>} */
  const open = new Set();
  return class {
    /** @param {string} name */
    constructor(name) {
      this.name = name;
      /** @type {((event: { data: any }) => void) | null} */
      this.onmessage = null;
      open.add(this);
    }
    /** @param {unknown} message */
    postMessage(message) {
      const copy = structuredClone(message);
      for (const other of open) {
        if (other !== this && other.name === this.name) queueMicrotask(() => open.has(other) && other.onmessage?.({ data: copy }));
      }
    }
    close() {
      open.delete(this);
    }
  };
}

/** A page that can be hidden. */
export class Page extends EventTarget {
  visibilityState = "visible";

  /** @param {"visible" | "hidden"} state */
  show(state) {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

/**
 * The globals of a tab. All tabs of a test share them, as processes share a machine; what each has for itself are its
 * copy of the package and its clients.
 *
 * @param {{ locks?: boolean, channel?: boolean, storage?: boolean, page?: boolean }} [has]
 */
export function openOrigin({ locks = true, channel = true, storage = true, page = true } = {}) {
  mock.timers.enable({ apis: ["Date", "setTimeout"], now: noon });
  const lock = new Locks();
  const document = new Page();
  const window = new EventTarget();
  if (page) {
    defineGlobal("document", { value: document, writable: true });
    defineGlobal("window", { value: window, writable: true });
  }
  defineGlobal("navigator", { value: locks ? { locks: lock } : {}, writable: true });
  defineGlobal("BroadcastChannel", { value: channel ? channels() : undefined, writable: true });
  const { values = new Map() } = storage ? installStorage() : {};
  if (!storage) {
    defineGlobal("localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  }
  return { values, lock, document, window };
}

const require = createRequire(import.meta.url);
const built = require.resolve("../../pkg/dist/index.cjs");

/**
 * Our client's class in a copy of its own, as a tab has one.
 *
 * @returns {new (config: any) => any}
 */
export function tab() {
  delete require.cache[built];
  return require(built).AssistantCloud;
}

/** @type {string | undefined} */
let script;

/**
 * The official client's, likewise.
 *
 * @returns {new (config: any) => any}
 */
export function officialTab() {
  const entry = `export { AssistantCloud } from "assistant-cloud";`;
  script ??= buildSync({
    stdin: { contents: entry, resolveDir: import.meta.dirname }, bundle: true, format: "cjs", platform: "node", write: false,
  }).outputFiles[0]?.text;
  const module = { exports: /** @type {any} */ ({}) };
  new Function("module", "exports", "require", String(script))(module, module.exports, require);
  return module.exports.AssistantCloud;
}
