// @ts-check
import assert from "node:assert/strict";
import { createHmac, sign } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { ask, bearer, mint } from "./exchange.mjs";
import { Signer, decode, newKey, segment } from "./keys.mjs";
import { request, send } from "./wire.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
/** @type {Signer} */
let signer;
/** A token that is good, and known to be: what the Worker remembers must not help a forger. */
let token = "";
before(async () => {
  const seed = newKey();
  signer = new Signer(seed);
  worker = await startWorker({ SIGNING_KEY: seed });
  token = await mint(worker);
});
after(() => worker?.close());

/** @param {string} text */
const use = (text) => ask(worker, "GET /v1/threads", { headers: bearer(text) });

/** @param {Iterable<string>} texts */
async function allRefused(texts) {
  const queue = [...texts];
  assert.ok(queue.length > 0);
  assert.equal((await use(token)).status, 200);
  // Some at a time: one after the other takes the most of a minute.
  const workers = Array.from({ length: 8 }, async () => {
    for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
      const { status, text: body } = await use(text);
      assert.ok(status === 401 || status === 403, `${status} ${body} for ${text}`);
    }
  });
  await Promise.all(workers);
  assert.equal((await use(token)).status, 200, "the token itself still counts");
}

/** @param {string} text @param {number} index @param {string} letters */
const replaced = (text, index, letters) => text.slice(0, index) + letters + text.slice(index + 1);

describe("a token that is altered", () => {
  it("in any one character is refused", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    await allRefused(
      [...token].flatMap((letter, index) => {
        const place = alphabet.indexOf(letter);
        // The neighbor differs in the last bit, the opposite one in the first: every decoded byte changes.
        const others = place < 0 ? ["A", "-"] : [alphabet[place ^ 1], alphabet[place ^ 32]];
        return others.map((other) => replaced(token, index, other));
      }),
    );
  });

  it("by one character less or more, anywhere, is refused", async () => {
    await allRefused([...token].flatMap((letter, index) => [replaced(token, index, ""), replaced(token, index, `${letter}A`)]));
  });

  it("by any character outside the alphabet, anywhere, is refused", async () => {
    const foreign = ["=", "+", "/", "?", "~", "%41", "\u00e9"];
    await allRefused([...token].map((letter, index) => replaced(token, index, letter + foreign[index % foreign.length])));
  });

  it("in any one bit of its signature is refused", async () => {
    const [header, payload, signature] = token.split(".");
    const flipped = function* () {
      for (let bit = 0; bit < 512; bit++) {
        const bytes = Buffer.from(signature, "base64url");
        bytes[bit >> 3] ^= 1 << (bit & 7);
        yield `${header}.${payload}.${bytes.toString("base64url")}`;
      }
    };
    await allRefused(flipped());
  });

  it("in the bits that base64url leaves over is refused", async () => {
    // 64 bytes are 85 letters and two bits: the last letter has four more bits that say nothing.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const place = alphabet.indexOf(String(token.at(-1)));
    await allRefused(Array.from({ length: 15 }, (_, bits) => token.slice(0, -1) + alphabet[place ^ (bits + 1)]));
  });

  it("into another signature that curve arithmetic would accept is refused", async () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const [header, payload, signature] = token.split(".");
    const bytes = Buffer.from(signature, "base64url");
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString("hex")}`);
    for (const shifted of [s + order, s + 2n * order, 2n ** 256n - 1n]) {
      Buffer.from(shifted.toString(16).padStart(64, "0"), "hex").reverse().copy(bytes, 32);
      await allRefused([`${header}.${payload}.${bytes.toString("base64url")}`]);
    }
  });

  it("in the white space around or inside it is refused, or is the same request", async () => {
    const [header, payload, signature] = token.split(".");
    const spaced = [`${header}. ${payload}.${signature}`, `${header}\t.${payload}.${signature}`, `${header}.${payload}.\t${signature}`];
    await allRefused([...spaced, ` ${token}`, `\t${token}`, `${token},`, `"${token}"`]);
    // HTTP itself takes white space off a header's end.
    assert.equal((await send(worker, request("GET /v1/threads", bearer(`${token} \t`)))).status, 200);
  });

  it("in the number of its segments is refused", async () => {
    const [header, payload, signature] = token.split(".");
    await allRefused([
      ...[".", "..", "...", "....", `${header}.`, `${header}.${payload}`, `${header}.${payload}.`, `.${payload}.${signature}`],
      ...[`${header}..${signature}`, `${token}.`, `.${token}`, `${token}.${signature}`, `${header}.${payload}..${signature}`],
      ...[`${token}..`, `${header}.${payload}.${signature}.${signature}.${signature}`, `${payload}.${header}.${signature}`],
    ]);
  });

  it("by padding is refused", async () => {
    const [header, payload, signature] = token.split(".");
    await allRefused([`${header}=.${payload}.${signature}`, `${header}.${payload}==.${signature}`, `${token}==`, `${token}=`]);
  });

  it("by its length alone is refused", async () => {
    const long = (/** @type {number} */ length) => signer.token({ ...decode(token).payload, padding: "x".repeat(length) });
    assert.equal((await use(long(4_000))).status, 200, "a long one is a token still");
    await allRefused([long(8_000), long(20_000), "a.".repeat(10_000), `${"a".repeat(9_000)}.${"a".repeat(9_000)}.a`]);
  });
});

describe("a token with a signature that fits, but", () => {
  /** @param {object | string} header @param {object | string} [payload] */
  const signed = (header, payload = decode(token).payload) => signer.token(payload, header);

  it("another algorithm is refused", async () => {
    const names = ["none", "None", "NONE", "nOnE", "", "HS256", "RS256", "ES256", "Ed25519", "eddsa", "EdDSA ", null, 1, ["EdDSA"], {}, true];
    await allRefused(names.map((alg) => signed({ ...signer.header, alg })));
    const { alg, ...without } = signer.header;
    await allRefused([signed(without)]);
  });

  it("another type is refused", async () => {
    const types = ["JWT", "at+jwt", "logout+jwt", "dpop+jwt", "refresh+jwt", "AUI+JWT", "application/aui+jwt", "", null, 1, ["aui+jwt"]];
    await allRefused(types.map((typ) => signed({ ...signer.header, typ })));
    const { typ, ...without } = signer.header;
    await allRefused([signed(without)]);
  });

  it("an unknown or odd key is refused", async () => {
    const names = [new Signer(newKey()).kid, "", " ", "../../dev/null", "' OR 1=1--", "\0", "\r\n", "💥", "x".repeat(4_096), null, 1, {}, [signer.kid]];
    await allRefused(names.map((kid) => signed({ ...signer.header, kid })));
    const { kid, ...without } = signer.header;
    await allRefused([signed(without)]);
  });

  it("any member more in its header is refused", async () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: signer.x };
    const members = [
      ...[{ crit: [] }, { crit: ["exp"] }, { crit: "exp" }, { crit: ["alg"] }, { crit: ["b64"], b64: false }, { b64: false }, { b64: true }],
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
    const values = ["[]", `"x"`, "null", "1", "{}", "{}x", "{", `\ufeff${JSON.stringify(signer.header)}`, " ", "[".repeat(3_000)];
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
    for (const header of [{ alg: "none" }, { alg: "none", typ: "aui+jwt" }, { ...signer.header, alg: "none" }, signer.header]) {
      const start = `${segment(header)}.${segment(payload)}`;
      await allRefused([`${start}.`, start, `${start}.${segment("x")}`, `${start}.${segment(Buffer.alloc(64))}`, `${start}.${token.split(".")[2]}x`]);
    }
  });

  it("is refused when our public key was taken for a shared secret", async () => {
    const { payload } = decode(token);
    const secrets = [
      ...[signer.x, Buffer.from(signer.x, "base64url"), signer.kid, JSON.stringify(signer.publicKey.export({ format: "jwk" }))],
      ...[signer.publicKey.export({ format: "pem", type: "spki" }), signer.publicKey.export({ format: "der", type: "spki" }), ""],
    ];
    const tokens = secrets.flatMap((secret) =>
      ["HS256", "HS512", "EdDSA"].map((alg) => {
        const start = `${segment({ ...signer.header, alg })}.${segment(payload)}`;
        return `${start}.${createHmac(alg === "HS512" ? "sha512" : "sha256", secret).update(start).digest("base64url")}`;
      }),
    );
    await allRefused(tokens);
  });

  it("is refused when another key signed it under our key's name, or brought its own", async () => {
    const forger = new Signer(newKey());
    const { payload } = decode(token);
    const jwk = { kty: "OKP", crv: "Ed25519", x: forger.x };
    await allRefused([signer.header, forger.header, { ...forger.header, jwk }, { ...signer.header, jwk }].map((header) => forger.token(payload, header)));
  });

  it("is refused when its segments are of two tokens", async () => {
    const other = await mint(worker, "workspace_other");
    const [header, payload, signature] = token.split(".");
    const [, otherPayload, otherSignature] = other.split(".");
    await allRefused([`${header}.${otherPayload}.${signature}`, `${header}.${payload}.${otherSignature}`]);
  });
});
