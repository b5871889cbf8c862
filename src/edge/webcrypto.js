// @ts-check
/** The runtime's WebCrypto, as `webcrypto.rs` asks for it. */

/** @param {number} bits */
const pkcs1 = (bits) => ({ name: "RSASSA-PKCS1-v1_5", hash: `SHA-${bits}` });
/** @param {number} bits */
const pss = (bits) => ({ name: "RSA-PSS", hash: `SHA-${bits}`, saltLength: bits / 8 });
/** @param {number} bits */
const ecdsa = (bits) => ({ name: "ECDSA", hash: `SHA-${bits}`, namedCurve: `P-${bits}` });

/** What WebCrypto calls the algorithms of RFC 7518, both when a key is imported and when it verifies. */
const parameters = {
  RS256: pkcs1(256),
  RS384: pkcs1(384),
  RS512: pkcs1(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256),
  ES384: ecdsa(384),
  EdDSA: { name: "Ed25519" },
};

/** @typedef {{ algorithm: { name: string }, key: CryptoKey }} Verifier */

/**
 * @param {keyof typeof parameters} name
 * @param {string} jwk
 * @returns {Promise<Verifier>}
 */
export async function importVerifier(name, jwk) {
  const algorithm = parameters[name];
  return { algorithm, key: await crypto.subtle.importKey("jwk", JSON.parse(jwk), algorithm, false, ["verify"]) };
}

/**
 * @param {Verifier} verifier
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} message
 */
export function verify({ algorithm, key }, signature, message) {
  return crypto.subtle.verify(algorithm, key, signature, message);
}

/** What comes before the seed in the PKCS #8 form of an Ed25519 key (RFC 8410, section 10.3). */
const pkcs8Head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/**
 * @param {Uint8Array} seed
 * @param {boolean} extractable
 */
async function importSeed(seed, extractable) {
  const pkcs8 = Uint8Array.from([...pkcs8Head, ...seed]);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", extractable, ["sign"]);
  pkcs8.fill(0);
  return key;
}

/** @param {Uint8Array} seed */
export const importSigner = (seed) => importSeed(seed, false);

/**
 * The public half of a seed, in base64url.
 *
 * @param {Uint8Array} seed
 */
export async function publicHalf(seed) {
  const jwk = /** @type {JsonWebKey} */ (await crypto.subtle.exportKey("jwk", await importSeed(seed, true)));
  return jwk.x;
}

/**
 * @param {CryptoKey} key
 * @param {Uint8Array<ArrayBuffer>} message
 */
export function sign(key, message) {
  return crypto.subtle.sign("Ed25519", key, message);
}
