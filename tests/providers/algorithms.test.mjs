// @ts-check
/** Every algorithm that a rule can allow, in the runtime: a good token of each opens, and one with a bit flipped does not. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { KeyServer } from "../security/key-server.mjs";
import { ProviderKey, sharedSecretToken } from "../security/provider-key.mjs";
import { claims, exchange, rule } from "../security/provider.mjs";
import { startWorker } from "../worker/workerd.mjs";

/** @import { Algorithm } from "../security/provider-key.mjs" */

/** @type {Algorithm[]} */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];
const keys = algorithms.map((algorithm) => new ProviderKey(algorithm));
const secret = randomBytes(40).toString("base64");

/** Good tokens by the name of their algorithm. @type {Record<string, () => string>} */
const tokens = {
  ...Object.fromEntries(keys.map((key) => [key.algorithm, () => key.token(claims())])),
  Ed25519: () => keys[8].token(claims(), { ...keys[8].header, alg: "Ed25519" }),
  HS256: () => sharedSecretToken(claims(), secret),
};

describe("a token signed with", () => {
  /** @type {KeyServer} */
  let server;
  /** @type {import("../worker/workerd.mjs").Worker} */
  let worker;
  before(async () => {
    server = await KeyServer.start(...keys.map(({ jwk }) => jwk));
    const open = rule(server, { algorithms: [...algorithms, "HS256"], secret_variable: "ID_SECRET" });
    worker = await startWorker({ AUTH_RULES: JSON.stringify([open]), ID_SECRET: secret });
  });
  after(async () => {
    await worker?.close();
    await server?.close();
  });

  for (const [name, make] of Object.entries(tokens)) {
    it(`${name} is exchanged, and refused with another bit in it`, async () => {
      const token = make();
      const good = await exchange(worker, token);
      assert.equal(good.status, 200, good.text);
      const [header, payload, signature] = token.split(".");
      const bytes = Buffer.from(signature, "base64url");
      for (const place of [0, bytes.length >> 1, bytes.length - 1]) {
        const flipped = Buffer.from(bytes);
        flipped[place] ^= 1;
        const forged = `${header}.${payload}.${flipped.toString("base64url")}`;
        assert.equal((await exchange(worker, forged)).status, 403, `byte ${place}`);
      }
      const other = Buffer.from(JSON.stringify(claims({ sub: "user_2" }))).toString("base64url");
      assert.equal((await exchange(worker, `${header}.${other}.${signature}`)).status, 403, "another payload");
    });
  }
});
