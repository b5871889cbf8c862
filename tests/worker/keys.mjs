// @ts-check
/** A second writing of every secret and credential, so that the Worker's own is not its only judge. */
import { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** @param {string | Buffer} data */
const sha256 = (data) => createHash("sha256").update(data).digest();

/** @param {bigint} number @param {number} length the low digits, zeros in front */
export function base62(number, length) {
  let text = "";
  for (let rest = number; text.length < length; rest /= 62n) text = digits[Number(rest % 62n)] + text;
  return text;
}

/** 32 random bytes, in the form in which signing and refresh keys are configured. */
export const newKey = () => randomBytes(32).toString("base64url");

/**
 * An API key and the entry by which it is configured.
 *
 * @param {string} project
 * @param {string} [expires_at]
 */
export function newApiKey(project, expires_at) {
  const secret = base62(BigInt(`0x${randomBytes(40).toString("hex")}`), 43);
  const body = `sk_aui_${project}_0${secret}`;
  const text = body + apiKeyChecksum(body);
  return { text, entry: { name: "test", sha256: sha256(text).toString("hex"), ...(expires_at && { expires_at }) } };
}

/** @param {string} body an API key without its last six digits */
export function apiKeyChecksum(body) {
  return base62(sha256(body).readBigUInt64BE(), 6);
}

/** A signing key as whoever stole it would use it: it signs anything. */
export class Signer {
  /** @param {string} seed as `SIGNING_KEY` has it */
  constructor(seed) {
    const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
    const der = Buffer.concat([prefix, Buffer.from(seed, "base64url")]);
    this.privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    this.publicKey = createPublicKey(this.privateKey);
    this.x = String(this.publicKey.export({ format: "jwk" }).x);
    this.kid = sha256(`{"crv":"Ed25519","kty":"OKP","x":"${this.x}"}`).toString("base64url");
  }

  /** The header of a genuine token. */
  get header() {
    return { alg: "EdDSA", kid: this.kid, typ: "aui+jwt" };
  }

  /**
   * A token that says anything, with a signature that fits.
   *
   * @param {object | string} payload JSON as text or as a value
   * @param {object | string} [header]
   */
  token(payload, header = this.header) {
    const signed = `${segment(header)}.${segment(payload)}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.privateKey).toString("base64url")}`;
  }
}

/** @param {object | string | Buffer} value */
export function segment(value) {
  const bytes = typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return Buffer.from(bytes).toString("base64url");
}

/** @param {string} token */
export function decode(token) {
  const [header, payload] = token.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  return { header, payload };
}

/**
 * A refresh token as whoever stole the key would make it.
 *
 * @param {string} key as `REFRESH_KEY` has it
 * @param {string} project
 * @param {{ identity?: Buffer, counter?: number, issuedAt?: number }} [record]
 */
export function refreshToken(key, project, { identity = randomBytes(16), counter = 0, issuedAt = Date.now() } = {}) {
  const record = Buffer.alloc(28);
  identity.copy(record);
  record.writeUInt32BE(counter, 16);
  record.writeBigInt64BE(BigInt(issuedAt), 20);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(Buffer.byteLength(project)));
  const mac = createHmac("sha256", Buffer.from(key, "base64url"));
  for (const part of ["refresh_0", length, project, record]) mac.update(part);
  return `refresh_0${Buffer.concat([record, mac.digest()]).toString("base64url")}`;
}
