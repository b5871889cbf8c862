// The demo's own backend: a token endpoint that holds the API key, as a route of your application would.
// It runs beside the Worker during development and is never part of the served site.
//
//   PORT            where to listen, on 127.0.0.1 only (8788)
//   API_KEY_FILE    a file with the API key
//   CLOUD_URL       the Worker (http://localhost:8787)
//   ALLOWED_ORIGIN  the page that may ask (CLOUD_URL)
// @ts-check
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { AssistantCloud } from "../pkg/index.js";

const {
  PORT = "8788",
  API_KEY_FILE = "",
  CLOUD_URL = "http://localhost:8787",
  ALLOWED_ORIGIN = CLOUD_URL,
} = process.env;

const apiKey = readApiKey(API_KEY_FILE);

/** A workspace of one's own carries the user's id; a shared one carries an id that several users are given. */
const PERSONAS = new Map([
  ["alice", { userId: "alice", workspaceId: "alice" }],
  ["bob", { userId: "bob", workspaceId: "bob" }],
  ["team-alice", { userId: "alice", workspaceId: "team" }],
  ["team-bob", { userId: "bob", workspaceId: "team" }],
]);

createServer((request, response) => {
  void answer(request).then(([status, body]) => {
    response.writeHead(status, {
      "Access-Control-Allow-Origin": ALLOWED_ORIGIN,
      "Cache-Control": "no-store",
      "Content-Type": "application/json",
      Vary: "Origin",
    });
    response.end(JSON.stringify(body));
  });
}).listen(Number(PORT), "127.0.0.1", () => {
  console.log(`Token endpoint on http://localhost:${PORT}/api/assistant-token, for ${ALLOWED_ORIGIN}`);
});

/**
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<[number, object]>} status and body
 */
async function answer(request) {
  // Without this check any page, or a name rebound to 127.0.0.1, could collect tokens from a developer's machine.
  if (request.headers.origin !== ALLOWED_ORIGIN) return [403, { error: "This origin may not ask for tokens" }];

  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  if (pathname !== "/api/assistant-token") return [404, { error: "Not Found" }];
  if (request.method !== "GET") return [405, { error: "Method Not Allowed" }];

  // A real application takes user and workspace from its own session here, never from the query: whoever may
  // choose a name may be anyone. The demo has no login, so it lets the visitor choose one of its personas.
  const persona = PERSONAS.get(searchParams.get("as") ?? "");
  if (!persona) return [400, { error: "Unknown persona" }];

  try {
    const cloud = new AssistantCloud({ apiKey, baseUrl: CLOUD_URL, ...persona });
    const { token } = await cloud.auth.tokens.create();
    return [200, { token }];
  } catch (error) {
    const reason = reasonFor(error);
    console.error(`No token for ${searchParams.get("as")}: ${reason}`);
    return [502, { error: reason }];
  }
}

/** @param {unknown} error @returns {string} a sentence for the page, with nothing of the key in it */
function reasonFor(error) {
  const status = error instanceof Error && "status" in error ? Number(error.status) : 0;
  if (status === 401 || status === 403) return "The cloud does not accept this backend's API key";
  if (status === 429) return "The cloud is limiting requests; try again in a minute";
  if (status >= 500) return "The cloud is not able to mint a token right now";
  if (status > 0) return `The cloud refused to mint a token (status ${status})`;
  return `The cloud at ${CLOUD_URL} cannot be reached`;
}

/** @param {string} file @returns {string} */
function readApiKey(file) {
  if (!file) exit("API_KEY_FILE is not set; `npm start` sets it, `npm run keys` makes a key");
  try {
    return readFileSync(file, "utf8").trim() || exit(`${file} holds no API key`);
  } catch {
    return exit(`${file} cannot be read`);
  }
}

/** @param {string} reason @returns {never} */
function exit(reason) {
  console.error(reason);
  process.exit(1);
}
