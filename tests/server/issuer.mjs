// @ts-check
/** A server of tokens, made with another library than ours, which can be had in any state. */
import { once } from "node:events";
import { createServer } from "node:http";
import { SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

export const projectId = "proj_0test";

/** @typedef {{ id: string, jwk: import("jose").JWK, secret: import("jose").CryptoKey }} Key */

/** @returns {Promise<Key>} */
export async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(jwk);
  return { id, jwk: { ...jwk, alg: "EdDSA", use: "sig", kid: id }, secret: privateKey };
}

export class Issuer {
  /** The keys that it publishes. @type {Key[]} */
  keys = [];
  /** How often they have been asked for. */
  asked = 0;
  /** What it does when it is. @type {(response: import("node:http").ServerResponse) => void} */
  answer = (response) =>
    void response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) }));
  url = "";

  static async start() {
    const issuer = new Issuer();
    const server = createServer((request, response) => {
      if (request.url === "/.well-known/jwks.json") issuer.asked++;
      issuer.answer(response);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    // It ends with the tests.
    server.unref();
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    issuer.url = `http://localhost:${port}`;
    issuer.keys = [await newKey()];
    return issuer;
  }

  /** What the app is told. @param {object} [changes] */
  options(changes) {
    return { baseUrl: this.url, projectId, ...changes };
  }

  /**
   * A token as the Worker makes them, but for what is changed.
   *
   * @param {{ claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: Key, now?: number }} [changes] `now` in seconds
   */
  token({ claims = {}, header = {}, key = this.keys[0], now = Math.floor(Date.now() / 1000) } = {}) {
    const usual = {
      iss: this.url, aud: this.url, project_id: projectId, sub: "alice", workspace_id: "team_1",
      iat: now, nbf: now - 10, exp: now + 300, jti: "a".repeat(22),
    };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: "EdDSA", typ: "aui+jwt", kid: key.id, ...header })
      .sign(key.secret);
  }
}

/** @param {string} token */
export const bearing = (token) => new Request("https://app.test/api/chat", { headers: { Authorization: `Bearer ${token}` } });
