// @ts-check
/** The endpoint where a provider publishes its keys, as it should be and in every way in which it can fail. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/** @import { IncomingMessage, ServerResponse } from "node:http" */

/**
 * What the endpoint does with a request; `number` counts them from 1.
 *
 * @typedef {(response: ServerResponse, request: IncomingMessage, number: number) => unknown} Behavior
 */

/** @param {unknown} value @param {Record<string, string>} [headers] @returns {Behavior} */
export const json = (value, headers = {}) => (response) =>
  response.writeHead(200, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(value));

/** @param {string} body @param {Record<string, string>} [headers] @returns {Behavior} */
export const text = (body, headers = {}) => (response) => response.writeHead(200, headers).end(body);

/** @param {number} code @param {Record<string, string>} [headers] @returns {Behavior} */
export const status = (code, headers = {}) => (response) => response.writeHead(code, headers).end();

/** Takes the request and says nothing. @type {Behavior} */
export const hang = () => {};

/** A byte a second. @type {Behavior} */
export async function drip(response) {
  response.writeHead(200, { "Content-Type": "application/json" });
  for (const letter of `{"keys":[${" ".repeat(60)}`) {
    if (response.destroyed) return;
    response.write(letter);
    await wait(1_000, undefined, { ref: false });
  }
}

/** Ends the connection without an answer. @type {Behavior} */
export const breakOff = (response) => response.destroy();

/** A body that goes on for this many bytes, unless the reader leaves. @param {number} bytes @returns {Behavior} */
export const endless = (bytes) => async (response) => {
  response.writeHead(200, { "Content-Type": "application/json" });
  response.write(`{"keys":[`);
  const chunk = " ".repeat(65_536);
  for (let sent = 0; sent < bytes && !response.destroyed; sent += chunk.length) {
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end("]}");
};

/** A small body that becomes this many bytes. @param {number} bytes @returns {Behavior} */
export function bomb(bytes) {
  const body = gzipSync(`{"keys":[${" ".repeat(bytes)}]}`, { level: 9 });
  const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
  return (response) => response.writeHead(200, headers).end(body);
}

/** A local HTTP server with keys, and whatever else a test lets it do. */
export class KeyServer {
  /** What it publishes. @type {unknown[]} */
  keys = [];
  /** How it answers, if not as it should. @type {Behavior | undefined} */
  behavior = undefined;
  /** The paths that were asked for. @type {string[]} */
  fetches = [];
  /** How many bytes went out. */
  sent = 0;

  /** @param {unknown[]} keys */
  static async start(...keys) {
    const server = new KeyServer();
    server.keys = keys;
    await once(server.http.listen(0, "127.0.0.1"), "listening");
    // A case that fails in its middle leaves it open.
    server.http.unref();
    return server;
  }

  constructor() {
    this.http = createServer((request, response) => {
      this.fetches.push(String(request.url));
      const { socket } = response;
      const before = socket?.bytesWritten ?? 0;
      response.on("close", () => (this.sent += (socket?.bytesWritten ?? 0) - before));
      const answer = this.behavior ?? json({ keys: this.keys });
      answer(response, request, this.fetches.length);
    });
  }

  get origin() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.http.address());
    return `http://127.0.0.1:${port}`;
  }

  /** Where the keys are. */
  get url() {
    return `${this.origin}/jwks`;
  }

  /** Nobody listens any more. */
  async close() {
    if (!this.http.listening) return;
    this.http.closeAllConnections();
    await once(this.http.close(), "close");
  }
}
