// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";

import { ask, backend, bearer, createThread, getThread, listMessages, listThreads, mint, visit } from "../worker/exchange.mjs";
import { Signer, apiKeyChecksum, decode, newApiKey, newKey } from "../worker/keys.mjs";
import { request, send } from "../worker/wire.mjs";
import { PROJECT_ID } from "../worker/workerd.mjs";
import { Stage, misconfigured, rule } from "./provider.mjs";
import { prove } from "./registry.mjs";

/** @import { Worker } from "../worker/workerd.mjs" */

const JWKS = "/.well-known/jwks.json";

/** @type {Stage} */
let stage;
/** @type {Worker} */
let worker;
before(async () => {
  stage = await Stage.open();
  worker = stage.worker;
});
after(() => stage?.close());

/** @param {string} token */
const use = (token) => ask(worker, "GET /v1/threads", { headers: bearer(token) });

/** @param {{ status: number, text: string }} answer read off the wire */
const read = ({ status, text }) => ({ status, text, body: JSON.parse(text) });

prove(82, async (evidence) => {
  const { signer } = stage;
  evidence.control(await use(signer.token(stage.ownClaims())));
  for (const project_id of ["proj_other", "", PROJECT_ID.toUpperCase(), `${PROJECT_ID} `, undefined, [PROJECT_ID]]) {
    evidence.answer(await use(signer.token(stage.ownClaims({ project_id }))), 403);
  }
  // Two projects with the same keys, issuer and storage.
  const token = await mint(worker);
  const visitor = await visit(worker);
  const id = await createThread(worker, bearer(token));
  await worker.restart({ PROJECT_ID: "proj_other" });
  for (const foreign of [token, visitor.access_token]) evidence.answer(await use(foreign), 403);
  const json = { refresh_token: visitor.refresh_token.token };
  evidence.answer(await ask(worker, "POST /v1/auth/tokens/refresh", { json }), 403);
  await worker.restart({ PROJECT_ID });
  assert.equal((await getThread(worker, bearer(token), id)).id, id);
});

prove(83, async (evidence) => {
  const { server } = stage;
  for (const issuer of ["https://cloud.example.com", "https://cloud.example.com/"]) {
    const rules = [rule(server, { issuer, jwks_url: "https://id.example.com/jwks" })];
    await misconfigured(evidence, { ISSUER: "https://cloud.example.com", AUTH_RULES: JSON.stringify(rules) }, "issuer");
  }
});

prove(84, async (evidence) => {
  const tokens = [await mint(worker), (await visit(worker)).access_token, stage.token(), stage.signer.token(stage.ownClaims())];
  for (const token of [...tokens, "a.b.c"]) {
    const headers = { ...bearer(token), "Aui-Workspace-Id": "workspace_1" };
    evidence.answer(await ask(worker, "POST /v1/auth/tokens", { headers }), 403);
  }
});

prove(85, async (evidence) => {
  const handedOut = String((await stage.use(stage.token())).headers.get("Authorization")).replace("Bearer ", "");
  for (const token of [await mint(worker), (await visit(worker)).access_token, handedOut]) {
    // `ask` looks for an Authorization header in every answer.
    for (let time = 0; time < 3; time++) evidence.answer(await use(token), 200);
  }
  const refusal = await ask(worker, "GET /v1/threads/nothing", { headers: bearer(stage.token()), provider: true });
  evidence.answer(refusal, 404);
});

prove(86, async (evidence) => {
  for (const host of ["evil.test", "localhost:1", "evil.test\r\nX-Forwarded-Host: evil.test\r\nForwarded: host=evil.test"]) {
    const headers = { ...backend(worker), Host: host, "Content-Length": "0" };
    const minted = evidence.answer(read(await send(worker, request("POST /v1/auth/tokens", headers))), 200);
    assert.equal(decode(minted.body.token).payload.iss, worker.url);
    const anonymous = read(await send(worker, request("POST /v1/auth/tokens/anonymous", { Host: host, "Content-Length": "0" })));
    assert.equal(decode(anonymous.body.access_token).payload.iss, worker.url);
    const exchanged = await send(worker, request("GET /v1/threads", { ...bearer(stage.token()), Host: host }));
    const token = String(exchanged.headers.get("Authorization")).replace("Bearer ", "");
    assert.equal(decode(token).payload.iss, worker.url);
    const discovery = read(await send(worker, request("GET /.well-known/openid-configuration", { Host: host })));
    assert.equal(discovery.body.issuer, worker.url);
  }
});

prove(87, async (evidence) => {
  const first = String(worker.variables.SIGNING_KEY);
  const [second, third] = [newKey(), newKey()];
  const token = await mint(worker);
  await worker.restart({ SIGNING_KEY: second, SIGNING_KEY_PREVIOUS: first });
  evidence.answer(await use(token), 200);
  const next = await mint(worker);
  assert.equal(decode(next).header.kid, new Signer(second).kid);
  const { body } = await ask(worker, `GET ${JWKS}`);
  assert.deepEqual(body.keys.map((/** @type {any} */ key) => key.kid), [second, first].map((seed) => new Signer(seed).kid));
  for (const each of [token, next]) await jwtVerify(each, createRemoteJWKSet(new URL(worker.url + JWKS)));
  // Each key signs in its own name only.
  evidence.answer(await use(new Signer(first).token(stage.ownClaims(), new Signer(second).header)), 403);
  evidence.answer(await use(new Signer(second).token(stage.ownClaims(), new Signer(first).header)), 403);
  evidence.answer(await use(new Signer(third).token(stage.ownClaims())), 403);
  await worker.restart({ SIGNING_KEY: third, SIGNING_KEY_PREVIOUS: second });
  evidence.answer(await use(token), 403);
  evidence.answer(await use(next), 200);
  // A key that was stolen can be taken away at once.
  await worker.restart({ SIGNING_KEY: third, SIGNING_KEY_PREVIOUS: undefined });
  evidence.answer(await use(next), 403);
  await worker.restart({ SIGNING_KEY: first });
});

prove(88, async (evidence) => {
  await worker.restart({ SIGNING_KEY_PREVIOUS: newKey() });
  const full = evidence.answer(await ask(worker, `GET ${JWKS}`, { headers: { Origin: "https://anything.test" } }), 200);
  assert.equal(full.body.keys.length, 2);
  for (const key of full.body.keys) assert.deepEqual(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x"]);
  assert.equal(full.headers.get("Cache-Control"), "public, max-age=600");
  assert.equal(full.headers.get("Access-Control-Allow-Origin"), "https://anything.test");
  const head = evidence.answer(await ask(worker, `HEAD ${JWKS}`), 200);
  for (const name of ["ETag", "Cache-Control", "Content-Type"]) assert.equal(head.headers.get(name), full.headers.get(name));
  const tag = String(full.headers.get("ETag"));
  assert.equal(tag, `"${createHash("sha256").update(full.text).digest("hex")}"`);
  const known = evidence.answer(await ask(worker, `GET ${JWKS}`, { headers: { "If-None-Match": tag } }), 304);
  assert.equal(known.text, "");
  await worker.restart({ SIGNING_KEY_PREVIOUS: undefined });
});

prove(89, async (evidence) => {
  const [owner, stranger] = [bearer(await mint(worker, "owner")), bearer(await mint(worker, "stranger"))];
  const id = await createThread(worker, owner, { title: "Secret" });
  const imagined = `${id.slice(0, -1)}${id.endsWith("x") ? "y" : "x"}`;
  for (const [method, json] of /** @type {const} */ ([["GET"], ["PUT", { title: "Mine" }], ["DELETE"]])) {
    const [real, none] = await Promise.all(
      [id, imagined].map((name) => ask(worker, `${method} /v1/threads/${name}`, { headers: stranger, json })),
    );
    evidence.answer(real, 404);
    assert.equal(real.text, none.text);
  }
  assert.deepEqual(await listMessages(worker, stranger, id), []);
  assert.deepEqual(await listThreads(worker, stranger), []);
  assert.equal((await getThread(worker, owner, id)).title, "Secret");
});

prove(90, async (evidence) => {
  const id = await createThread(worker, backend(worker, "workspace_own"));
  const victim = await createThread(worker, backend(worker, "victim"));
  const token = await mint(worker, "workspace_own", "user_1");
  for (const spoof of ["victim", "usr_anon_0", "", "a b"]) {
    const headers = { ...bearer(token), "Aui-Workspace-Id": spoof, "Aui-User-Id": spoof };
    assert.equal((await getThread(worker, headers, id)).workspace_id, "workspace_own");
    evidence.answer(await ask(worker, `GET /v1/threads/${victim}`, { headers }), 404);
    const foreign = { ...bearer(stage.token()), "Aui-Workspace-Id": spoof, "Aui-User-Id": spoof };
    evidence.answer(await ask(worker, `GET /v1/threads/${victim}`, { headers: foreign, provider: true }), 404);
  }
});

prove(91, async (evidence) => {
  const good = newApiKey(PROJECT_ID);
  const expired = newApiKey(PROJECT_ID, new Date(Date.now() - 1_000).toISOString());
  await worker.restart({ API_KEYS: JSON.stringify([good.entry, expired.entry]) });
  const keyed = (/** @type {string} */ key) =>
    ask(worker, "POST /v1/auth/tokens", { headers: { ...bearer(key), "Aui-Workspace-Id": "workspace_1" } });
  evidence.control(await keyed(good.text));
  const mistyped = [...good.text].flatMap((letter, index) =>
    index < "sk_aui_".length ? [] : [good.text.slice(0, index) + (letter === "x" ? "y" : "x") + good.text.slice(index + 1)],
  );
  const otherVersion = `sk_aui_${PROJECT_ID}_1${"x".repeat(43)}`;
  for (const key of [...mistyped, `${good.text}x`, good.text.slice(0, -1), otherVersion + apiKeyChecksum(otherVersion), "sk_aui_"]) {
    const answer = evidence.answer(await keyed(key), 403, key);
    assert.equal(answer.body.error, "Invalid API key format", key);
  }
  const unknown = [expired.text, newApiKey(PROJECT_ID).text, newApiKey("proj_other").text];
  for (const key of unknown) {
    const answer = evidence.answer(await keyed(key), 403, key);
    assert.equal(answer.body.error, "Unknown or expired API key");
  }
  await worker.restart({ API_KEYS: JSON.stringify([expired.entry]) });
  evidence.answer(await keyed(good.text), 403, "revoked");
  await worker.restart({ API_KEYS: JSON.stringify([good.entry]) });
  worker.apiKey = good.text;
});

prove(92, async (evidence) => {
  const key = worker.apiKey;
  for (const name of ["authorization", "api_key", "access_token", "token"]) {
    const headers = { "Aui-Workspace-Id": "workspace_1" };
    evidence.answer(await ask(worker, `POST /v1/auth/tokens?${name}=Bearer%20${key}`, { headers }), 401);
    evidence.answer(await ask(worker, `GET /v1/threads?${name}=${key}`, { headers }), 401);
    evidence.answer(await ask(worker, "POST /v1/auth/tokens", { headers, json: { [name]: key } }), 401);
  }
  const headers = { "Aui-Workspace-Id": "workspace_1", "X-Api-Key": key, Cookie: `Authorization=Bearer ${key}` };
  evidence.answer(await ask(worker, "POST /v1/auth/tokens", { headers }), 401);
});

prove(93, async (evidence) => {
  const bad = ["", "x".repeat(256), "a b", "a\tb", "a\x01b", "a\x7fb", "\xc3\xa9", "\xff", "a\xc2\xa0b", "usr_anon_0", "usr_anon_", "a, b"];
  for (const name of ["Aui-User-Id", "Aui-Workspace-Id"]) {
    for (const value of bad) {
      const headers = { ...backend(worker, "workspace_1", "user_1"), [name]: value, "Content-Length": "0" };
      for (const line of ["POST /v1/auth/tokens", "GET /v1/threads"]) {
        const answer = evidence.answer(read(await send(worker, request(line, headers))), 403, JSON.stringify(value));
        assert.equal(answer.body.error, `Invalid ${name} header`);
      }
    }
  }
  evidence.answer(await ask(worker, "POST /v1/auth/tokens", { headers: bearer(worker.apiKey) }), 403, "no workspace");
});

prove(94, async (evidence) => {
  const headers = backend(worker);
  for (const body of [null, ""]) evidence.answer(await ask(worker, "POST /v1/auth/tokens", { headers, body }), 200);
  for (const type of ["", "text/plain", "application/json; charset=", "multipart/form-data", "\\", "a".repeat(2_000)]) {
    const typed = { ...headers, "Content-Type": type };
    evidence.answer(await ask(worker, "POST /v1/auth/tokens", { headers: typed }), 200, type);
  }
});
