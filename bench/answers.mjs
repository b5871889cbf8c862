// @ts-check
/** Whether a peer does the whole job: the same answers, the same refusals, the same tables. */
import assert from "node:assert/strict";

import { decode, newApiKey } from "../tests/worker/keys.mjs";
import { PROJECT_ID } from "../tests/worker/workerd.mjs";
import { ask, backend, request, workspaceToken } from "./rows.mjs";

/** @import { Answer } from "./load.mjs" */
/** @import { Row } from "./rows.mjs" */
/** @import { Side } from "./sides.mjs" */

/** The headers by which an answer may differ to its reader. */
const HEADERS = [
  "authorization",
  "content-type",
  "cache-control",
  "vary",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "x-request-id",
];

/** What stands in a text for something that is made anew each time. @type {[RegExp, string][]} */
const NAMES = [
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "<time>"],
  [/^(thread_0|msg_0)[0-9A-Za-z]{23}$/, "<$1>"],
  [/^usr_anon_0[\w-]{23}$/, "<visitor>"],
  [/^refresh_0[\w-]{80}$/, "<refresh token>"],
  [/^([0-9a-zA-Z]{22}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/, "<request>"],
];

/**
 * A value with everything taken out that two right answers differ in.
 *
 * @param {unknown} value
 * @param {Side} side
 * @returns {unknown}
 */
function shape(value, side) {
  if (Array.isArray(value)) return value.map((one) => shape(one, side));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shape(one, side)]));
  }
  if (typeof value !== "string") return value;
  if (value === side.issuer) return "<issuer>";
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) {
    const { header, payload } = decode(value);
    const { iat, nbf, exp, jti, ...claims } = payload;
    assert.ok(Math.abs(Date.now() / 1_000 - iat) < 60 && jti.length > 20);
    return { header, claims: shape(claims, side), lives: [nbf - iat, exp - iat] };
  }
  return NAMES.reduce((text, [pattern, name]) => text.replace(pattern, name), value);
}

/** @param {Answer} answer @param {Side} side */
function comparable({ status, head, body }, side) {
  const given = new Map(head.split("\r\n").slice(1).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  // Without the first of the two the second says nothing.
  if (!given.has("access-control-allow-origin")) given.delete("access-control-expose-headers");
  // What our objects refuse has no name: nobody suspects anything of it.
  if (status !== 401 && status !== 403) given.delete("x-request-id");
  const headers = HEADERS.map((name) => {
    const value = given.get(name);
    // A token is compared as one, not as text.
    if (name === "authorization" && value) return [name, shape(value.slice("Bearer ".length), side)];
    return [name, shape(name === "x-request-id" ? value : value?.toLowerCase().replaceAll(", ", ","), side)];
  });
  const value = body.length > 0 ? JSON.parse(body.toString()) : undefined;
  // The lines of a schema error are in everybody's own words.
  if (value?.details) value.details = value.details.length > 0;
  return { status, headers: Object.fromEntries(headers), body: shape(value, side) };
}

/**
 * Asserts that two sides answer alike.
 *
 * @param {[Side, string]} ours with its request
 * @param {[Side, string]} peers
 * @param {string} about
 */
async function compare(ours, peers, about) {
  const answered = async (/** @type {[Side, string]} */ [side, text]) => comparable(await ask(side, text), side);
  const [one, other] = await Promise.all([ours, peers].map(answered));
  assert.deepEqual(other, one, `${about}: ${peers[0].name} does not answer what ${ours[0].name} answers`);
  return one;
}

/**
 * Asserts that the sides of a row give the same answer, and the one that the row expects.
 *
 * @param {Row} row
 * @param {Side} ours
 * @param {Side} peer
 */
export async function compareRow(row, ours, peer) {
  const [[one], [other]] = await Promise.all([ours, peer].map((side) => row.prepare(side, 1)));
  const { status } = await compare([ours, one], [peer, other], row.title);
  assert.equal(status, row.status, row.title);
}

const THREADS = "GET /v1/threads";
const MINT = "POST /v1/auth/tokens";
const REFRESH = "POST /v1/auth/tokens/refresh";

/** @param {Side} side @param {string} workspace */
async function thread(side, workspace) {
  const json = { last_message_at: "2026-01-01T12:00:00.000Z", title: null, external_id: "compared" };
  const { body } = await ask(side, request(side, "POST /v1/threads", backend(side, workspace), json), 201);
  return JSON.parse(body.toString()).thread_id;
}

/** @param {Side} side */
export async function refreshToken(side) {
  const { body } = await ask(side, request(side, "POST /v1/auth/tokens/anonymous"), 200);
  return JSON.parse(body.toString()).refresh_token.token;
}

/** @param {string} text */
const tampered = (text) => text.slice(0, -3) + (text.at(-3) === "A" ? "B" : "A") + text.slice(-2);

/**
 * Requests at which it would be cheaper not to look, each with what it is about. A row that is measured has no mistake
 * in it; these show that whoever serves it looks for mistakes all the same.
 *
 * @param {Side} side
 * @param {string} workspace that nobody has been in
 * @returns {Promise<Record<string, string>>}
 */
async function faults(side, workspace) {
  const key = backend(side, workspace);
  const now = Math.floor(Date.now() / 1_000);
  const withToken = (/** @type {Parameters<typeof workspaceToken>[2]} */ fault) =>
    request(side, THREADS, { Authorization: `Bearer ${workspaceToken(side, workspace, fault)}` });
  const claims = (/** @type {object} */ claims) => withToken({ claims });
  const id = await thread(side, workspace);
  const messages = `/v1/threads/${id}/messages`;
  const good = { parent_id: null, format: "aui/v0", content: { role: "user" } };
  const append = (/** @type {unknown} */ json) => request(side, `POST ${messages}`, key, json);
  const list = (/** @type {string} */ path) => request(side, `GET ${path}`, key);
  const refresh = (/** @type {unknown} */ refresh_token) => request(side, REFRESH, {}, { refresh_token });
  return {
    "no credential": request(side, MINT),
    "another scheme": request(side, MINT, { Authorization: "Basic abc" }),
    "a malformed API key": request(side, MINT, { ...key, Authorization: "Bearer sk_aui_x" }),
    "an unknown API key": request(side, MINT, { ...key, Authorization: `Bearer ${newApiKey(PROJECT_ID).text}` }),
    "an expired API key": request(side, MINT, { ...key, Authorization: `Bearer ${side.expiredApiKey}` }),
    "an API key without a workspace": request(side, MINT, { Authorization: key.Authorization }),
    "a workspace with a space": request(side, MINT, { ...key, "Aui-Workspace-Id": "a b" }),
    "a reserved user": request(side, MINT, { ...key, "Aui-User-Id": "usr_anon_0x" }),
    "a token for a token": request(side, MINT, { Authorization: `Bearer ${workspaceToken(side, workspace)}` }),
    "no JWT": request(side, THREADS, { Authorization: "Bearer abc" }),
    "a broken JWT": request(side, THREADS, { Authorization: "Bearer a.b.c" }),
    "an expired token": claims({ exp: now - 1 }),
    "a token of tomorrow": claims({ nbf: now + 86_400 }),
    "a token without an end": claims({ exp: undefined }),
    "a token for others": claims({ aud: "https://elsewhere.example" }),
    "a token of another project": claims({ project_id: "proj_0other" }),
    "a token without a workspace": claims({ workspace_id: undefined }),
    "another kind of token": withToken({ header: { typ: "at+jwt" } }),
    "a forged token": withToken({ forged: true }),
    "a token and no page to read": withToken({}),
    "a page of none": list("/v1/threads?limit=0"),
    "a page of 101": list("/v1/threads?limit=101"),
    "a page of x": list("/v1/threads?limit=x"),
    "neither archived nor not": list("/v1/threads?is_archived=maybe"),
    "threads of a name": list("/v1/threads?external_id=compared"),
    "threads behind one": list(`/v1/threads?after=${id}`),
    "messages of no thread": list("/v1/threads/thread_0nothing/messages"),
    "201 messages": list(`${messages}?limit=201`),
    "a format of no length": list(`${messages}?format=`),
    "no JSON": request(side, `POST ${messages}`, { ...key, "Content-Length": "0" }),
    "a body that is a list": append([]),
    "a message of no parent_id": append({ ...good, parent_id: undefined }),
    "a message of no format": append({ ...good, format: undefined }),
    "a format that is too long": append({ ...good, format: "x".repeat(256) }),
    "a content that is a list": append({ ...good, content: [] }),
    "a content that is too long": append({ ...good, content: { text: "x".repeat(1_048_577) } }),
    "a body that is too long": append({ ...good, more: "x".repeat(1_100_000) }),
    "a parent that is not there": append({ ...good, parent_id: "msg_0nothing" }),
    "a parent by a name that is not there": append({ ...good, parent_external_id: "nothing" }),
    "a parent that only the client knows": append({ ...good, parent_id: "local_1" }),
    "a message with a name": append({ ...good, external_id: "one" }),
    "the same once more": append({ ...good, external_id: "one", content: { role: "user", text: "changed" } }),
    "the same in another role": append({ ...good, external_id: "one", content: { role: "assistant" } }),
    "a message to no thread": request(side, "POST /v1/threads/thread_0nothing/messages", key, good),
    "no refresh token": refresh(undefined),
    "another kind of refresh token": refresh("refresh_1"),
    "a forged refresh token": refresh(tampered(await refreshToken(side))),
    "a refresh token in a long body": request(side, REFRESH, {}, { refresh_token: "x".repeat(5_000) }),
  };
}

/** The same for tokens of an identity provider. @param {Side} side @returns {Record<string, string>} */
function providerFaults(side) {
  const asked = (/** @type {string} */ token) => request(side, THREADS, { Authorization: `Bearer ${token}` });
  const claims = (/** @type {object} */ claims) => asked(side.provider.token("RS256", "user_1", { claims }));
  const now = Math.floor(Date.now() / 1_000);
  return {
    "an expired provider token": claims({ exp: now - 100 }),
    "a provider token without an end": claims({ exp: undefined }),
    "a provider token for others": claims({ aud: "elsewhere" }),
    "a provider token of nobody": claims({ sub: undefined }),
    "a provider token of tomorrow": claims({ nbf: now + 86_400 }),
    "a provider token of a visitor": claims({ sub: "usr_anon_0x" }),
  };
}

/**
 * Asserts that both sides refuse the same requests.
 *
 * @param {Side} ours
 * @param {Side} peer
 */
export async function compareFaults(ours, peer) {
  const [one, other] = await Promise.all([ours, peer].map(async (side) => ({
    ...(await faults(side, `compared_${peer.name}`)),
    ...providerFaults(side),
  })));
  // One after the other: some of them are about those before.
  for (const [about, text] of Object.entries(one)) await compare([ours, text], [peer, other[about]], about);
  return Object.keys(one).length;
}

/** The tables that a workspace's rows are in. */
const TABLES = "('threads', 'messages', 'refresh_family')";

/**
 * Asserts that both sides keep their rows in the same tables, under the same indexes.
 *
 * @param {Side} ours
 * @param {Side} peer
 */
export async function compareSchemas(ours, peer) {
  const { DatabaseSync } = await import("node:sqlite");
  const [one, other] = [ours, peer].map(({ worker }) => {
    // A workspace that only a session was kept in has no other table.
    const found = worker.databases().flatMap((path) => {
      const database = new DatabaseSync(path, { readOnly: true });
      try {
        return database.prepare(`SELECT name, sql FROM sqlite_master WHERE tbl_name IN ${TABLES}`).all();
      } finally {
        database.close();
      }
    });
    const plain = (/** @type {unknown} */ sql) => String(sql).replace(/\s+/g, "").replaceAll("IFNOTEXISTS", "");
    return [...new Set(found.map(({ name, sql }) => `${name}: ${plain(sql)}`))].sort();
  });
  assert.deepEqual(other, one, "the peer's tables are not ours");
}
