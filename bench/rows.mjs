// @ts-check
/** What is measured: each row a request, how it is prepared on a side, and the target that its cost is held to. */
import { randomUUID } from "node:crypto";

import { run } from "./load.mjs";

/** @import { Answer } from "./load.mjs" */
/** @import { Side, SideName } from "./sides.mjs" */
/** @import { Algorithm } from "./provider.mjs" */

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {SideName} [peer] who does the same job; `hono` unless it says otherwise
 * @property {SideName[]} [besides] who is measured for orientation
 * @property {number} [target] the most that ours may cost, as a part of what the peer does
 * @property {string} [acceptance] the row of the request that is accepted where this one is refused
 * @property {number} requests how many are measured on a side in a round
 * @property {number} [connections] 16 unless it says otherwise
 * @property {number} status what is answered
 * @property {boolean} [follow] see {@link import("./load.mjs").Job}
 * @property {boolean} [fresh] whether every round needs requests that nobody has seen
 * @property {(side: Side, count: number) => string[] | Promise<string[]>} prepare the requests, at most `count` of them
 */

/** Where the pages are that a browser's requests come from. */
const ORIGIN = { Origin: "https://app.example.com" };
const NOON = Date.parse("2026-01-01T12:00:00Z");

/** @param {string} token */
const bearer = (token) => ({ Authorization: `Bearer ${token}` });

/**
 * A request as it is on the wire.
 *
 * @param {Side} side
 * @param {string} line method and path
 * @param {Record<string, string>} [headers]
 * @param {unknown} [json]
 */
export function request(side, line, headers = {}, json) {
  const body = json === undefined ? "" : JSON.stringify(json);
  const length = line.startsWith("GET ") ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const all = { Host: `localhost:${side.port}`, "Content-Type": "application/json", ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** Asks once. @param {Side} side @param {string} text @param {number} [status] @returns {Promise<Answer>} */
export async function ask(side, text, status = 0) {
  /** @type {Answer | undefined} */
  let answer;
  await run({ port: side.port, requests: [text], total: 1, connections: 1, status }, (given) => (answer = given));
  return /** @type {Answer} */ (answer);
}

/** The headers of a backend that acts for a user. @param {Side} side @param {string} workspace */
export const backend = (side, workspace) => ({
  ...bearer(side.apiKey),
  "Aui-User-Id": "user_1",
  "Aui-Workspace-Id": workspace,
});

/**
 * A workspace token of a side, made here: what the side would mint, or something that is wrong with it.
 *
 * @param {Side} side
 * @param {string} workspace
 * @param {{ header?: object, claims?: object, forged?: boolean }} [fault]
 */
export function workspaceToken(side, workspace, { header = {}, claims = {}, forged = false } = {}) {
  const now = Math.floor(Date.now() / 1_000);
  const payload = {
    iss: side.issuer,
    aud: side.issuer,
    sub: "user_1",
    project_id: side.worker.variables.PROJECT_ID,
    workspace_id: workspace,
    jti: randomUUID(),
    iat: now,
    nbf: now - 10,
    exp: now + 1_800,
    ...claims,
  };
  const token = side.signer.token(payload, { ...side.signer.header, ...header });
  if (!forged) return token;
  const cut = token.length - 20;
  return token.slice(0, cut) + (token[cut] === "A" ? "B" : "A") + token.slice(cut + 1);
}

/** @template T @param {number} count @param {(index: number) => T} make */
const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));

const workspaces = (/** @type {number} */ count) => times(count, (index) => `workspace_${index}`);

/** A route behind the credential that does nothing more: it is not there. */
const GUARDED = "POST /v1/files/pdf-to-images";

/**
 * A page's request with a token.
 *
 * @param {Side} side
 * @param {string} line
 * @param {string} token
 * @param {unknown} [json]
 */
export const asPage = (side, line, token, json) => request(side, line, { ...bearer(token), ...ORIGIN }, json);

/** @param {Side} side @param {string} workspace @param {number} index of it @returns {Promise<string>} */
export async function createThread(side, workspace, index) {
  const last_message_at = new Date(NOON + index * 60_000).toISOString();
  const json = { last_message_at, title: `What was said in thread ${index}`, metadata: { source: "bench" } };
  const { body } = await ask(side, request(side, "POST /v1/threads", backend(side, workspace), json), 201);
  return JSON.parse(body.toString()).thread_id;
}

/**
 * A message as the chat runtime stores one.
 *
 * @param {string} role
 * @param {number} size of its text
 * @param {object} members
 */
export const message = (role, size, members) => ({
  format: "aui/v0",
  content: {
    role,
    content: [{ type: "text", text: "The quick brown fox jumps over the lazy dog. ".repeat(size / 40).slice(0, size) }],
    metadata: { unstable_annotations: [], unstable_data: [], steps: [], custom: {} },
    status: { type: "complete", reason: "stop" },
  },
  ...members,
});

/**
 * A thread of so many messages of that size, each below the one before.
 *
 * @param {Side} side
 * @param {string} workspace
 * @param {number} count
 * @param {number} size
 */
export async function fillThread(side, workspace, count, size) {
  const thread = await createThread(side, workspace, 0);
  const headers = backend(side, workspace);
  const requests = times(count, (index) =>
    request(side, `POST /v1/threads/${thread}/messages`, headers, message(index % 2 ? "assistant" : "user", size, {
      parent_id: null,
      external_id: `message_${index}`,
      ...(index > 0 && { parent_external_id: `message_${index - 1}` }),
    })));
  /** @type {string[]} */
  const ids = [];
  const job = { port: side.port, requests, total: count, connections: 1, status: 201 };
  await run(job, ({ body }) => ids.push(JSON.parse(body.toString()).message_id));
  return { thread, ids };
}

/** A provider's token exchanged at the first request of a page. @param {Algorithm} alg @returns {Row} */
const exchange = (alg) => ({
  id: `exchange-${alg.toLowerCase()}`,
  title: `provider exchange, ${alg}, warm keys`,
  target: 0.85,
  requests: 1_200,
  status: 200,
  fresh: true,
  prepare: (side, count) =>
    times(count, (index) => asPage(side, "GET /v1/threads?limit=20", side.provider.token(alg, `user_${index % 16}`))),
});

/**
 * @param {string} id
 * @param {string} title
 * @param {(side: Side) => string} token
 * @param {Partial<Row>} [members]
 * @returns {Row}
 */
const refusal = (id, title, token, members) => ({
  id: `refusal-${id}`,
  title: `refusal: ${title}`,
  target: 0.6,
  acceptance: "unseen",
  besides: ["refusing"],
  requests: 2_500,
  status: 403,
  fresh: true,
  prepare: (side, count) => times(count, () => asPage(side, GUARDED, token(side))),
  ...members,
});

/** @type {Partial<Row>} */
const ofProvider = { acceptance: "exchange-rs256", requests: 1_200 };

/** @type {Row[]} */
export const rows = [
  {
    id: "floor",
    title: "the runtime itself: GET /healthz",
    besides: ["plain"],
    requests: 5_000,
    status: 200,
    prepare: (side) => [request(side, "GET /healthz")],
  },
  {
    id: "mint",
    title: "API-key mint",
    besides: ["plain"],
    target: 0.8,
    requests: 3_500,
    status: 200,
    prepare: (side) =>
      workspaces(16).map((workspace) => request(side, "POST /v1/auth/tokens", backend(side, workspace))),
  },
  exchange("RS256"),
  exchange("ES256"),
  exchange("EdDSA"),
  {
    id: "seen",
    title: "verification of a workspace token seen before",
    besides: ["plain", "accepting"],
    target: 0.3,
    requests: 3_500,
    status: 501,
    prepare: (side) => workspaces(64).map((workspace) => asPage(side, GUARDED, workspaceToken(side, workspace))),
  },
  {
    id: "unseen",
    title: "verification of a workspace token not seen before",
    requests: 2_500,
    status: 501,
    fresh: true,
    prepare: (side, count) =>
      times(count, (index) => asPage(side, GUARDED, workspaceToken(side, `workspace_${index % 16}`))),
  },
  {
    id: "unseen-long",
    title: "verification of a workspace token of 8 KB",
    requests: 1_500,
    status: 501,
    fresh: true,
    prepare: (side, count) =>
      times(count, () => asPage(side, GUARDED, workspaceToken(side, "workspace_0", { claims: { scope: "x".repeat(5_600) } }))),
  },
  refusal("long", "a token of 12 KB", (side) =>
    workspaceToken(side, "workspace_0", { claims: { scope: "x".repeat(9_000) }, forged: true }), { acceptance: "unseen-long" }),
  refusal("issuer", "unknown issuer", (side) =>
    side.provider.token("EdDSA", "user_1", { claims: { iss: "https://evil.example" } })),
  refusal("kid", "unknown key id", (side) => workspaceToken(side, "workspace_0", { header: { kid: randomUUID() } })),
  refusal("signature", "bad signature", (side) => workspaceToken(side, "workspace_0", { forged: true })),
  refusal("provider-kid", "provider token, unknown key id", (side) =>
    side.provider.token("RS256", "user_1", { kid: randomUUID() }), ofProvider),
  refusal("provider-signature", "provider token, RS256, bad signature", (side) =>
    side.provider.token("RS256", "user_1", { forged: true }), ofProvider),
  {
    id: "anonymous",
    title: "anonymous mint",
    requests: 3_000,
    status: 200,
    prepare: (side) => [request(side, "POST /v1/auth/tokens/anonymous", ORIGIN)],
  },
  {
    id: "refresh",
    title: "anonymous refresh, rotating",
    requests: 1_000,
    status: 200,
    follow: true,
    fresh: true,
    prepare: (side) =>
      Promise.all(times(16, async () => {
        const { body } = await ask(side, request(side, "POST /v1/auth/tokens/anonymous", ORIGIN), 200);
        const { refresh_token } = JSON.parse(body.toString());
        return request(side, "POST /v1/auth/tokens/refresh", ORIGIN, { refresh_token: refresh_token.token });
      })),
  },
  {
    id: "threads",
    title: "thread list of 20",
    peer: "remembering",
    besides: ["hono"],
    target: 1,
    requests: 1_500,
    status: 200,
    prepare: async (side) => {
      for (const workspace of workspaces(16)) {
        for (let index = 0; index < 20; index++) await createThread(side, workspace, index);
      }
      return workspaces(16).map((workspace) =>
        asPage(side, "GET /v1/threads?limit=20", workspaceToken(side, workspace)));
    },
  },
  {
    id: "append",
    title: "message append, 1 KB",
    peer: "remembering",
    target: 1,
    requests: 1_000,
    status: 201,
    prepare: (side) =>
      Promise.all(times(16, async (index) => {
        const workspace = `append_${index}`;
        const { thread, ids } = await fillThread(side, workspace, 2, 1_000);
        const line = `POST /v1/threads/${thread}/messages`;
        return asPage(side, line, workspaceToken(side, workspace), message("user", 1_000, { parent_id: ids[1] }));
      })),
  },
  {
    id: "messages",
    title: "message list, 200 × 5 KB",
    peer: "remembering",
    target: 1,
    requests: 100,
    connections: 4,
    status: 200,
    prepare: (side) =>
      Promise.all(times(2, async (index) => {
        const workspace = `messages_${index}`;
        const { thread } = await fillThread(side, workspace, 200, 5_000);
        const line = `GET /v1/threads/${thread}/messages?format=aui%2Fv0&limit=200`;
        return asPage(side, line, workspaceToken(side, workspace));
      })),
  },
];
