// @ts-check
/** `assistant-cloud-edge/server`: who sends a request. */
import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { beforeEach, describe, mock, test } from "node:test";
import { base64url } from "jose";
import { CloudConfigError, CloudUnavailableError, authenticate } from "../../pkg/server.js";
import { Issuer, bearing, newKey } from "./issuer.mjs";

/** @type {Issuer} */
let issuer;
beforeEach(async () => void (issuer = await Issuer.start()));

const alice = { userId: "alice", workspaceId: "team_1", projectId: "proj_0test", anonymous: false };
const encode = (/** @type {unknown} */ part) => base64url.encode(JSON.stringify(part));
const unavailable = (/** @type {unknown} */ error) =>
  error instanceof CloudUnavailableError && error.status === 503 && error.code === "ERR_KEYS_UNAVAILABLE";

describe("admits", () => {
  test("the bearer of a token that is good", async () => {
    assert.deepEqual(await authenticate(bearing(await issuer.token()), issuer.options()), alice);
  });

  test("a visitor, who is told from a user", async () => {
    const id = "usr_anon_0123456789abcdefghijkl";
    const caller = await authenticate(bearing(await issuer.token({ claims: { sub: id, workspace_id: id } })), issuer.options());
    assert.deepEqual(caller, { ...alice, userId: id, workspaceId: id, anonymous: true });
  });

  test("whatever kind of request it is in", async () => {
    const authorization = `Bearer ${await issuer.token()}`;
    const incoming = new IncomingMessage(new Socket());
    incoming.headers.authorization = authorization;
    const headers = new Headers({ authorization });
    for (const request of [incoming, headers, { headers }, { headers: { authorization } }, { authorization }]) {
      assert.deepEqual(await authenticate(request, issuer.options()), alice);
    }
    assert.equal(issuer.asked, 1);
  });

  test("for the issuer, audience and address that are configured", async () => {
    const token = await issuer.token({ claims: { iss: "https://cloud.test", aud: "app" } });
    const options = issuer.options({ issuer: "https://cloud.test", audience: "app", baseUrl: `${issuer.url}/` });
    assert.deepEqual(await authenticate(bearing(token), options), alice);
  });
});

describe("refuses", () => {
  const refused = async (/** @type {any} */ request, options = issuer.options()) =>
    assert.equal(await authenticate(request, options), null);

  test("a request without a token, and asks nobody about it", async () => {
    for (const headers of [{}, { authorization: "" }, { authorization: "Bearer" }, { authorization: "Basic YTpi" },
      { authorization: "Bearer sk_aui_proj_0test_abc" }, { authorization: "Bearer opaque" }, { authorization: "Bearer a.b.c" },
      { authorization: `Bearer ${"a".repeat(9_000)}.b.c` }]) await refused({ headers });
    await refused({ headers: { authorization: ["Bearer a", "Bearer b"] } });
    assert.equal(issuer.asked, 0);
  });

  test("a token before and after its time", async () => {
    const now = Math.floor(Date.now() / 1000);
    await refused(bearing(await issuer.token({ now: now - 301 })));
    await refused(bearing(await issuer.token({ now: now + 60 })));
    const late = bearing(await issuer.token({ now: now - 305 }));
    assert.deepEqual(await authenticate(late, issuer.options({ clockTolerance: 10 })), alice);
  });

  test("a token that was remembered, once its time is over", async () => {
    const token = bearing(await issuer.token());
    assert.deepEqual(await authenticate(token, issuer.options()), alice);
    mock.timers.enable({ apis: ["Date"], now: Date.now() + 301_000 });
    try {
      await refused(token);
    } finally {
      mock.timers.reset();
    }
  });

  test("a token of another issuer, audience or project", async () => {
    for (const claims of [{ iss: "https://other.test" }, { aud: "https://other.test" }, { project_id: "proj_0other" },
      { aud: [issuer.url] }, { sub: "" }, { workspace_id: undefined }, { exp: undefined }, { exp: "4102444800" }]) {
      await refused(bearing(await issuer.token({ claims })));
    }
  });

  test("a token that was changed in any of its parts", async () => {
    const token = await issuer.token();
    const [header, payload, signature] = token.split(".");
    const claims = { ...JSON.parse(new TextDecoder().decode(base64url.decode(payload))), sub: "mallory" };
    const none = encode({ alg: "none", typ: "aui+jwt", kid: issuer.keys[0].id });
    for (const forged of [
      [header, encode(claims), signature], [none, payload, ""], [none, payload, signature], [header, payload, ""],
      [header, payload, `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`], [header, payload, signature.slice(0, -4)],
      [header, payload, `${signature}AAAA`], [header, payload], [header, payload, signature, ""],
    ]) await refused(bearing(forged.join(".")));
  });

  test("a header that the server never writes", async () => {
    for (const header of [{ typ: "JWT" }, { typ: undefined }, { kid: undefined }, { jwk: issuer.keys[0].jwk }, { jku: issuer.url }]) {
      await refused(bearing(await issuer.token({ header })));
    }
  });

  test("a token that another key has signed in the name of a known one", async () => {
    const other = await newKey();
    await refused(bearing(await issuer.token({ key: { ...other, id: issuer.keys[0].id } })));
  });
});

describe("the keys", () => {
  test("are asked for once, however many requests come first", async () => {
    const requests = await Promise.all(Array.from({ length: 20 }, (_, number) => issuer.token({ claims: { sub: `user_${number}` } })));
    const callers = await Promise.all(requests.map((token) => authenticate(bearing(token), issuer.options())));
    assert.deepEqual(callers.map((caller) => caller?.userId), requests.map((_, number) => `user_${number}`));
    assert.equal(issuer.asked, 1);
  });

  test("are asked for again when a token names a new one, once in 30 s", async () => {
    assert.deepEqual(await authenticate(bearing(await issuer.token()), issuer.options()), alice);
    const unknown = await newKey();
    for (let turn = 0; turn < 3; turn++) {
      assert.equal(await authenticate(bearing(await issuer.token({ key: unknown })), issuer.options()), null);
    }
    assert.equal(issuer.asked, 2);
  });

  test("rotate without a refusal", async () => {
    const [old] = issuer.keys;
    assert.deepEqual(await authenticate(bearing(await issuer.token()), issuer.options()), alice);
    issuer.keys = [await newKey(), old];
    for (const key of issuer.keys) {
      assert.deepEqual(await authenticate(bearing(await issuer.token({ key })), issuer.options()), alice);
    }
    assert.equal(issuer.asked, 2);
  });

  test("serve on while the server is down", async () => {
    assert.deepEqual(await authenticate(bearing(await issuer.token()), issuer.options()), alice);
    issuer.answer = (response) => void response.destroy();
    const now = Date.now() + 3_600_000;
    mock.timers.enable({ apis: ["Date"], now });
    try {
      const requests = await Promise.all(["alice", "bob"].map((sub) => issuer.token({ claims: { sub } })));
      // The first one asks in vain, and both are served.
      for (const token of requests) assert.ok(await authenticate(bearing(token), issuer.options()));
    } finally {
      mock.timers.reset();
    }
  });

  for (const [name, answer] of /** @type {[string, Issuer["answer"]][]} */ ([
    ["breaks off", (response) => void response.destroy()],
    ["is in trouble", (response) => void response.writeHead(500).end(`{"keys":[]}`)],
    ["has lost them", (response) => void response.writeHead(404).end()],
    ["is behind a page that wants a login", (response) => void response.writeHead(200).end("<html>")],
    ["sends elsewhere", (response) => void response.writeHead(302, { Location: "/.well-known/jwks.json" }).end()],
    ["does not stop", (response) => void response.writeHead(200).end(`{"keys":[],"x":"${"x".repeat(70_000)}"}`)],
    ["answers nothing", (response) => void response.writeHead(200).end()],
  ])) {
    test(`say nothing of a token while the server ${name}`, async () => {
      const usual = issuer.answer;
      issuer.answer = answer;
      const request = bearing(await issuer.token());
      await assert.rejects(authenticate(request, issuer.options()), unavailable);
      // The server is left alone for a while.
      await assert.rejects(authenticate(request, issuer.options()), unavailable);
      assert.equal(issuer.asked, 1);
      issuer.answer = usual;
      mock.timers.enable({ apis: ["Date"], now: Date.now() + 11_000 });
      try {
        assert.deepEqual(await authenticate(request, issuer.options()), alice);
      } finally {
        mock.timers.reset();
      }
    });
  }

  test("are not waited for longer than 5 s", async () => {
    issuer.answer = (response) => void response.writeHead(200).write(`{"keys":`);
    const request = bearing(await issuer.token());
    const started = performance.now();
    await assert.rejects(authenticate(request, issuer.options()), unavailable);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 4.5 && seconds < 8, `${seconds} s`);
  });

  test("come by a fetch of the app's own", async () => {
    /** @type {unknown[]} */
    const asked = [];
    const fetch = /** @type {typeof globalThis.fetch} */ (async (url, init) => {
      asked.push([url, init?.redirect, init?.signal instanceof AbortSignal]);
      return Response.json({ keys: issuer.keys.map(({ jwk }) => jwk) });
    });
    assert.deepEqual(await authenticate(bearing(await issuer.token()), issuer.options({ fetch })), alice);
    assert.deepEqual(asked, [[`${issuer.url}/.well-known/jwks.json`, "manual", true]]);
    assert.equal(issuer.asked, 0);
  });

  test("that are secret, or no keys for signatures, or of another kind, verify nothing", async () => {
    const [{ jwk }] = issuer.keys;
    for (const changes of [{ d: jwk.x }, { use: "enc" }, { crv: "X25519" }, { alg: "ES256" }, { x: "AAAA" }]) {
      const fresh = await Issuer.start();
      fresh.keys = [{ ...issuer.keys[0], jwk: { ...jwk, ...changes } }];
      assert.equal(await authenticate(bearing(await fresh.token()), fresh.options()), null, JSON.stringify(changes));
    }
  });
});

describe("a signature", () => {
  test("is checked once for each token", async (context) => {
    const verify = context.mock.method(crypto.subtle, "verify");
    const request = bearing(await issuer.token());
    for (let turn = 0; turn < 3; turn++) assert.deepEqual(await authenticate(request, issuer.options()), alice);
    assert.equal(verify.mock.callCount(), 1);
  });

  test("that this runtime cannot check says nothing of the token", async (context) => {
    context.mock.method(crypto.subtle, "verify", async () => Promise.reject(new Error("out of order")));
    await assert.rejects(authenticate(bearing(await issuer.token()), issuer.options()), unavailable);
    context.mock.restoreAll();
    assert.deepEqual(await authenticate(bearing(await issuer.token()), issuer.options()), alice);
  });
});

test("options that cannot work are an error, not a refusal", async () => {
  const request = bearing("a.b.c");
  for (const [options, code] of /** @type {[any, string][]} */ ([
    [undefined, "ERR_MISSING_BASE_URL"],
    [{ projectId: "p" }, "ERR_MISSING_BASE_URL"],
    [{ baseUrl: "cloud.test", projectId: "p" }, "ERR_INVALID_BASE_URL"],
    [{ baseUrl: "http://cloud.test", projectId: "p" }, "ERR_INVALID_BASE_URL"],
    [{ baseUrl: "http://127.cloud.test", projectId: "p" }, "ERR_INVALID_BASE_URL"],
    [{ baseUrl: "https://cloud.test" }, "ERR_INVALID_CONFIG"],
    [{ baseUrl: "https://cloud.test", projectId: "" }, "ERR_INVALID_CONFIG"],
    [{ baseUrl: "https://cloud.test/prefix", projectId: "p" }, "ERR_INVALID_CONFIG"],
    [{ baseUrl: "https://cloud.test", projectId: "p", audience: "" }, "ERR_INVALID_CONFIG"],
    [{ baseUrl: "https://cloud.test", projectId: "p", clockTolerance: 1.5 }, "ERR_INVALID_CONFIG"],
    [{ baseUrl: "https://cloud.test", projectId: "p", clockTolerance: -1 }, "ERR_INVALID_CONFIG"],
    [{ baseUrl: "https://cloud.test", projectId: "p", clockTolerance: 3_600 }, "ERR_INVALID_CONFIG"],
  ])) {
    await assert.rejects(authenticate(request, options), (error) => error instanceof CloudConfigError && error.code === code);
  }
});
