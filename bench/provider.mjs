// @ts-check
/** An identity provider: three keys, their public halves at an address, and the tokens that it signs. */
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { segment } from "../tests/worker/keys.mjs";

/** @typedef {"RS256" | "ES256" | "EdDSA"} Algorithm */

export const ISSUER = "https://idp.example";
export const AUDIENCE = "bench";

export class Provider {
  static async start() {
    const provider = new Provider();
    await once(provider.server.listen(0, "127.0.0.1"), "listening");
    return provider;
  }

  constructor() {
    /** @type {Record<Algorithm, import("node:crypto").KeyPairKeyObjectResult>} */
    this.keys = {
      RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
      ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
      EdDSA: generateKeyPairSync("ed25519"),
    };
    const keys = Object.entries(this.keys).map(([alg, { publicKey }]) => ({
      ...publicKey.export({ format: "jwk" }),
      ...{ alg, use: "sig", kid: `${alg}-1` },
    }));
    const document = JSON.stringify({ keys });
    this.server = createServer((_, response) => response.setHeader("Content-Type", "application/json").end(document));
  }

  /** By which a Worker accepts its tokens. */
  get rule() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.server.address());
    return {
      name: "bench",
      provider: "custom",
      issuer: ISSUER,
      jwks_url: `http://localhost:${port}/jwks`,
      audience: AUDIENCE,
      algorithms: Object.keys(this.keys),
    };
  }

  /**
   * A token with the claims that such tokens have.
   *
   * @param {Algorithm} alg
   * @param {string} sub
   * @param {{ kid?: string, claims?: object, forged?: boolean }} [fault]
   */
  token(alg, sub, { kid = `${alg}-1`, claims, forged = false } = {}) {
    const now = Math.floor(Date.now() / 1_000);
    const person = { sub, email: `${sub}@example.com`, name: "A User" };
    const payload = { iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 3_600, jti: randomUUID(), ...person, ...claims };
    const signed = `${segment({ alg, kid, typ: "JWT" })}.${segment(payload)}`;
    const key = { key: this.keys[alg].privateKey, dsaEncoding: /** @type {const} */ ("ieee-p1363") };
    const signature = sign(alg === "EdDSA" ? null : "sha256", Buffer.from(signed), key);
    if (forged) signature[signature.length >> 1] ^= 1;
    return `${signed}.${signature.toString("base64url")}`;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
