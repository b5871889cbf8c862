// @ts-check
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";

import { KeyServer } from "../security/key-server.mjs";
import { ProviderKey, sharedSecretToken } from "../security/provider-key.mjs";
import { exchange } from "../security/provider.mjs";
import { decode } from "../worker/keys.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { shapes } from "./shapes.mjs";

/** The workspace token that an answer hands out. @param {{ headers: Headers, status: number, text: string }} answer */
function handedOut({ headers, status, text }) {
  assert.equal(status, 200, text);
  return decode(String(headers.get("Authorization")).replace("Bearer ", "")).payload;
}

/** @param {Record<string, any>} claims @param {object} changes undefined takes one away */
const changed = (claims, changes) => ({ ...claims, ...changes });

for (const [name, { algorithm, rule, header, claims, refused, user, organization }] of Object.entries(shapes)) {
  describe(`a token of ${name}`, () => {
    /** @param {object} changes of the rule @param {(use: (changes: object, other?: ProviderKey) => ReturnType<typeof exchange>) => Promise<void>} body */
    async function withRule(changes, body) {
      const key = new ProviderKey(algorithm, { kid: "ins_2aQ" });
      const server = await KeyServer.start(key.jwk);
      const rules = [{ name, ...rule, jwks_url: server.url, ...changes }];
      const worker = await startWorker({ AUTH_RULES: JSON.stringify(rules) });
      await body((differences, other = key) => {
        const token = other.token(changed(claims(), differences), { ...other.header, ...header });
        return exchange(worker, token);
      });
      await server.close();
      await worker.close();
    }

    it("is exchanged for a workspace token of the person", async () => {
      await withRule({}, async (use) => {
        const own = handedOut(await use({}));
        assert.deepEqual([own.sub, own.workspace_id], [user, user]);
      });
    });

    it(`is refused ${Object.keys(refused).join(", ")}`, async () => {
      await withRule({}, async (use) => {
        for (const [about, differences] of Object.entries(refused)) {
          const { status, text } = await use(differences);
          assert.equal(status, 403, `${about}: ${text}`);
        }
        assert.equal((await use({ exp: Math.floor(Date.now() / 1_000) - 60 })).status, 401);
        const forger = new ProviderKey(algorithm, { kid: "ins_2aQ", fresh: true });
        assert.equal((await use({}, forger)).status, 403);
        assert.equal((await use({})).status, 200);
      });
    });

    if (organization) {
      it("opens its organization's workspace, where the rule says so, and none without one", async () => {
        await withRule({ workspace: organization.template }, async (use) => {
          assert.equal(handedOut(await use({})).workspace_id, organization.id);
          assert.equal((await use(organization.missing)).status, 403);
        });
      });
    }
  });
}

describe("a token of a Supabase project", () => {
  const { rule, claims, user } = shapes.supabase;

  it("is accepted with the older RS256 keys", async () => {
    const key = new ProviderKey("RS256");
    const server = await KeyServer.start(key.jwk);
    const worker = await startWorker({ AUTH_RULES: JSON.stringify([{ name: "supabase", ...rule, jwks_url: server.url }]) });
    assert.equal(handedOut(await exchange(worker, key.token(claims()))).sub, user);
    await server.close();
    await worker.close();
  });

  it("is accepted with the project's shared secret, and with no other", async () => {
    const secret = randomBytes(40).toString("base64");
    const rules = [{ name: "supabase", ...rule, secret_variable: "SUPABASE_JWT_SECRET" }];
    const worker = await startWorker({ AUTH_RULES: JSON.stringify(rules), SUPABASE_JWT_SECRET: secret });
    assert.equal(handedOut(await exchange(worker, sharedSecretToken(claims(), secret))).sub, user);
    const bytes = Buffer.from(secret, "base64");
    for (const other of [randomBytes(40).toString("base64"), "", secret.slice(0, -1), `${secret} `, bytes]) {
      assert.equal((await exchange(worker, sharedSecretToken(claims(), other))).status, 403);
    }
    for (const alg of ["HS384", "HS512", "none", "ES256"]) {
      assert.equal((await exchange(worker, sharedSecretToken(claims(), secret, { alg }))).status, 403, alg);
    }
    for (const differences of Object.values(shapes.supabase.refused)) {
      assert.equal((await exchange(worker, sharedSecretToken(changed(claims(), differences), secret))).status, 403);
    }
    await worker.close();
  });
});
