// @ts-check
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { bearer } from "../worker/exchange.mjs";
import { KeyServer, bomb, breakOff, drip, endless, hang, json, status, text } from "./key-server.mjs";
import { ProviderKey } from "./provider-key.mjs";
import { AUDIENCE, ISSUER, Stage, claims, misconfigured, rule, seconds } from "./provider.mjs";
import { prove } from "./registry.mjs";

/** @import { Behavior } from "./key-server.mjs" */
/** @import { Evidence } from "./registry.mjs" */

/** How long the Worker waits for a provider, in milliseconds. */
const TIMEOUT = 5_000;
/** How long it leaves a provider alone that has failed, in milliseconds. */
const BACKOFF = 10_000;
/** How long before it asks again for a key that it does not know, in milliseconds. */
const COOLDOWN = 30_000;
/** The shortest time for which it keeps keys, in milliseconds. */
const SHORTEST = 60_000;

/**
 * A stage whose provider answers in this way from the start.
 *
 * @param {Behavior | undefined} behavior
 * @param {(stage: Stage) => Promise<void>} body
 */
async function withBehavior(behavior, body) {
  const stage = await Stage.open();
  stage.server.behavior = behavior;
  await body(stage);
  await stage.close();
}

/** A token that will not expire in the middle of a test. @param {Stage} stage @param {object} [changes] */
const lasting = (stage, changes) => stage.token({ exp: seconds() + 3_600, jti: randomBytes(8).toString("hex"), ...changes });

/** Asserts that a provider's trouble is passed on as passing. @param {Evidence} evidence @param {Stage} stage */
async function unavailable(evidence, stage) {
  const answer = evidence.answer(await stage.use(lasting(stage), true), 503);
  assert.match(String(answer.headers.get("Retry-After")), /^\d+$/);
}

describe("a provider's key set", { concurrency: 4 }, () => {
  it("is fetched for all who wait for it, also when the one who came first has left", async () => {
    const stage = await Stage.open({ faults: true });
    const use = async () => {
      const headers = { ...bearer(lasting(stage)), "X-Fault": "counted-work" };
      const response = await fetch(`${stage.worker.url}/v1/threads`, { headers });
      return [response.status, response.headers.get("X-Kept-Work")];
    };
    assert.deepEqual([await use(), await use()], [[200, "1"], [200, "0"]]);
    await stage.close();
  });

  prove(67, async (evidence) => {
    await withBehavior(undefined, async (stage) => {
      evidence.answer(await stage.use(lasting(stage)), 200);
      await stage.server.close();
      for (let time = 0; time < 5; time++) evidence.answer(await stage.use(lasting(stage)), 200);
    });
  });

  prove(68, async (evidence) => {
    const stage = await Stage.open();
    stage.server.behavior = json({ keys: [stage.key.jwk] }, { "Cache-Control": "max-age=0" });
    evidence.answer(await stage.use(lasting(stage)), 200);
    const { length } = stage.server.fetches;
    await wait(SHORTEST + 500);
    stage.server.behavior = breakOff;
    const start = Date.now();
    for (let time = 0; time < 30; time++) {
      evidence.answer(await stage.use(lasting(stage)), 200);
      await wait(100);
    }
    const elapsed = Date.now() - start;
    const retries = stage.server.fetches.length - length;
    assert.ok(retries >= 1 && retries <= 1 + Math.ceil(elapsed / BACKOFF), `${retries} fetches in ${elapsed} ms`);
    evidence.note("asked again in the background");
    await stage.close();
  });

  prove(69, async (evidence) => {
    await withBehavior(breakOff, async (stage) => {
      const start = Date.now();
      for (let time = 0; time < 20; time++) await unavailable(evidence, stage);
      assert.ok(Date.now() - start < BACKOFF, "the first try was long ago");
      assert.equal(stage.server.fetches.length, 1, "a provider in trouble is left alone");
      evidence.note("1 fetch");
      stage.server.behavior = undefined;
      await wait(BACKOFF + 500);
      evidence.answer(await stage.use(lasting(stage)), 200, "when it is back");
    });
    const stage = await Stage.open();
    await stage.server.close();
    await unavailable(evidence, stage);
    await stage.close();
  });

  prove(70, async (evidence) => {
    const headersOnly = /** @type {Behavior} */ ((response) => response.writeHead(200).write("{"));
    for (const behavior of [hang, drip, headersOnly]) {
      await withBehavior(behavior, async (stage) => {
        const start = Date.now();
        await unavailable(evidence, stage);
        const elapsed = Date.now() - start;
        assert.ok(elapsed > TIMEOUT - 500 && elapsed < TIMEOUT + 2_500, `${elapsed} ms`);
      });
    }
  });

  prove(71, async (evidence) => {
    for (const code of [301, 302, 307, 308]) {
      await withBehavior(undefined, async (stage) => {
        const other = await KeyServer.start(stage.key.jwk);
        stage.server.behavior = status(code, { Location: other.url });
        await unavailable(evidence, stage);
        assert.deepEqual(other.fetches, [], "the redirect was followed");
        await other.close();
      });
    }
    for (const code of [404, 500, 204, 401, 203, 206, 304]) {
      await withBehavior((response) => response.writeHead(code).end(), (stage) => unavailable(evidence, stage));
    }
    // The right body under another status is no answer either.
    await withBehavior(undefined, async (stage) => {
      stage.server.behavior = (response) => response.writeHead(500).end(JSON.stringify({ keys: [stage.key.jwk] }));
      await unavailable(evidence, stage);
    });
  });

  prove(72, async (evidence) => {
    const half = `{"keys":[{"kty":"EC"`;
    const bodies = ["{}", `{"keys":null}`, `{"keys":{}}`, `{"keys":"x"}`, `{"keys":[null]}`, "<!doctype html>", half, "", "[]", "null"];
    for (const body of bodies) await withBehavior(text(body), (stage) => unavailable(evidence, stage));
  });

  prove(72, async (evidence) => {
    const stage = await Stage.open();
    evidence.answer(await stage.use(lasting(stage)), 200);
    await wait(COOLDOWN + 500);
    const { length } = stage.server.fetches;
    stage.server.behavior = text("<!doctype html>");
    const stranger = new ProviderKey("ES256");
    evidence.answer(await stage.use(stranger.token(claims()), true), [403, 503], "a key that is not there");
    assert.equal(stage.server.fetches.length, length + 1);
    for (let time = 0; time < 3; time++) evidence.answer(await stage.use(lasting(stage)), 200);
    await stage.close();
  }, { part: "with good keys before" });

  prove(73, async (evidence) => {
    await withBehavior(endless(100_000_000), async (stage) => {
      const start = Date.now();
      await unavailable(evidence, stage);
      assert.ok(Date.now() - start < TIMEOUT, "it read on");
      await wait(300);
      assert.ok(stage.server.sent < 20_000_000, `${stage.server.sent} bytes went out`);
    });
    await withBehavior(bomb(100_000_000), (stage) => unavailable(evidence, stage));
    await withBehavior(undefined, async (stage) => {
      const many = (/** @type {number} */ count) => Array.from({ length: count }, () => ({ kty: "oct", k: "AA" }));
      stage.server.keys.push(...many(5_000));
      await unavailable(evidence, stage);
    });
    await withBehavior(undefined, async (stage) => {
      const others = Array.from({ length: 32 }, () => new ProviderKey("EdDSA").jwk);
      stage.server.keys.push(...others);
      await unavailable(evidence, stage);
    });
    await withBehavior(undefined, async (stage) => {
      const others = Array.from({ length: 31 }, () => new ProviderKey("EdDSA").jwk);
      stage.server.keys.push(...others);
      evidence.answer(await stage.use(lasting(stage)), 200, "32 keys");
    });
  });

  prove(74, async (evidence) => {
    const stage = await Stage.open();
    evidence.answer(await stage.use(lasting(stage)), 200);
    const before = stage.server.fetches.length;
    const start = Date.now();
    const stranger = new ProviderKey("ES256");
    const queue = Array.from({ length: 1_000 }, () => randomBytes(8).toString("hex"));
    const askers = Array.from({ length: 8 }, async () => {
      for (let kid = queue.pop(); kid !== undefined; kid = queue.pop()) {
        evidence.answer(await stage.use(stranger.token(claims(), { ...stranger.header, kid })), 403);
      }
    });
    await Promise.all(askers);
    const fetches = stage.server.fetches.length - before;
    const allowed = 1 + Math.floor((Date.now() - start) / COOLDOWN);
    assert.ok(fetches <= allowed, `${fetches} fetches in ${Date.now() - start} ms`);
    evidence.answer(await stage.use(lasting(stage)), 200);
    await stage.close();
  });

  prove(75, async (evidence) => {
    const stage = await Stage.open();
    evidence.answer(await stage.use(lasting(stage)), 200);
    await wait(COOLDOWN + 500);
    const { length } = stage.server.fetches;
    const next = new ProviderKey("ES256");
    stage.server.keys.push(next.jwk);
    for (let time = 0; time < 3; time++) evidence.answer(await stage.use(next.token(claims())), 200);
    assert.equal(stage.server.fetches.length, length + 1);
    evidence.note("1 fetch");
    evidence.answer(await stage.use(lasting(stage)), 200, "the old one is still there");
    await stage.close();
  });

  it("that comes slowly is not said to be without the key that it brings", async () => {
    const stage = await Stage.open();
    assert.equal((await stage.use(lasting(stage))).status, 200);
    const next = new ProviderKey("ES256");
    stage.server.behavior = async (response, request, number) => {
      await wait(2_500);
      json({ keys: [stage.key.jwk, next.jwk] })(response, request, number);
    };
    const { length } = stage.server.fetches;
    const answers = await Promise.all(Array.from({ length: 5 }, () => stage.use(next.token(claims({ exp: seconds() + 3_600 })), true)));
    const statuses = answers.map(({ status }) => status).sort();
    assert.ok(statuses.every((status) => status === 200 || status === 503), statuses.join(" "));
    assert.equal((await stage.use(next.token(claims()))).status, 200);
    assert.equal(stage.server.fetches.length, length + 1);
    await stage.close();
  });

  prove(76, async (evidence) => {
    const stage = await Stage.open();
    const next = new ProviderKey("ES256");
    stage.server.behavior = json({ keys: [stage.key.jwk] }, { "Cache-Control": "public, max-age=60" });
    evidence.answer(await stage.use(lasting(stage)), 200);
    stage.server.behavior = json({ keys: [next.jwk] }, { "Cache-Control": "public, max-age=60" });
    evidence.answer(await stage.use(lasting(stage)), 200, "for as long as the provider itself said");
    await wait(SHORTEST + 500);
    // A stale set may serve the request that finds it stale, while it is fetched anew.
    await stage.use(next.token(claims()));
    await wait(1_000);
    evidence.answer(await stage.use(lasting(stage)), 403);
    evidence.answer(await stage.use(next.token(claims())), 200);
    await stage.close();
  });

  prove(77, async (evidence) => {
    for (const value of ["max-age=0", "no-store", "max-age=-1", "max-age=99999999999999999999", "max-age=x", "max-age=31536000", ",,;=="]) {
      await withBehavior(undefined, async (stage) => {
        stage.server.behavior = json({ keys: [stage.key.jwk] }, { "Cache-Control": value });
        for (let time = 0; time < 10; time++) evidence.answer(await stage.use(lasting(stage)), 200, value);
        assert.equal(stage.server.fetches.length, 1, value);
      });
    }
    evidence.note("1 fetch each");
  });

  prove(78, async (evidence) => {
    const stage = await Stage.open();
    stage.server.behavior = async (response, request, number) => {
      await wait(700);
      json({ keys: [stage.key.jwk] })(response, request, number);
    };
    const leave = new AbortController();
    const first = fetch(`${stage.worker.url}/v1/threads`, { headers: bearer(lasting(stage)), signal: leave.signal });
    const left = assert.rejects(first, { name: "AbortError" });
    await wait(100);
    const others = Array.from({ length: 99 }, () => stage.use(lasting(stage)));
    await wait(300);
    leave.abort();
    await left;
    for (const answer of await Promise.all(others)) evidence.answer(answer, 200);
    evidence.answer(await stage.use(lasting(stage)), 200);
    await stage.close();
  });

  prove(79, async (evidence) => {
    const stage = await Stage.open();
    const next = new ProviderKey("ES256");
    stage.server.behavior = async (response, request, number) => {
      if (number === 1) await wait(2_000);
      json({ keys: number === 1 ? [stage.key.jwk] : [next.jwk] })(response, request, number);
    };
    const old = stage.use(lasting(stage));
    await wait(300);
    evidence.answer(await stage.use(next.token(claims())), 200);
    await old;
    const { length } = stage.server.fetches;
    for (let time = 0; time < 3; time++) evidence.answer(await stage.use(next.token(claims({ jti: String(time) }))), 200);
    assert.equal(stage.server.fetches.length, length, "the newer keys had to be fetched again");
    await stage.close();
  });

  prove(80, async (evidence) => {
    const addresses = [
      ...["http://id.example.com/jwks", "https://user:password@id.example.com/jwks", "https://user@id.example.com/jwks"],
      ...["https://10.0.0.1/jwks", "https://8.8.8.8/jwks", "https://127.1/jwks", "https://2130706433/jwks", "https://0x7f.1/jwks"],
      ...["https://0177.0.0.1/jwks", "https://[::1]/jwks", "https://[::ffff:127.0.0.1]/jwks", "https://[fd00::1]/jwks"],
      ...["https://localhost/jwks", "https://a.localhost/jwks", "https://metadata.google.internal/jwks", "https://nas.local/jwks"],
      ...["https://id.example.com:8443/jwks", "https://id.example.com:80/jwks", "https://cloud.example.com/jwks", "https://CLOUD.example.com/jwks"],
      ...["ftp://id.example.com/jwks", "file:///etc/passwd", "//id.example.com/jwks", "id.example.com", "https://", "https:///jwks"],
      ...["https://id.example.com\\@evil.test/jwks", "https://id.example.com#@evil.test", "https://router/jwks", "https://127.0.0.1.:443/jwks"],
      ...["https://localhost./jwks", "http://127.0.0.1:8080/jwks", "data:application/json,{}", "https://１２７.0.0.1/jwks"],
    ];
    for (const jwks_url of addresses) {
      const rules = [{ name: "id", provider: "custom", issuer: ISSUER, audience: "a", jwks_url }];
      await misconfigured(evidence, { ISSUER: "https://cloud.example.com", AUTH_RULES: JSON.stringify(rules) }, "jwks_url");
    }
  });

  prove(80, async (evidence) => {
    const directory = await KeyServer.start();
    const rules = (/** @type {KeyServer} */ server) => [
      rule(server),
      { name: "openid", provider: "oidc", issuer: directory.origin, audience: AUDIENCE },
    ];
    const inside = ["http://169.254.169.254/", "https://10.0.0.1/jwks", "https://metadata.internal/", "http://[::1]/", "file:///etc/passwd", "/jwks"];
    const documents = [
      ...inside.map((jwks_uri) => ({ issuer: directory.origin, jwks_uri })),
      { issuer: "https://another.example.com", jwks_uri: `${directory.origin}/jwks` },
      { issuer: `${directory.origin}/`, jwks_uri: `${directory.origin}/jwks` },
      { issuer: directory.origin },
    ];
    for (const document of documents) {
      const stage = await Stage.open({ rules });
      directory.keys = [stage.key.jwk];
      directory.behavior = (response, request, number) =>
        json(request.url === "/jwks" ? { keys: [stage.key.jwk] } : document)(response, request, number);
      directory.fetches = [];
      const start = Date.now();
      evidence.answer(await stage.use(lasting(stage, { iss: directory.origin }), true), 503, JSON.stringify(document));
      assert.deepEqual(directory.fetches, ["/.well-known/openid-configuration"]);
      assert.ok(Date.now() - start < 2_000, "it asked there");
      await stage.close();
    }
    const stage = await Stage.open({ rules });
    directory.behavior = (response, request, number) => {
      const document = { issuer: directory.origin, jwks_uri: `${directory.origin}/jwks` };
      json(request.url === "/jwks" ? { keys: [stage.key.jwk] } : document)(response, request, number);
    };
    evidence.control(await stage.use(lasting(stage, { iss: directory.origin })));
    await stage.close();
    await directory.close();
  }, { part: "in a discovery document" });

  prove(81, async (evidence) => {
    const stage = await Stage.open();
    const attacker = await KeyServer.start(new ProviderKey("ES256").jwk);
    for (const iss of [attacker.origin, attacker.url, `${attacker.origin}/`, "https://evil.test", ISSUER.replace("id", "evil")]) {
      evidence.answer(await stage.use(stage.token({ iss })), 403, iss);
    }
    assert.deepEqual([...attacker.fetches, ...stage.server.fetches], []);
    evidence.note("0 fetches");
    await attacker.close();
    await stage.close();
  });
});
