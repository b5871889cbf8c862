// @ts-check
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { segment } from "../worker/keys.mjs";
import { KeyServer } from "./key-server.mjs";
import { ProviderKey, sharedSecretToken } from "./provider-key.mjs";
import { Stage, claims } from "./provider.mjs";
import { prove } from "./registry.mjs";

const rsa = new ProviderKey("RS256");
const ec = new ProviderKey("ES256");
const ed = new ProviderKey("EdDSA");
const keys = [rsa, ec, ed];

/** A rule for any algorithm, whose provider has a key of every kind. @type {Stage} */
let stage;
before(async () => {
  stage = await Stage.open();
  stage.server.keys.push(...keys.map(({ jwk }) => jwk));
});
after(() => stage?.close());

/** Every header, signed by the key of both kinds of token. @param {(header: any) => (object | string)[]} make */
const signed = (make) =>
  stage.kinds().flatMap(({ key, claims }) => make(key.header).map((header) => key.token(claims, header)));

/**
 * Asserts that a key which a header brings along, or points to, counts for nothing beside a good signature: the token
 * is what it is without it, or it is refused.
 *
 * @param {import("./registry.mjs").Evidence} evidence
 * @param {object[]} members
 */
async function countsForNothing(evidence, members) {
  for (const more of members) {
    evidence.answer(await stage.use(stage.key.token(claims(), { ...stage.key.header, ...more })), [200, 403]);
    const own = stage.signer.token(stage.ownClaims(), { ...stage.signer.header, ...more });
    evidence.answer(await stage.use(own), 403);
  }
}

/** @param {object} header @param {string} name */
function without(header, name) {
  const { [name]: _, ...rest } = /** @type {Record<string, unknown>} */ (header);
  return rest;
}

prove(14, async (evidence) => {
  const names = ["none", "None", "NONE", "nOnE", "", null, 1, ["RS256"], ["EdDSA"], {}, true, "eddsa", "es256", "ES256 "];
  const headers = (/** @type {object} */ header) => [...names.map((alg) => ({ ...header, alg })), without(header, "alg")];
  const unsigned = stage.kinds().flatMap(({ key, claims }) =>
    headers(key.header).flatMap((header) => [`${segment(header)}.${segment(claims)}.`, `${segment(header)}.${segment(claims)}`]),
  );
  await stage.refuses(evidence, [...signed(headers), ...unsigned]);
});

/** What somebody might take for the secret that a public key is. @param {import("node:crypto").KeyObject} key */
function secrets(key) {
  const jwk = key.export({ format: "jwk" });
  const numbers = ["n", "x", "y"].flatMap((name) => (typeof jwk[name] === "string" ? [jwk[name]] : []));
  return [
    key.export({ format: "pem", type: "spki" }),
    String(key.export({ format: "pem", type: "spki" })).trim(),
    key.export({ format: "der", type: "spki" }),
    JSON.stringify(jwk),
    ...numbers,
    ...numbers.map((text) => Buffer.from(text, "base64url")),
    "",
  ];
}

prove(15, async (evidence) => {
  await stage.refuses(
    evidence,
    keys.flatMap(({ kid, publicKey, jwk }) =>
      [...secrets(publicKey), JSON.stringify(jwk)].flatMap((secret) =>
        ["HS256", "HS384", "HS512"].map((alg) => sharedSecretToken(claims(), secret, { alg, kid })),
      ),
    ),
  );
});

prove(16, async (evidence) => {
  const { kid, publicKey, header } = stage.signer;
  await stage.refuses(
    evidence,
    [...secrets(publicKey), kid].flatMap((secret) =>
      ["HS256", "HS512", "EdDSA"].map((alg) => sharedSecretToken(stage.ownClaims(), secret, { ...header, alg })),
    ),
  );
});

prove(17, async (evidence) => {
  for (const key of keys) evidence.control(await stage.use(key.token(claims())), key.algorithm);
  const names = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA"];
  await stage.refuses(
    evidence,
    keys.flatMap((key) =>
      names.filter((alg) => alg !== key.algorithm).map((alg) => key.token(claims(), { ...key.header, alg })),
    ),
  );
});

prove(18, async (evidence) => {
  const strict = await Stage.open({ rule: { algorithms: ["ES256"] } });
  strict.server.keys.push(...keys.map(({ jwk }) => jwk));
  evidence.control(await strict.use(ec.token(claims())));
  await strict.refuses(evidence, [rsa, ed].map((key) => key.token(claims())));
  await strict.close();
});

prove(19, async (evidence) => {
  const forger = new ProviderKey("ES256");
  const own = new ProviderKey("EdDSA");
  const header = { ...stage.signer.header, jwk: own.jwk };
  await stage.refuses(evidence, [
    ...[{ ...forger.header, jwk: forger.jwk }, { ...stage.key.header, jwk: forger.jwk }, { alg: "ES256", jwk: forger.jwk }]
      .map((header) => forger.token(claims(), header)),
    ...[header, { ...header, kid: own.kid }].map((header) => own.token(stage.ownClaims(), header)),
  ]);
  await countsForNothing(evidence, [{ jwk: forger.jwk }]);
});

prove(20, async (evidence) => {
  const forger = new ProviderKey("ES256");
  const attacker = await KeyServer.start(forger.jwk);
  const before = stage.server.fetches.length;
  const addresses = [attacker.url, "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"];
  await stage.refuses(
    evidence,
    addresses.flatMap((address) =>
      ["jku", "x5u"].flatMap((name) => [
        forger.token(claims(), { ...forger.header, [name]: address }),
        forger.token(claims(), { ...stage.key.header, [name]: address }),
      ]),
    ),
  );
  await countsForNothing(evidence, addresses.flatMap((address) => [{ jku: address }, { x5u: address }]));
  assert.deepEqual(attacker.fetches, []);
  assert.ok(stage.server.fetches.length - before <= 1, "at most the one fetch for an unknown name");
  evidence.note("0 fetches");
  await attacker.close();
});

prove(21, async (evidence) => {
  const forger = new ProviderKey("RS256", { fresh: true });
  const chain = [forger.publicKey.export({ format: "der", type: "spki" }).toString("base64")];
  await stage.refuses(evidence, [
    ...[{ x5c: chain }, { x5c: chain, kid: rsa.kid }, { x5c: [] }].map((more) =>
      forger.token(claims(), { alg: "RS256", ...more }),
    ),
  ]);
  await countsForNothing(evidence, [{ x5c: chain }]);
});

/** The lines that the Worker has logged since it had logged so many letters. @param {number} start */
async function logLines(start) {
  // What it prints comes through a pipe.
  await wait(200);
  return stage.worker.log.slice(start).split("\n").filter(Boolean);
}

const names = ["../../dev/null", "' OR 1=1--", "https://evil.test/key", "\0", "\r\n", `\n{"event":"forged"}`, "x".repeat(4_096), "💥", "", " "];

prove(22, async (evidence) => {
  await logLines(0);
  const start = stage.worker.log.length;
  const forged = signed((header) => names.map((kid) => ({ ...header, kid })));
  for (const token of forged) evidence.answer(await stage.use(token), 403);
  const lines = await logLines(start);
  for (const line of lines) assert.equal(typeof JSON.parse(line), "object", line);
  assert.ok(lines.length <= forged.length, `${lines.length} lines for ${forged.length} tokens`);
  evidence.note("a line of the log each");
  await stage.works();
});

prove(23, async (evidence) => {
  await stage.refuses(
    evidence,
    signed((header) => [1, {}, [header.kid], null, true].map((kid) => ({ ...header, kid }))),
  );
});

prove(24, async (evidence) => {
  await stage.refuses(evidence, signed((header) => [without(header, "kid")]));
  const lenient = await Stage.open({ rule: { kid_optional: true } });
  const nameless = without(lenient.key.header, "kid");
  evidence.answer(await lenient.use(lenient.key.token(claims(), nameless)), 200);
  const { kid, ...unnamed } = new ProviderKey("EdDSA").jwk;
  await lenient.close();
  const crowded = await Stage.open({ rule: { kid_optional: true } });
  crowded.server.keys.push(unnamed);
  evidence.answer(await crowded.use(crowded.key.token(claims(), nameless)), 200);
  await crowded.close();
  const ambiguous = await Stage.open({ rule: { kid_optional: true } });
  ambiguous.server.keys.push(new ProviderKey("ES256").jwk);
  evidence.answer(await ambiguous.use(ambiguous.key.token(claims(), nameless)), 403);
  await ambiguous.close();
});

prove(25, async (evidence) => {
  const values = [["x"], [], "exp", ["exp", "exp"], ["alg"], ["absent"], ["exp"], null, 1, {}, [1]];
  await stage.refuses(evidence, signed((header) => values.map((crit) => ({ ...header, crit, exp: 1 }))));
  await stage.refuses(evidence, signed((header) => values.map((crit) => ({ ...header, crit }))));
});

prove(26, async (evidence) => {
  const members = [{ b64: false }, { b64: true }, { b64: false, crit: ["b64"] }, { b64: true, crit: ["b64"] }, { b64: null }];
  const unencoded = stage.kinds().map(({ key, claims }) => {
    const header = segment({ ...key.header, b64: false, crit: ["b64"] });
    const signature = key instanceof ProviderKey ? key.sign(`${header}.${JSON.stringify(claims)}`) : Buffer.alloc(64, 1);
    return `${header}.${segment(claims)}.${signature.toString("base64url")}`;
  });
  await stage.refuses(evidence, [...signed((header) => members.map((more) => ({ ...header, ...more }))), ...unencoded]);
});

prove(27, async (evidence) => {
  const types = ["logout+jwt", "dpop+jwt", "secevent+jwt", "refresh+jwt", "application/logout+jwt", "LOGOUT+JWT", "", 1, null, ["JWT"]];
  await stage.refuses(evidence, signed((header) => types.map((typ) => ({ ...header, typ }))));
  // A workspace token has a type of its own, and a provider's token must not have that one.
  const { key } = stage;
  const { signer } = stage;
  await stage.refuses(evidence, [
    key.token(claims(), { ...key.header, typ: "aui+jwt" }),
    signer.token(stage.ownClaims(), { ...signer.header, typ: "JWT" }),
    signer.token(stage.ownClaims(), { ...signer.header, typ: "at+jwt" }),
  ]);
  for (const typ of ["JWT", "jwt", "at+jwt", "application/at+jwt"]) {
    evidence.control(await stage.use(key.token(claims(), { ...key.header, typ })), typ);
  }
  evidence.control(await stage.use(key.token(claims(), without(key.header, "typ"))), "no typ");
});

prove(28, async (evidence) => {
  const members = [{ cty: "JWT" }, { cty: "CBOR" }, { zip: "DEF" }, { enc: "A128GCM" }, { cty: "JWT", zip: "DEF" }];
  await stage.refuses(evidence, signed((header) => members.map((more) => ({ ...header, ...more }))));
  const inner = stage.key.token(claims());
  await stage.refuses(evidence, [stage.key.token(inner, { ...stage.key.header, cty: "JWT" })]);
});
