// @ts-check
import { createHmac, sign } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { mint } from "./exchange.mjs";
import { Signer, decode, newKey, segment } from "./keys.mjs";
import * as refusal from "./refusal.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
/** @type {Signer} */
let signer;
/** A token that is good. */
let token = "";
before(async () => {
  const seed = newKey();
  signer = new Signer(seed);
  worker = await startWorker({ SIGNING_KEY: seed });
  token = await mint(worker);
});
after(() => worker?.close());

/** @param {Iterable<string>} forgeries */
const allRefused = (forgeries) => refusal.allRefused(worker, token, forgeries);

describe("a token with a signature that fits, but", () => {
  /** @param {object | string} header @param {object | string} [payload] */
  const signed = (header, payload = decode(token).payload) => signer.token(payload, header);

  it("another algorithm is refused", async () => {
    const names = [
      "none",
      "None",
      "NONE",
      "nOnE",
      "",
      "HS256",
      "RS256",
      "ES256",
      "Ed25519",
      "eddsa",
      "EdDSA ",
      null,
      1,
      ["EdDSA"],
      {},
      true,
    ];
    await allRefused(names.map((alg) => signed({ ...signer.header, alg })));
    const { alg, ...without } = signer.header;
    await allRefused([signed(without)]);
  });

  it("another type is refused", async () => {
    const types = [
      "JWT",
      "at+jwt",
      "logout+jwt",
      "dpop+jwt",
      "refresh+jwt",
      "AUI+JWT",
      "application/aui+jwt",
      "",
      null,
      1,
      ["aui+jwt"],
    ];
    await allRefused(types.map((typ) => signed({ ...signer.header, typ })));
    const { typ, ...without } = signer.header;
    await allRefused([signed(without)]);
  });

  it("an unknown or odd key is refused", async () => {
    const names = [
      new Signer(newKey()).kid,
      "",
      " ",
      "../../dev/null",
      "' OR 1=1--",
      "\0",
      "\r\n",
      "💥",
      "x".repeat(4_096),
      null,
      1,
      {},
      [signer.kid],
    ];
    await allRefused(names.map((kid) => signed({ ...signer.header, kid })));
    const { kid, ...without } = signer.header;
    await allRefused([signed(without)]);
  });

  it("any member more in its header is refused", async () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: signer.x };
    const members = [
      ...[
        { crit: [] },
        { crit: ["exp"] },
        { crit: "exp" },
        { crit: ["alg"] },
        { crit: ["b64"], b64: false },
        { b64: false },
        { b64: true },
      ],
      ...[{ jwk }, { jku: "http://127.0.0.1:1/" }, { x5u: "http://169.254.169.254/" }, { x5c: ["MIIB"] }, { x5t: "x" }],
      ...[{ cty: "JWT" }, { zip: "DEF" }, { enc: "A128GCM" }, { "": "" }, { ALG: "EdDSA" }, { extra: null }],
    ];
    await allRefused(members.map((more) => signed({ ...signer.header, ...more })));
  });

  it("a member twice is refused, however it is spelled", async () => {
    const header = JSON.stringify(signer.header).slice(0, -1);
    const payload = JSON.stringify(decode(token).payload).slice(0, -1);
    const { iss, aud, sub, project_id, workspace_id, jti, exp, nbf } = decode(token).payload;
    await allRefused([
      ...Object.entries(signer.header).map(([name, value]) => signed(`${header},"${name}":${JSON.stringify(value)}}`)),
      signed(`${header},"\\u0061lg":"EdDSA"}`),
      ...Object.entries({ iss, aud, sub, project_id, workspace_id, jti, exp, nbf }).map(([name, value]) =>
        signed(signer.header, `${payload},"${name}":${JSON.stringify(value)}}`),
      ),
      signed(signer.header, `${payload},"\\u0073ub":"other"}`),
      signed(signer.header, `${payload},"workspace\\u005fid":"other"}`),
    ]);
  });

  it("a header or a payload that is no JSON object is refused", async () => {
    const { payload } = decode(token);
    const values = [
      "[]",
      `"x"`,
      "null",
      "1",
      "{}",
      "{}x",
      "{",
      `\ufeff${JSON.stringify(signer.header)}`,
      " ",
      "[".repeat(3_000),
    ];
    await allRefused(values.map((text) => signed(text)));
    await allRefused(values.map((text) => signed(signer.header, text)));
    await allRefused([
      signed(`${JSON.stringify(signer.header)} {}`),
      signed(signer.header, `${JSON.stringify(payload)}{}`),
      signed([signer.header.alg, signer.header.typ, signer.header.kid]),
      signed([signer.header]),
      signed(signer.header, [payload]),
    ]);
  });

  it("bytes that are no UTF-8 is refused", async () => {
    const { sub, ...payload } = decode(token).payload;
    const text = JSON.stringify(payload).slice(0, -1);
    for (const bytes of ["ff", "c0af", "eda080"]) {
      const forged = Buffer.concat([Buffer.from(`${text},"sub":"`), Buffer.from(bytes, "hex"), Buffer.from(`"}`)]);
      const start = `${segment(signer.header)}.${segment(forged)}`;
      await allRefused([`${start}.${sign(null, Buffer.from(start), signer.privateKey).toString("base64url")}`]);
    }
  });
});

describe("a token without our key's signature", () => {
  it("is refused when it says that it needs none", async () => {
    const { payload } = decode(token);
    for (const header of [
      { alg: "none" },
      { alg: "none", typ: "aui+jwt" },
      { ...signer.header, alg: "none" },
      signer.header,
    ]) {
      const start = `${segment(header)}.${segment(payload)}`;
      await allRefused([
        `${start}.`,
        start,
        `${start}.${segment("x")}`,
        `${start}.${segment(Buffer.alloc(64))}`,
        `${start}.${token.split(".")[2]}x`,
      ]);
    }
  });

  it("is refused when our public key was taken for a shared secret", async () => {
    const { payload } = decode(token);
    const secrets = [
      ...[
        signer.x,
        Buffer.from(signer.x, "base64url"),
        signer.kid,
        JSON.stringify(signer.publicKey.export({ format: "jwk" })),
      ],
      ...[
        signer.publicKey.export({ format: "pem", type: "spki" }),
        signer.publicKey.export({ format: "der", type: "spki" }),
        "",
      ],
    ];
    const tokens = secrets.flatMap((secret) =>
      ["HS256", "HS512", "EdDSA"].map((alg) => {
        const start = `${segment({ ...signer.header, alg })}.${segment(payload)}`;
        return `${start}.${createHmac(alg === "HS512" ? "sha512" : "sha256", secret)
          .update(start)
          .digest("base64url")}`;
      }),
    );
    await allRefused(tokens);
  });

  it("is refused when another key signed it under our key's name, or brought its own", async () => {
    const forger = new Signer(newKey());
    const { payload } = decode(token);
    const jwk = { kty: "OKP", crv: "Ed25519", x: forger.x };
    await allRefused(
      [signer.header, forger.header, { ...forger.header, jwk }, { ...signer.header, jwk }].map((header) =>
        forger.token(payload, header),
      ),
    );
  });

  it("is refused when its segments are of two tokens", async () => {
    const other = await mint(worker, "workspace_other");
    const [header, payload, signature] = token.split(".");
    const [, otherPayload, otherSignature] = other.split(".");
    await allRefused([`${header}.${otherPayload}.${signature}`, `${header}.${payload}.${otherSignature}`]);
  });
});
