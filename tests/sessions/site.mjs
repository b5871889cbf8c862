// @ts-check
/** A site whose pages use the package, with the real Worker behind it at the same origin. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { root } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";

const page = `<!doctype html><meta charset="utf-8"><title>A page</title><script type="module">
import { AssistantCloud } from "/package/index.js";
globalThis.AssistantCloud = AssistantCloud;
/** A client of a visitor, or of the user of that name, and all that it tells. */
globalThis.client = (user, more) => {
  const authToken = async () => {
    globalThis.calls = (globalThis.calls ?? 0) + 1;
    return (await fetch("/token?user=" + user, { cache: "no-store" })).text();
  };
  const cloud = new AssistantCloud({ baseUrl: location.origin, ...(user ? { authToken } : { anonymous: true }), ...more });
  cloud.told = [];
  for (const type of ["token", "identity", "signedOut", "error", "clockSkew"]) {
    cloud.auth.on(type, (event) => cloud.told.push(event.error ? { type, error: event.error.code ?? String(event.error) } : event));
  }
  return cloud;
};
globalThis.outcome = (cloud) => cloud.threads.list().then(() => "listed", (error) => error.code ?? String(error));
globalThis.addEventListener("pageshow", ({ persisted }) => (globalThis.persisted = persisted));
globalThis.addEventListener("pagehide", () => delete globalThis.persisted);
globalThis.loaded = true;
</script>`;

const worker = `import { AssistantCloud } from "/package/index.js";
const answer = async (port) => {
  const authToken = async () => (await fetch("/token?user=alice")).text();
  const clouds = [{ anonymous: true }, { authToken }].map((more) => new AssistantCloud({ baseUrl: location.origin, ...more }));
  try {
    await Promise.all(clouds.map(({ threads }) => threads.list()));
    port.postMessage(clouds.map(({ auth }) => auth.state.userId));
  } catch (error) {
    port.postMessage(String(error));
  }
};
globalThis.onconnect = ({ ports: [port] }) => answer(port);
globalThis.onmessage = () => answer(globalThis);
`;

const types = { js: "text/javascript", html: "text/html" };

/** What any page may read, one in a sandbox too, whose origin is nobody's. */
const open = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "Authorization, Content-Type, Aui-Sdk",
  "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
  "Access-Control-Expose-Headers": "Authorization, Retry-After, Date",
};

export class Site {
  /** What was asked for, by path; of tokens of users with the query, which names the user. @type {string[]} */
  asked = [];
  /** The statuses that the Worker has answered with. @type {number[]} */
  statuses = [];
  /** Requests for tokens wait for it. @type {Promise<unknown>} */
  gate = Promise.resolve();
  #server = createServer((request, response) => void this.#answer(request, response));

  /** @param {import("../worker/workerd.mjs").Worker} worker */
  constructor(worker) {
    this.worker = worker;
  }

  /** @param {number} [lifetime] of tokens, in seconds */
  static async open(lifetime = 300) {
    const site = new Site(await startWorker({ TOKEN_LIFETIME_SECONDS: String(lifetime) }));
    await once(site.#server.listen(0, "127.0.0.1"), "listening");
    return site;
  }

  get url() {
    return `http://localhost:${/** @type {import("node:net").AddressInfo} */ (this.#server.address()).port}`;
  }

  /** How often a token was asked for. */
  get tokens() {
    return this.asked.filter((path) => /^\/(token|api\/|v1\/auth\/)/.test(path)).length;
  }

  get identities() {
    return this.asked.filter((path) => path === "/v1/auth/tokens/anonymous").length;
  }

  /** Holds back every answer with a token, until it is told otherwise. */
  hold() {
    /** @type {() => void} */
    let release = () => {};
    this.gate = new Promise((resolve) => (release = () => resolve(undefined)));
    return release;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.worker.close();
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const send = (/** @type {number} */ status, /** @type {string} */ type, /** @type {string | Buffer} */ body) =>
      response.writeHead(status, { ...open, "Content-Type": type }).end(body);
    if (request.method === "OPTIONS") return send(204, types.html, "");
    try {
      if (pathname === "/worker.js") return send(200, types.js, worker);
      if (pathname.startsWith("/package/")) {
        return send(200, types.js, readFileSync(join(root, "pkg", pathname.slice("/package/".length))));
      }
      if (!/^\/(v1\/|token$|api\/cloud-token$)/.test(pathname)) return send(200, types.html, pathname === "/blank" ? "<title>Elsewhere</title>" : page);
      this.asked.push(pathname === "/token" ? String(request.url) : pathname);
      if (!pathname.startsWith("/v1/")) {
        const user = searchParams.get("user") ?? /\buser=(\w*)/.exec(request.headers.cookie ?? "")?.[1];
        if (!user) return send(401, "text/plain", "");
        const headers = { Authorization: `Bearer ${this.worker.apiKey}`, "Aui-User-Id": user, "Aui-Workspace-Id": user };
        const minted = await fetch(`${this.worker.url}/v1/auth/tokens`, { method: "POST", headers });
        await this.gate;
        return send(200, "text/plain", /** @type {any} */ (await minted.json()).token);
      }
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { host, origin, connection, "content-length": length, ...headers } = request.headers;
      void [host, origin, connection, length];
      const answer = await fetch(this.worker.url + request.url, {
        method: request.method ?? "GET",
        headers: /** @type {Record<string, string>} */ (headers),
        body: chunks.length > 0 ? Buffer.concat(chunks) : null,
      });
      this.statuses.push(answer.status);
      if (pathname.startsWith("/v1/auth/")) await this.gate;
      const body = Buffer.from(await answer.arrayBuffer());
      for (const name of ["Authorization", "Retry-After"]) {
        const value = answer.headers.get(name);
        if (value) response.setHeader(name, value);
      }
      return send(answer.status, answer.headers.get("Content-Type") ?? "application/json", body);
    } catch (error) {
      return send(502, "text/plain", String(error));
    }
  }
}
