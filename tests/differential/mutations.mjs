// @ts-check
/** Tokens of a provider, sound and altered in every way that somebody could think of, or nobody would. */
import { createHmac, generateKeyPairSync, sign } from "node:crypto";

export const ISSUER = "https://id.example.org";
export const AUDIENCE = "chat";
export const SECRET = "a secret of more than thirty-two bytes";
/** The moment at which every token is judged, in milliseconds. */
export const NOW = Date.UTC(2026, 10, 21, 12);

const now = NOW / 1_000;
const ed25519 = generateKeyPairSync("ed25519");
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** How the provider signs. @type {Record<string, (message: Buffer) => Buffer>} */
const signers = {
  EdDSA: (message) => sign(null, message, ed25519.privateKey),
  ES256: (message) => sign("sha256", message, { key: p256.privateKey, dsaEncoding: "ieee-p1363" }),
  RS256: (message) => sign("sha256", message, rsa.privateKey),
  PS256: (message) => sign("sha256", message, { key: rsa.privateKey, padding: 6, saltLength: 32 }),
  HS256: (message) => createHmac("sha256", SECRET).update(message).digest(),
};

/** The fast ones more often: an RSA signature takes a millisecond. */
const algorithms = [...Array(8).fill("EdDSA"), ...Array(8).fill("HS256"), "ES256", "ES256", "RS256", "PS256"];

/** The keys that the provider publishes. */
export const keys = {
  keys: [
    { ...ed25519.publicKey.export({ format: "jwk" }), kid: "ed" },
    { ...p256.publicKey.export({ format: "jwk" }), kid: "ec" },
    { ...rsa.publicKey.export({ format: "jwk" }), kid: "rsa" },
  ],
};

export const ed25519Point = String(keys.keys[0].x);

const keyIds = /** @type {Record<string, string>} */ ({ EdDSA: "ed", ES256: "ec", RS256: "rsa", PS256: "rsa", HS256: "hs" });

/** Numbers that look random and are the same for the same seed (xorshift32). */
export class Chance {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed || 1;
  }

  /** @param {number} limit */
  below(limit) {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % limit;
  }

  /** @template T @param {readonly T[]} choices @returns {T} */
  of(choices) {
    return choices[this.below(choices.length)];
  }
}

/** Values that mean something in some place, as JSON texts. */
const values = [
  ...["null", "true", "false", "0", "1", "-1", "1.5", "1e3", "1e308", "1e400", "-0", "[]", "{}", '""', '"a"', '["a"]', "[[]]"],
  ...['"none"', '"RS256"', '"RS512"', '"PS256"', '"ES256"', '"EdDSA"', '"Ed25519"', '"HS256"', '"HS512"', '"ed"', '"ec"', '"rsa"'],
  ...['"JWT"', '"jwt"', '"at+jwt"', '"logout+jwt"', '"b64"', '["b64"]', '["exp"]', '"DEF"', '"CBOR"', '"chat"', '["chat"]', '["x","chat"]'],
  ...['["chat",1]', '"chats"', `"${ISSUER}"`, `"${ISSUER}/"`, '"alice"', '"usr_anon_0x"', '"__SYSTEM__"', '"a b"', '"\\u0000"', '"\\ud800"'],
  ...[`"${"x".repeat(256)}"`, `"${"x".repeat(6_000)}"`, `${now}`, `${now - 1}`, `${now + 1}`, `${now + 0.5}`, `${now - 0.5}`, `${now + 600}`],
  ...[`${now + 86_400}`, `${now + 86_401}`, `${now - 90_000}`, `"${now + 600}"`, "253402300799", "253402300800", "9007199254740993"],
  ...["9223372036854775807", "-9223372036854775808", "18446744073709551616", "8210266876799", "-8334601228800"],
  ...[`${"[".repeat(40)}${"]".repeat(40)}`, '{"a":1,"a":2}', '{"kty":"OKP"}'],
];
const headerNames = ["alg", "alg", "kid", "kid", "typ", "crit", "b64", "cty", "zip", "enc", "jwk", "jku", "x5c", "x5t", "p2c", "other"];
const claimNames = ["iss", "aud", "sub", "exp", "exp", "nbf", "iat", "jti", "azp", "events", "cnf", "scope", "\\u0073ub"];
const odd = ["=", "+", "/", " ", "\t", ".", "?", "A", "_", "-", "é", "\u0000", "\ufeff"];

/** @param {Record<string, string>} members name and JSON text */
const object = (members) => `{${Object.entries(members).map(([name, text]) => `"${name}":${text}`).join(",")}}`;

/** @param {string} algorithm */
const headerOf = (algorithm) => ({ alg: JSON.stringify(algorithm), typ: '"JWT"', kid: JSON.stringify(keyIds[algorithm]) });
const soundClaims = { iss: JSON.stringify(ISSUER), aud: '"chat"', sub: '"alice"', iat: String(now - 10), exp: String(now + 600) };

/** @param {string} text */
const encode = (text) => Buffer.from(text).toString("base64url");

/** @param {string} algorithm that signs, whatever the header says @param {string} header @param {string} payload */
function assemble(algorithm, header, payload) {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${signers[algorithm](Buffer.from(signed)).toString("base64url")}`;
}

/** A text with some characters changed, taken, doubled or put in. @param {Chance} chance @param {string} text @param {readonly string[]} alphabet */
function scratch(chance, text, alphabet) {
  for (let times = chance.below(3); times >= 0; times--) {
    const at = chance.below(text.length + 1);
    const end = Math.min(text.length, at + chance.below(4));
    const middle = chance.of([chance.of(alphabet), "", text.slice(at, end).repeat(2), chance.of([...text])]);
    text = text.slice(0, at) + middle + text.slice(chance.of([at, end, at + 1]));
  }
  return text;
}

/** An object's text with a member set, taken away, or put in a second time. @param {Chance} chance @param {Record<string, string>} members @param {readonly string[]} names */
function altered(chance, members, names) {
  const changed = { ...members };
  for (let times = chance.below(2); times >= 0; times--) {
    const name = chance.of(names);
    if (chance.below(5) === 0) delete changed[name];
    else changed[name] = chance.of(values);
  }
  const text = object(changed);
  return chance.below(8) === 0 ? text.replace("{", `{"${chance.of(names)}":${chance.of(values)},`) : text;
}

/** The ways to alter a token. Lines cannot be in one. @type {Record<string, (chance: Chance, algorithm: string) => string>} */
const mutations = {
  nothing: (_, algorithm) => assemble(algorithm, object(headerOf(algorithm)), object(soundClaims)),
  header: (chance, algorithm) => assemble(algorithm, altered(chance, headerOf(algorithm), headerNames), object(soundClaims)),
  claims: (chance, algorithm) => assemble(algorithm, object(headerOf(algorithm)), altered(chance, soundClaims, claimNames)),
  "the header's text": (chance, algorithm) =>
    assemble(algorithm, scratch(chance, object(headerOf(algorithm)), [...odd, ...values]), object(soundClaims)),
  "the claims' text": (chance, algorithm) =>
    assemble(algorithm, object(headerOf(algorithm)), scratch(chance, object(soundClaims), [...odd, ...values])),
  "the token's text": (chance, algorithm) => scratch(chance, mutations.nothing(chance, algorithm), odd),
  "the algorithm's name": (chance, algorithm) => {
    const header = { ...headerOf(algorithm), alg: JSON.stringify(chance.of(Object.keys(signers))) };
    if (chance.below(2) === 0) header.kid = JSON.stringify(chance.of(Object.values(keyIds)));
    return assemble(algorithm, object(header), object(soundClaims));
  },
  "two tokens' segments": (chance, algorithm) => {
    const one = mutations.nothing(chance, algorithm).split(".");
    const other = mutations.claims(chance, chance.of(algorithms)).split(".");
    return one.map((segment, index) => (chance.below(2) === 0 ? segment : other[index])).join(".");
  },
};

/** @param {number} count @param {number} seed */
export function* tokens(count, seed) {
  const chance = new Chance(seed);
  const ways = Object.keys(mutations);
  for (let index = 0; index < count; index++) {
    const way = chance.of(ways);
    const token = mutations[way](chance, chance.of(algorithms)).replaceAll("\n", " ").replaceAll("\r", " ");
    yield { way, token };
  }
}
