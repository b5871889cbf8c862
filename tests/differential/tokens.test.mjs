// @ts-check
/**
 * Altered tokens, judged by an auth rule and by two libraries: `jose`, with the same issuer, audience, algorithms and
 * keys, and `jwt-compact`, for the signature. What they disagree about is explained here, or a bug.
 *
 * `DIFFERENTIAL_TOKENS` and `DIFFERENTIAL_SEED` say how many there are, and which.
 */
import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { it } from "node:test";

import { createLocalJWKSet, jwtVerify } from "jose";

import { environment, root } from "../../scripts/toolchain.mjs";
import { AUDIENCE, ISSUER, NOW, SECRET, ed25519Point, keys, tokens } from "./mutations.mjs";

const count = Number(process.env.DIFFERENTIAL_TOKENS ?? 100_000);
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 20_261_121);
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];

/** What an auth rule refuses and jose accepts, by the rule's reason: why, and whether that is true of a token. */
const stricter = /** @type {Record<string, { why: string, holds: (parts: Parts) => boolean }>} */ ({
  too_long: { why: "over 8 KB", holds: ({ token }) => token.length > 8_192 },
  form: { why: "base64url with other characters or other spellings", holds: ({ token }) => token.split(".").some(isSpelledOtherwise) },
  header: { why: "a header with a member twice, too deep, or behind a mark", holds: ({ header }) => isLoose(header) },
  claims: { why: "claims with a member twice, too deep, or behind a mark", holds: ({ payload }) => isLoose(payload) },
  header_member: {
    why: "a header that changes what is signed",
    holds: ({ header }) => ["crit", "b64", "cty", "zip", "enc"].some((name) => Object.hasOwn(JSON.parse(header), name)),
  },
  typ: { why: "another type of token", holds: ({ header }) => !/^(jwt|(application\/)?at\+jwt)$/i.test(JSON.parse(header).typ) },
  kid: { why: "no key id, or an odd one", holds: ({ header }) => !isKeyId(JSON.parse(header).kid) },
  aud_form: { why: "an audience that is no text among ours", holds: ({ payload }) => [JSON.parse(payload).aud].flat().some((one) => typeof one !== "string" || !one) },
  exp: { why: "an end before 1970 or after 9999", holds: ({ payload }) => isNoDate(JSON.parse(payload).exp) },
  nbf: { why: "a beginning before 1970", holds: ({ payload }) => isNoDate(JSON.parse(payload).nbf) },
  iat: { why: "issued in the future, or before 1970", holds: ({ payload }) => isNoDate(JSON.parse(payload).iat) || JSON.parse(payload).iat > NOW / 1_000 },
  max_age: { why: "a life of more than a day", holds: ({ payload }) => JSON.parse(payload).exp - (JSON.parse(payload).iat ?? NOW / 1_000) > 86_400 },
  purpose: { why: "a logout token, or one bound to a key", holds: ({ payload }) => ["events", "cnf"].some((name) => Object.hasOwn(JSON.parse(payload), name)) },
  sub: { why: "a subject that can be no user", holds: ({ payload }) => isNoUser(JSON.parse(payload).sub) },
});

/** Members that jwt-compact wants to be of a type, and a rule never reads. */
const unread = ["jku", "x5u", "x5c", "x5t", "x5t#S256"];

/** @typedef {{ token: string, header: string, payload: string }} Parts */

/** @param {string} segment */
const isSpelledOtherwise = (segment) => segment === "" || Buffer.from(segment, "base64url").toString("base64url") !== segment;

/** @param {unknown} date */
const isNoDate = (date) => typeof date !== "number" || date < 0 || date > 253_402_300_799;

/** @param {unknown} id */
const isKeyId = (id) => typeof id === "string" && /^\P{Cc}+$/u.test(id) && Buffer.byteLength(id) <= 512;

/** @param {unknown} sub */
const isNoUser = (sub) =>
  typeof sub !== "string" || !/^[^\s\p{Cc}]{1,255}$/u.test(sub) || sub.startsWith("usr_anon_") || sub === "__SYSTEM__";

/** Whether a JSON text is one that two readers may take differently. @param {string} text */
function isLoose(text) {
  if (text.startsWith("\ufeff") || text.includes("\ufffd") || /\\u[dD][89a-fA-F]/.test(text)) return true;
  // What a double holds is no integer that every reader holds, or no number at all.
  if (/\de[+]?\d{3}/i.test(text)) return true;
  /** @type {(Set<string> | null)[]} */
  const open = [];
  const pieces = text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g);
  for (const [piece, string, colon] of pieces) {
    if (piece === "{") open.push(new Set());
    else if (piece === "[") open.push(null);
    else if (piece === "}" || piece === "]") open.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(string);
      if (open.at(-1)?.has(name)) return true;
      open.at(-1)?.add(name);
    }
    if (open.length > 32) return true;
  }
  return false;
}

/** @param {string} segment */
const text = (segment = "") => Buffer.from(segment, "base64url").toString();

const published = createLocalJWKSet(/** @type {any} */ (keys));
const secret = new TextEncoder().encode(SECRET);

/** @param {string} token */
async function acceptedByJose(token) {
  try {
    await jwtVerify(token, (header, input) => (header.alg === "HS256" ? secret : published(header, input)), {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: [...algorithms, "HS256", "Ed25519"],
      requiredClaims: ["exp", "sub"],
      currentDate: new Date(NOW),
    });
    return true;
  } catch {
    return false;
  }
}

/** What Rust makes of tokens. @param {string[]} list @returns {Promise<string[]>} */
async function judged(list) {
  const cargo = { cwd: root, env: environment() };
  const built = execFileSync("cargo", ["build", "--example", "judge", "--message-format=json"], { ...cargo, maxBuffer: 1e9, stdio: ["ignore", "pipe", "inherit"] });
  const artifacts = built.toString().trim().split("\n").map((line) => JSON.parse(line));
  const judge = spawn(artifacts.findLast(({ executable }) => executable).executable, { stdio: ["pipe", "pipe", "inherit"] });
  const rule = {
    ...{ name: "id", provider: "custom", issuer: ISSUER, audience: AUDIENCE, jwks_url: "https://id.example.org/jwks" },
    ...{ algorithms: [...algorithms, "HS256"], secret_variable: "ID_SECRET", clock_tolerance_seconds: 0 },
  };
  const setting = { rules: [rule], keys, secret: SECRET, ed25519: ed25519Point, now: NOW };
  judge.stdin.end(`${JSON.stringify(setting)}\n${list.join("\n")}\n`);
  let output = "";
  for await (const chunk of judge.stdout) output += chunk;
  return output.trim().split("\n");
}

/**
 * What three verdicts have in common, or why they differ; undefined, when nothing explains it.
 *
 * @param {string} ours `accepted`, or the reason
 * @param {string} compact of the signature: `good`, `bad` or `unknown`
 * @param {boolean} jose
 * @param {Parts} parts
 */
function explained(ours, compact, jose, parts) {
  // Of the signature itself there are no two opinions.
  if (ours === "signature" && (compact === "good" || jose)) return;
  if (ours === "accepted") {
    if (!jose) return;
    if (compact !== "bad") return "accepted by all";
    const isUnread = unread.some((name) => Object.hasOwn(JSON.parse(parts.header), name));
    return isUnread ? "accepted, but not by jwt-compact: a member of the header that nobody reads" : undefined;
  }
  if (!jose) return "refused by the rule and by jose";
  const strictness = stricter[ours];
  return strictness?.holds(parts) ? `refused by the rule alone: ${strictness.why}` : undefined;
}

it(`agrees with jose and jwt-compact about ${count} altered tokens, or says why not`, async () => {
  const list = [...tokens(count, seed)];
  const verdicts = await judged(list.map(({ token }) => token));
  assert.equal(verdicts.length, list.length);
  /** @type {Map<string, number>} */
  const seen = new Map();
  const bugs = [];
  for (const [index, { way, token }] of list.entries()) {
    const [ours, compact] = verdicts[index].split(" ");
    const [header, payload] = token.split(".").map(text);
    const jose = await acceptedByJose(token);
    const words = explained(ours, compact, jose, { token, header, payload });
    if (words === undefined) bugs.push(`${way}: ${ours}; jose ${jose}; jwt-compact ${compact}: ${token}`);
    else seen.set(words, (seen.get(words) ?? 0) + 1);
  }
  for (const [words, times] of [...seen].sort()) console.log(`${String(times).padStart(7)}  ${words}`);
  assert.deepEqual(bugs.slice(0, 20), [], `${bugs.length} disagreements have no explanation`);
  assert.ok(count < 1_000 || (seen.get("accepted by all") ?? 0) > count / 20, "enough of them are sound");
});
