// @ts-check
/** Keys that no provider should have, and signatures that no library should make. */
import { checkPrimeSync, constants, createHash, createPrivateKey, privateEncrypt, randomBytes } from "node:crypto";

/** @param {bigint} number @param {number} [length] in bytes */
export function bytes(number, length) {
  const text = number.toString(16);
  const padded = text.padStart(length ? length * 2 : text.length + (text.length % 2), "0");
  return Buffer.from(padded, "hex");
}

/** @param {bigint} number */
const base64url = (number) => bytes(number).toString("base64url");

/** @param {bigint} base @param {bigint} exponent @param {bigint} modulus */
export function power(base, exponent, modulus) {
  let result = 1n;
  for (let [factor, rest] = [base % modulus, exponent]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result;
}

/** @param {bigint} number @param {bigint} modulus */
function inverse(number, modulus) {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}

/** @param {number} length in bytes */
const random = (length) => BigInt(`0x${randomBytes(length).toString("hex")}`);

/** An RSA key of two primes. @param {bigint} p @param {bigint} q */
export function rsaKey(p, q) {
  const [n, e] = [p * q, 65_537n];
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const members = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64url(value)]));
  return createPrivateKey({ key: { kty: "RSA", ...members }, format: "jwk" });
}

/** The product of the first primes. @param {number} count */
function primorial(count) {
  let product = 1n;
  for (let candidate = 2n, found = 0; found < count; candidate++) {
    if (!checkPrimeSync(candidate)) continue;
    product *= candidate;
    found++;
  }
  return product;
}

/**
 * A 2,048-bit RSA key whose primes are `k * M + 65537^a mod M`, as a faulty chip made them (CVE-2017-15361): whoever
 * knows the form can factor it.
 */
export function rocaKey() {
  const product = primorial(126);
  const prime = () => {
    for (;;) {
      const residue = power(65_537n, random(32), product);
      // The two highest bits are set, so that the modulus has all of its.
      const k = ((3n << 1_022n) + (random(127) >> 2n)) / product;
      const candidate = k * product + residue;
      if (candidate.toString(2).length === 1_024 && checkPrimeSync(candidate)) return candidate;
    }
  };
  return rsaKey(prime(), prime());
}

/** What stands before a hash in a PKCS#1 signature: which hash it is (RFC 8017, section 9.2). */
const identifiers = {
  sha256: "3031300d060960864801650304020105000420",
  sha1: "3021300906052b0e03021a05000414",
  withoutNull: "302f300b0609608648016503040201" + "0420",
};

/**
 * PKCS#1 v1.5 encodings of a message that a lax library takes for the right one.
 *
 * @param {string} message
 * @param {number} length of the modulus, in bytes
 * @returns {Record<string, Buffer>}
 */
export function laxEncodings(message, length) {
  const hash = createHash("sha256").update(message).digest();
  const info = Buffer.concat([Buffer.from(identifiers.sha256, "hex"), hash]);
  const wrap = (/** @type {Buffer} */ inner, type = 1, fill = 0xff) =>
    Buffer.concat([Buffer.from([0, type]), Buffer.alloc(length - 3 - inner.length, fill), Buffer.from([0]), inner]);
  const garbage = (/** @type {number} */ padding) =>
    Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(padding, 0xff), Buffer.from([0]), info, randomBytes(length - 3 - padding - info.length)]);
  const sha1 = createHash("sha1").update(message).digest();
  return {
    genuine: wrap(info),
    "garbage behind the hash": garbage(8),
    "a byte of garbage behind the hash": garbage(length - 3 - info.length - 1),
    "no padding": garbage(0),
    "zeros for padding": wrap(info, 1, 0),
    "the type of an encryption": wrap(info, 2),
    "the type 0": wrap(info, 0, 0),
    "no identifier of the hash": wrap(hash),
    "SHA-1's identifier": wrap(Buffer.concat([Buffer.from(identifiers.sha1, "hex"), sha1])),
    "SHA-1's identifier before SHA-256": wrap(Buffer.concat([Buffer.from(identifiers.sha1, "hex"), hash])),
    "an identifier without its NULL": wrap(Buffer.concat([Buffer.from(identifiers.withoutNull, "hex"), hash])),
  };
}

/** RSA's bare operation. @param {import("node:crypto").KeyObject} key @param {Buffer} block as long as the modulus */
export const rawRsa = (key, block) => privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);

/** The order of P-256. */
export const P256_ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/** The order of Ed25519's base point. */
export const ED25519_ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

/** Points of Ed25519 whose order is 1, 2, 4 or 8, also as no encoder writes them. */
export const smallOrderPoints = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((hex) => Buffer.from(hex, "hex"));
