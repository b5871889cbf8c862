// @ts-check
/** Requests that no HTTP client agrees to send, byte for byte. */
import { connect } from "node:net";

/** @import { Worker } from "./workerd.mjs" */

/**
 * Sends bytes on a connection of their own and reads the answer, whether or not the request was complete.
 *
 * @param {Worker} worker
 * @param {string} text every character a byte
 */
export async function send(worker, text) {
  const socket = connect(worker.port, "127.0.0.1");
  socket.setTimeout(3_000, () => socket.destroy(new Error(`no answer to ${text.slice(0, 100)}`)));
  socket.write(text, "latin1");
  let received = "";
  try {
    for await (const chunk of socket.setEncoding("latin1")) {
      received += chunk;
      const answer = parse(received, text.startsWith("HEAD "));
      if (!answer) continue;
      worker.disclosure.keepCredentials(text);
      if (answer.status >= 400) worker.disclosure.heard(answer.text);
      return answer;
    }
  } finally {
    socket.destroy();
  }
  throw new Error(`half an answer: ${received}`);
}

/**
 * @param {string} received
 * @param {boolean} bodiless
 */
function parse(received, bodiless) {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [statusLine, ...lines] = received.slice(0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => /** @type {[string, string]} */ (line.split(/:\s*/, 2))));
  const status = Number(statusLine.split(" ")[1]);
  const rest = bodiless || status === 204 || status === 304 ? "" : received.slice(end + 4);
  if (headers.get("Transfer-Encoding") === "chunked" && !bodiless) {
    if (!rest.endsWith("0\r\n\r\n")) return undefined;
    // A body of unknown length comes in chunks, each behind its length.
    return { status, headers, text: rest.replace(/(?:^|\r\n)[0-9a-f]+\r\n/gi, "").trim() };
  }
  const length = bodiless ? 0 : Number(headers.get("Content-Length") ?? 0);
  return rest.length < length ? undefined : { status, headers, text: rest };
}

/**
 * A request's text.
 *
 * @param {string} line method and target
 * @param {Record<string, string>} headers
 * @param {string} [body]
 */
export function request(line, headers, body = "") {
  const lines = Object.entries({ Host: "localhost", Connection: "close", ...headers }).map((pair) => pair.join(": "));
  return [`${line} HTTP/1.1`, ...lines, "", body].join("\r\n");
}
