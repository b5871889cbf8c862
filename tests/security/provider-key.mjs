// @ts-check
/** A provider's signing keys, of every algorithm, and tokens signed with them: well-formed ones and all others. */
import { constants, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";

import { segment } from "../worker/keys.mjs";

/** @typedef {"RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA"} Algorithm */

const curves = /** @type {const} */ ({ ES256: "P-256", ES384: "P-384" });

/** RSA keys take long to make; tests that do not look at the key share one per size. @type {Map<string, any>} */
const made = new Map();

/** @param {Algorithm} algorithm @param {number} bits @param {boolean} fresh @returns {import("node:crypto").KeyObject} */
function privateKey(algorithm, bits, fresh) {
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519").privateKey;
  if (algorithm === "ES256" || algorithm === "ES384") {
    return generateKeyPairSync("ec", { namedCurve: curves[algorithm] }).privateKey;
  }
  const known = fresh ? undefined : made.get(String(bits));
  const key = known ?? generateKeyPairSync("rsa", { modulusLength: bits }).privateKey;
  if (!fresh) made.set(String(bits), key);
  return key;
}

/**
 * A JWS signature of any algorithm with any key that can make it.
 *
 * @param {string} algorithm
 * @param {import("node:crypto").KeyObject} key
 * @param {string | Buffer} message
 */
export function signature(algorithm, key, message) {
  const hash = `sha${algorithm.slice(2)}`;
  const bytes = Buffer.from(message);
  switch (algorithm.slice(0, 2)) {
    case "RS":
      return sign(hash, bytes, key);
    case "PS":
      return sign(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(algorithm.slice(2)) / 8 });
    case "ES":
      return sign(hash, bytes, { key, dsaEncoding: "ieee-p1363" });
    default:
      return sign(null, bytes, key);
  }
}

/** A key pair of a provider, under a name. */
export class ProviderKey {
  /**
   * @param {Algorithm} algorithm
   * @param {{ kid?: string, bits?: number, fresh?: boolean, pem?: string }} [options] `bits` and `fresh` are for RSA
   */
  constructor(algorithm, { kid, bits = 2_048, fresh = false, pem } = {}) {
    this.algorithm = algorithm;
    this.kid = kid ?? randomBytes(12).toString("base64url");
    this.privateKey = pem ? createPrivateKey(pem) : privateKey(algorithm, bits, fresh);
    this.publicKey = createPublicKey(this.privateKey);
  }

  /** As providers publish it. @returns {Record<string, any>} */
  get jwk() {
    return { ...this.publicKey.export({ format: "jwk" }), kid: this.kid, alg: this.algorithm, use: "sig" };
  }

  /** As no provider may publish it. @returns {Record<string, any>} */
  get privateJwk() {
    return { ...this.privateKey.export({ format: "jwk" }), kid: this.kid, alg: this.algorithm, use: "sig" };
  }

  get header() {
    return { alg: this.algorithm, typ: "JWT", kid: this.kid };
  }

  /**
   * A token that says anything, with a signature that fits, whatever algorithm the header names.
   *
   * @param {object | string | Buffer} payload JSON as text or as a value
   * @param {object | string | Buffer} [header]
   */
  token(payload, header = this.header) {
    const signed = `${segment(header)}.${segment(payload)}`;
    return `${signed}.${this.sign(signed).toString("base64url")}`;
  }

  /** @param {string | Buffer} message */
  sign(message) {
    return signature(this.algorithm, this.privateKey, message);
  }
}

/**
 * A token signed with a shared secret.
 *
 * @param {object | string} payload
 * @param {string | Buffer} secret
 * @param {object} [header]
 */
export function sharedSecretToken(payload, secret, header = {}) {
  const named = { alg: "HS256", typ: "JWT", ...header };
  const hash = `sha${String(named.alg).slice(2)}`;
  const signed = `${segment(named)}.${segment(payload)}`;
  return `${signed}.${createHmac(/^sha(256|384|512)$/.test(hash) ? hash : "sha256", secret).update(signed).digest("base64url")}`;
}
