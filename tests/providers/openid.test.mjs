// @ts-check
/** A whole OpenID provider with keys that rotate, from discovery to the workspace. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { ProviderKey } from "../security/provider-key.mjs";
import { exchange } from "../security/provider.mjs";
import { decode } from "../worker/keys.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { chatWithBoth } from "./clouds.mjs";
import { API, signIn, startOpenIdProvider } from "./openid-provider.mjs";
import { Visitor } from "./visitor.mjs";

/** How long the Worker waits before it asks again for a key that it does not know, in milliseconds. */
const COOLDOWN = 30_000;

/** @param {string} origin @param {object} [changes] */
const rules = (origin, changes) => JSON.stringify([{ name: "openid", provider: "oidc", issuer: origin, audience: API, ...changes }]);

for (const algorithm of /** @type {const} */ (["RS256", "ES256", "PS256", "EdDSA"])) {
  describe(`an OpenID provider that signs with ${algorithm}`, () => {
    const first = new ProviderKey(algorithm);
    /** @type {Awaited<ReturnType<typeof startOpenIdProvider>>} */
    let provider;
    /** @type {import("../worker/workerd.mjs").Worker} */
    let worker;
    before(async () => {
      provider = await startOpenIdProvider(first);
      worker = await startWorker({ AUTH_RULES: rules(provider.origin) });
    });
    after(async () => {
      await worker?.close();
      await provider?.close();
    });

    it("is found by its issuer alone, and opens the person's workspace through both clients", async () => {
      const { access_token } = await signIn(provider, new Visitor(), "ada");
      assert.deepEqual(await chatWithBoth(worker, async () => access_token), ["ada"]);
      const { requests } = provider;
      assert.deepEqual([requests["/.well-known/openid-configuration"], requests["/jwks"]], [1, 1]);
    });

    it("signs ID tokens too, which open nothing", async () => {
      const { id_token } = await signIn(provider, new Visitor(), "ada");
      assert.equal((await exchange(worker, id_token)).status, 403);
    });

    it("says to whose organization somebody belongs", async () => {
      const other = await startWorker({ AUTH_RULES: rules(provider.origin, { workspace: "{org_id}" }) });
      const { access_token } = await signIn(provider, new Visitor(), "bob");
      const answer = await exchange(other, access_token);
      const { payload } = decode(String(answer.headers.get("Authorization")).replace("Bearer ", ""));
      assert.deepEqual([payload.sub, payload.workspace_id], ["bob", "org_1"]);
      await other.close();
    });
  });
}

describe("an OpenID provider whose keys rotate", () => {
  it("is asked once for the new key, and the removed one is refused when its time is over", async () => {
    const [first, second] = [new ProviderKey("ES256"), new ProviderKey("ES256")];
    const provider = await startOpenIdProvider(first);
    const worker = await startWorker({ AUTH_RULES: rules(provider.origin) });
    const before = (await signIn(provider, new Visitor(), "ada")).access_token;
    assert.equal((await exchange(worker, before)).status, 200);
    await wait(COOLDOWN + 500);

    provider.rotate(second, first);
    const between = (await signIn(provider, new Visitor(), "ada")).access_token;
    assert.equal(decode(between).header.kid, second.kid);
    const fetched = provider.requests["/jwks"];
    for (const token of [between, before, between]) assert.equal((await exchange(worker, token)).status, 200);
    assert.equal(provider.requests["/jwks"], fetched + 1);

    // The old key is gone: whoever asks anew, as another isolate does, does not know it any more.
    provider.rotate(second);
    await worker.restart();
    assert.equal((await exchange(worker, before)).status, 403);
    assert.equal((await exchange(worker, between)).status, 200);
    await worker.close();
    await provider.close();
  });
});
