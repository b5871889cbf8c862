// @ts-check
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { after, before } from "node:test";

import { segment } from "../worker/keys.mjs";
import { json } from "./key-server.mjs";
import { ProviderKey, sharedSecretToken } from "./provider-key.mjs";
import { Stage, claims, misconfigured, rule } from "./provider.mjs";
import { prove } from "./registry.mjs";
import { ED25519_ORDER, P256_ORDER, bytes, laxEncodings, rawRsa, rocaKey, smallOrderPoints } from "./weak-keys.mjs";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const rsa = new ProviderKey("RS256");
const ed = new ProviderKey("EdDSA");

/** A rule whose provider has a key of every kind; the first one is for ES256. @type {Stage} */
let stage;
before(async () => {
  stage = await Stage.open();
  stage.server.keys.push(rsa.jwk, ed.jwk);
});
after(() => stage?.close());

/** A token with this signature. @param {ProviderKey} key @param {Buffer} signature */
const signedBy = (key, signature) => `${segment(key.header)}.${segment(claims())}.${signature.toString("base64url")}`;

/**
 * Asserts that what these keys sign is refused, although the provider publishes them beside a good one.
 *
 * @param {import("./registry.mjs").Evidence} evidence
 * @param {{ jwk: object, tokens: string[] }[]} suspects
 */
async function notUsed(evidence, suspects) {
  const other = await Stage.open();
  other.server.keys.push(...suspects.map(({ jwk }) => jwk));
  await other.refuses(evidence, suspects.flatMap(({ tokens }) => tokens));
  await other.close();
}

prove(29, async (evidence) => {
  const keys = [stage.key, ed, rsa];
  for (const key of keys) {
    evidence.control(await stage.use(key.token(claims())), key.algorithm);
    const token = key.token(claims());
    const [header, payload, signature] = token.split(".");
    const flipped = Array.from({ length: Buffer.from(signature, "base64url").length * 8 }, (_, bit) => {
      const altered = Buffer.from(signature, "base64url");
      altered[bit >> 3] ^= 1 << (bit & 7);
      return `${header}.${payload}.${altered.toString("base64url")}`;
    });
    const start = header.length + payload.length + 1;
    // What stands before the signature is read before the key is looked for: once is enough.
    const letters = [...token].slice(0, key === stage.key ? start : 0).flatMap((letter, index) => {
      const place = alphabet.indexOf(letter);
      const others = place < 0 ? ["A", "-"] : [alphabet[place ^ 1], alphabet[place ^ 32]];
      return [...others, "", `${letter}A`].map((other) => token.slice(0, index) + other + token.slice(index + 1));
    });
    const ends = [token.slice(0, -1), token.slice(0, -4), `${token}A`, `${token}AAAA`, `${header}.${payload}.AAAA`];
    await stage.refuses(evidence, [...flipped, ...letters, ...ends]);
  }
});

prove(30, async (evidence) => {
  const numbers = [0n, 1n, P256_ORDER - 1n, P256_ORDER, P256_ORDER + 1n, 2n ** 256n - 1n];
  const pairs = numbers.flatMap((r) => numbers.map((s) => Buffer.concat([bytes(r, 32), bytes(s, 32)])));
  const genuine = stage.key.sign(`${segment(stage.key.header)}.${segment(claims())}`);
  const halves = numbers.flatMap((number) => [
    Buffer.concat([bytes(number, 32), genuine.subarray(32)]),
    Buffer.concat([genuine.subarray(0, 32), bytes(number, 32)]),
  ]);
  const odd = [Buffer.alloc(64), Buffer.alloc(0), Buffer.alloc(63), Buffer.alloc(65), Buffer.concat([genuine, genuine])];
  await stage.refuses(evidence, [...pairs, ...halves, ...odd].map((signature) => signedBy(stage.key, signature)));
});

prove(31, async (evidence) => {
  const tokens = Array.from({ length: 8 }, () => {
    const start = `${segment(stage.key.header)}.${segment(claims())}`;
    return `${start}.${sign("sha256", Buffer.from(start), stage.key.privateKey).toString("base64url")}`;
  });
  await stage.refuses(evidence, tokens);
});

prove(32, async (evidence) => {
  const shifted = [ed, stage.signer].flatMap((key) => {
    const [header, payload, text] = key.token(key === ed ? claims() : stage.ownClaims()).split(".");
    const signature = Buffer.from(text, "base64url");
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
    const scalars = [s + ED25519_ORDER, s + 2n * ED25519_ORDER, 2n ** 256n - 1n].map((other) =>
      Buffer.concat([signature.subarray(0, 32), bytes(other, 32).reverse()]),
    );
    const points = smallOrderPoints.flatMap((point) => [
      Buffer.concat([point, signature.subarray(32)]),
      Buffer.concat([point, Buffer.alloc(32)]),
    ]);
    return [...scalars, ...points].map((other) => `${header}.${payload}.${other.toString("base64url")}`);
  });
  await stage.refuses(evidence, shifted);
  // With such a point for a key, one signature fits any message, or one in eight.
  const suspects = smallOrderPoints.map((point, index) => {
    const kid = `small_${index}`;
    const jwk = { kty: "OKP", crv: "Ed25519", x: point.toString("base64url"), kid, alg: "EdDSA", use: "sig" };
    const tokens = smallOrderPoints.flatMap((r, number) => {
      const payload = claims({ jti: String(number) });
      const signature = Buffer.concat([r, Buffer.alloc(32)]);
      return [`${segment({ alg: "EdDSA", kid })}.${segment(payload)}.${signature.toString("base64url")}`];
    });
    return { jwk, tokens };
  });
  await notUsed(evidence, suspects);
});

prove(33, async (evidence) => {
  const start = `${segment(rsa.header)}.${segment(claims())}`;
  const { genuine, ...lax } = laxEncodings(start, 256);
  const token = (/** @type {Buffer} */ block) => `${start}.${rawRsa(rsa.privateKey, block).toString("base64url")}`;
  assert.equal((await stage.use(token(genuine))).status, 200, "the method itself works");
  const zeros = `${start}.${Buffer.concat([Buffer.alloc(1), rawRsa(rsa.privateKey, genuine)]).toString("base64url")}`;
  await stage.refuses(evidence, [...Object.values(lax).map(token), zeros, `${start}.${Buffer.alloc(256).toString("base64url")}`]);
});

prove(34, async (evidence) => {
  const weak = [512, 1_024, 2_040, 4_104].map((bits) => new ProviderKey("RS256", { kid: `rsa_${bits}`, bits, fresh: true }));
  const roca = new ProviderKey("RS256", { kid: "roca" });
  roca.privateKey = rocaKey();
  roca.publicKey = generateKeyPairSync("ed25519").publicKey;
  const [n, e] = [roca.privateKey.export({ format: "jwk" }).n, "AQAB"];
  // With an exponent of 1 the encoding is its own signature.
  const one = { alg: "RS256", kid: "one" };
  const start = `${segment(one)}.${segment(claims())}`;
  const { n: modulus } = rsa.jwk;
  const suspects = [
    ...weak.filter(({ kid }) => kid !== "rsa_512").map((key) => ({ jwk: key.jwk, tokens: [key.token(claims())] })),
    { jwk: weak[0].jwk, tokens: [weak[0].token(claims())] },
    { jwk: { kty: "RSA", n, e, kid: "roca", alg: "RS256", use: "sig" }, tokens: [roca.token(claims())] },
    { jwk: { ...rsa.jwk, kid: "one", e: "AQ" }, tokens: [`${start}.${laxEncodings(start, 256).genuine.toString("base64url")}`] },
    ...["Ag", "AAAA", "", "AQAA"].map((even, index) => ({
      jwk: { kty: "RSA", n: modulus, e: even, kid: `even_${index}`, alg: "RS256", use: "sig" },
      tokens: [rsa.token(claims(), { alg: "RS256", kid: `even_${index}` })],
    })),
  ];
  await notUsed(evidence, suspects);
});

prove(35, async (evidence) => {
  const secret = randomBytes(32);
  const jwk = { kty: "oct", k: secret.toString("base64url"), kid: "shared", alg: "HS256", use: "sig" };
  const { alg, ...nameless } = jwk;
  await notUsed(evidence, [
    { jwk, tokens: [sharedSecretToken(claims(), secret, { kid: "shared" })] },
    { jwk: { ...nameless, kid: "nameless" }, tokens: [sharedSecretToken(claims(), secret, { kid: "nameless" })] },
  ]);
  const listed = await Stage.open({ rule: { algorithms: ["ES256", "RS256"] } });
  listed.server.keys.push(jwk);
  await listed.refuses(evidence, [sharedSecretToken(claims(), secret, { kid: "shared" })]);
  await listed.close();
});

prove(36, async (evidence) => {
  const careless = /** @type {const} */ (["ES256", "RS256", "EdDSA"]).map((algorithm) => new ProviderKey(algorithm, { fresh: true }));
  await notUsed(evidence, careless.map((key) => ({ jwk: key.privateJwk, tokens: [key.token(claims())] })));
});

prove(37, async (evidence) => {
  const purposes = [
    { use: "enc" },
    { use: "SIG" },
    { use: "" },
    { use: 1 },
    { key_ops: ["sign"] },
    { key_ops: [] },
    { key_ops: ["verify", "verify"] },
    { key_ops: "verify" },
    { use: "enc", key_ops: ["verify"] },
  ];
  await notUsed(
    evidence,
    purposes.map((purpose) => {
      const key = new ProviderKey("ES256");
      return { jwk: { ...key.jwk, ...purpose }, tokens: [key.token(claims())] };
    }),
  );
  const fit = await Stage.open();
  const good = [{ key_ops: ["verify"] }, { use: "sig", key_ops: ["verify"] }].map((purpose) => {
    const key = new ProviderKey("ES256");
    const { use, ...jwk } = key.jwk;
    fit.server.keys.push({ ...jwk, ...purpose });
    return key;
  });
  for (const key of good) evidence.control(await fit.use(key.token(claims())));
  await fit.close();
});

prove(38, async (evidence) => {
  const others = /** @type {const} */ (["RS384", "RS512", "PS256"]).map((algorithm) => new ProviderKey(algorithm, { kid: rsa.kid }));
  await stage.refuses(evidence, others.map((key) => key.token(claims())));
  const pss = new ProviderKey("PS256");
  const other = await Stage.open();
  other.server.keys.push(pss.jwk);
  const plain = new ProviderKey("RS256", { kid: pss.kid });
  evidence.control(await other.use(pss.token(claims())));
  await other.refuses(evidence, [plain.token(claims())]);
  await other.close();
});

prove(39, async (evidence) => {
  const nameless = [new ProviderKey("RS256"), new ProviderKey("ES256"), new ProviderKey("EdDSA")];
  const names = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "HS256"];
  const family = (/** @type {string} */ alg) => (/^[RP]S/.test(alg) ? "RSA" : alg);
  const other = await Stage.open();
  other.server.keys.push(
    ...nameless.map(({ jwk: { alg, ...rest } }) => rest),
  );
  await other.refuses(
    evidence,
    nameless.flatMap((key) =>
      names.filter((alg) => family(alg) !== family(key.algorithm)).flatMap((alg) => [
        key.token(claims(), { ...key.header, alg }),
        sharedSecretToken(claims(), key.publicKey.export({ format: "pem", type: "spki" }), { alg: "HS256", kid: key.kid }),
      ]),
    ),
  );
  for (const key of nameless) evidence.control(await other.use(key.token(claims())), key.algorithm);
  await other.close();
});

prove(40, async (evidence) => {
  const pair = [new ProviderKey("ES256", { kid: "twin" }), new ProviderKey("ES256", { kid: "twin" })];
  await notUsed(evidence, pair.map((key) => ({ jwk: key.jwk, tokens: [key.token(claims())] })));
});

/** A key whose first coordinate begins with a zero byte. */
function shortKey() {
  for (;;) {
    const key = new ProviderKey("ES256");
    if (Buffer.from(key.jwk.x, "base64url")[0] === 0) return key;
  }
}

prove(41, async (evidence) => {
  const [off, long, wide] = [new ProviderKey("ES256"), new ProviderKey("ES256"), new ProviderKey("ES384")];
  const short = shortKey();
  const y = Buffer.from(off.jwk.y, "base64url");
  y[31] ^= 1;
  const coordinate = (/** @type {string} */ text) => Buffer.from(text, "base64url");
  await notUsed(evidence, [
    { jwk: { ...off.jwk, y: y.toString("base64url") }, tokens: [off.token(claims())] },
    { jwk: { ...off.jwk, kid: "zero", x: bytes(0n, 32).toString("base64url"), y: bytes(0n, 32).toString("base64url") }, tokens: [off.token(claims(), { alg: "ES256", kid: "zero" })] },
    { jwk: { ...short.jwk, x: coordinate(short.jwk.x).subarray(1).toString("base64url") }, tokens: [short.token(claims())] },
    { jwk: { ...long.jwk, x: Buffer.concat([Buffer.alloc(1), coordinate(long.jwk.x)]).toString("base64url") }, tokens: [long.token(claims())] },
    { jwk: { ...wide.jwk, alg: "ES256" }, tokens: [wide.token(claims()), wide.token(claims(), { ...wide.header, alg: "ES256" })] },
  ]);
});

prove(42, async (evidence) => {
  const odd = [
    ...[null, 1, "key", [], {}, { kty: "RSA" }, { kty: "EC", crv: "P-256" }, { kty: "OKP", crv: "X25519", x: "AA" }],
    ...[{ kty: "AKP", alg: "ML-DSA-44", pub: "AA" }, { kty: 1 }, { kty: "EC", crv: "secp256k1", x: "AA", y: "AA" }],
    ...[{ kty: "RSA", n: 1, e: [] }, { ...rsa.jwk, n: "!" }, { ...ed.jwk, x: "AA" }, { ...ed.jwk, kid: 1 }, { kid: null }],
    { kty: "oct", k: "AA", "x5t": "odd" },
  ];
  const other = await Stage.open();
  other.server.keys = [...odd, other.key.jwk, { ...ed.jwk, x5t: "odd", x5c: "none", ext: true, extra: {} }];
  evidence.answer(await other.use(other.token()), 200);
  evidence.answer(await other.use(ed.token(claims())), 200);
  await other.close();
});

prove(43, async (evidence) => {
  const shared = (/** @type {string | undefined} */ secret) => ({
    AUTH_RULES: JSON.stringify([{ name: "id", provider: "custom", issuer: "https://id.example.com", audience: "a", secret_variable: "ID_SECRET" }]),
    ID_SECRET: secret,
  });
  for (const secret of [undefined, "", "short", "x".repeat(31)]) {
    await misconfigured(evidence, shared(secret), "secret_variable");
  }
});

prove(44, async (evidence) => {
  const [a, b] = ["a", "b"].map(() => new ProviderKey("ES256", { kid: "1" }));
  const issuers = { a: "https://a.example.com", b: "https://b.example.com" };
  const rules = Object.entries(issuers);
  const other = await Stage.open({
    rules: (server) => [
      rule(server),
      // Two tenants of one host.
      ...rules.map(([name, issuer]) => rule(server, { name, issuer, jwks_url: `${server.origin}/${name}` })),
    ],
  });
  other.server.behavior = (response, request, number) => {
    const keys = { "/a": [a.jwk], "/b": [b.jwk] }[String(request.url)] ?? [other.key.jwk];
    return json({ keys })(response, request, number);
  };
  evidence.control(await other.use(a.token(claims({ iss: issuers.a }))));
  evidence.control(await other.use(b.token(claims({ iss: issuers.b }))));
  await other.refuses(evidence, [
    b.token(claims({ iss: issuers.a })),
    a.token(claims({ iss: issuers.b })),
    a.token(claims()),
    b.token(claims()),
  ]);
  evidence.control(await other.use(a.token(claims({ iss: issuers.a, jti: "again" }))));
  await other.close();
});
