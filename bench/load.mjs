// @ts-check
/**
 * The load: requests over raw sockets that stay open, from a process of its own. `fetch` and `node:http` cost more than
 * most of the answers that are measured here, and their cost would be the limit.
 */
import { connect } from "node:net";
import { fork } from "node:child_process";

/**
 * @typedef {object} Job
 * @property {number} port
 * @property {string[]} requests each a whole HTTP/1.1 request; connections take them in turn, over and over
 * @property {number} total how many answers to wait for
 * @property {number} connections how many there are at once
 * @property {number} status what every answer must have
 * @property {boolean} [follow] whether the refresh token of an answer goes into the connection's next request
 */

/** @typedef {{ seconds: number }} Outcome how long it took */

const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
const REFRESH_TOKEN = /refresh_0[\w-]+/;

/** Reads answers from a socket's bytes, one after the other. */
class AnswerReader {
  /** @param {(status: number, head: string, body: Buffer) => void} onAnswer */
  constructor(onAnswer) {
    this.onAnswer = onAnswer;
    /** @type {Buffer[]} */
    this.chunks = [];
    this.size = 0;
    /** How many bytes there must be before it is worth looking again. */
    this.wanted = 0;
  }

  /** @param {Buffer} bytes */
  push(bytes) {
    this.chunks.push(bytes);
    this.size += bytes.length;
    if (this.size < this.wanted) return;
    const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    const rest = all.subarray(this.#read(all));
    this.chunks = rest.length > 0 ? [rest] : [];
    this.size = rest.length;
  }

  /** @param {Buffer} all @returns {number} how many bytes of it have been read */
  #read(all) {
    this.wanted = 0;
    const headEnd = all.indexOf(HEAD_END);
    if (headEnd < 0) return 0;
    const head = all.toString("latin1", 0, headEnd);
    const start = headEnd + HEAD_END.length;
    const status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length) {
      const end = start + Number(length[1]);
      this.wanted = end;
      if (all.length < end) return 0;
      this.wanted = 0;
      this.onAnswer(status, head, all.subarray(start, end));
      return end;
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer of unknown length: ${head}`);
    const parts = [];
    for (let position = start; ; ) {
      const lineEnd = all.indexOf(LINE_END, position);
      if (lineEnd < 0) return 0;
      const size = parseInt(all.toString("latin1", position, lineEnd), 16);
      const end = lineEnd + LINE_END.length + size;
      if (all.length < end + LINE_END.length) {
        this.wanted = end + LINE_END.length;
        return 0;
      }
      parts.push(all.subarray(lineEnd + LINE_END.length, end));
      position = end + LINE_END.length;
      if (size > 0) continue;
      this.onAnswer(status, head, parts.length === 2 ? parts[0] : Buffer.concat(parts));
      return position;
    }
  }
}

/** @typedef {{ status: number, head: string, body: Buffer, index: number }} Answer `index`: of the request among all */

/**
 * Sends requests and waits for the answers.
 *
 * @param {Job} job
 * @param {(answer: Answer) => void} [onAnswer]
 * @returns {Promise<Outcome>}
 */
export function run({ port, requests, total, connections, status: wanted, follow }, onAnswer) {
  const encoded = requests.map((request) => Buffer.from(request));
  return new Promise((resolve, reject) => {
    let [sent, answered] = [0, 0];
    const start = performance.now();
    /** @type {import("node:net").Socket[]} */
    const sockets = [];
    const end = (/** @type {Error | undefined} */ error) => {
      for (const socket of sockets) socket.destroy();
      if (error) reject(error);
      else resolve({ seconds: (performance.now() - start) / 1_000 });
    };
    for (let connection = 0; connection < Math.min(connections, total); connection++) {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      sockets.push(socket);
      let own = encoded[connection % encoded.length];
      let index = 0;
      const next = () => {
        if (sent >= total) return;
        index = sent;
        sent += 1;
        socket.write(follow ? own : encoded[index % encoded.length]);
      };
      const reader = new AnswerReader((status, head, body) => {
        if (wanted && status !== wanted) return end(new Error(`not ${wanted} but ${head}\n\n${body.toString()}`));
        onAnswer?.({ status, head, body, index });
        if (follow) own = renewed(own, body);
        answered += 1;
        if (answered === total) end(undefined);
        else next();
      });
      socket.on("data", (bytes) => {
        try {
          reader.push(bytes);
        } catch (error) {
          end(/** @type {Error} */ (error));
        }
      });
      socket.on("connect", next).on("error", end);
      socket.on("close", () => answered < total && end(new Error("the server closed a connection")));
    }
  });
}

/**
 * The request with the token that came in answer to it. All of them are equally long.
 *
 * @param {Buffer} request
 * @param {Buffer} body
 */
function renewed(request, body) {
  const [token] = REFRESH_TOKEN.exec(body.toString("latin1")) ?? [];
  if (!token) throw new Error(`no refresh token in ${body}`);
  return Buffer.from(request.toString("latin1").replace(REFRESH_TOKEN, token), "latin1");
}

/** A process that makes the load. */
export class LoadProcess {
  constructor() {
    this.child = fork(import.meta.filename, { serialization: "advanced" });
  }

  /** @param {Job} job @returns {Promise<Outcome>} */
  run(job) {
    return new Promise((resolve, reject) => {
      this.child.once("message", (/** @type {any} */ { outcome, error }) => {
        if (error) reject(new Error(error));
        else resolve(outcome);
      });
      this.child.send(job);
    });
  }

  close() {
    this.child.disconnect();
  }
}

if (process.argv[1] === import.meta.filename) {
  process.on("message", async (/** @type {any} */ job) => {
    try {
      process.send?.({ outcome: await run(job) });
    } catch (error) {
      process.send?.({ error: String(error) });
    }
  });
}
