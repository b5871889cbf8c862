// @ts-check
/** A model behind an OpenAI-compatible address, or behind Workers AI, which says what the test tells it to. */
import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @typedef {object} Question what the model was asked
 * @property {string | undefined} url
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {any} body
 */

/** @typedef {(response: import("node:http").ServerResponse, question: Question) => void | Promise<void>} Reply */

/** One event of a stream of chat completions. @param {string} content */
export const piece = (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;

export const DONE = "data: [DONE]\n\n";

/** Answers in pieces. @param {string[]} pieces @returns {Reply} */
export const says = (...pieces) => (response) => {
  response.setHeader("Content-Type", "text/event-stream");
  response.end(pieces.map(piece).join("") + DONE);
};

export async function startModel() {
  const model = {
    url: "",
    /** Where it listens. */
    host: "",
    /** @type {Reply} */
    reply: says("Title"),
    /** @type {Question[]} */
    questions: [],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const question = { url: request.url, headers: request.headers, body: JSON.parse(text) };
    model.questions.push(question);
    await model.reply(response, question);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  model.host = `127.0.0.1:${port}`;
  model.url = `http://${model.host}/v1`;
  return model;
}
