// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { bearer, mint } from "./exchange.mjs";
import { Signer, decode, newKey } from "./keys.mjs";
import * as refusal from "./refusal.mjs";
import { request, send } from "./wire.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** The digits of base64url, in their order. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

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

/** @param {string} text @param {number} index @param {string} letters */
const replaced = (text, index, letters) => text.slice(0, index) + letters + text.slice(index + 1);

describe("a token that is altered", () => {
  it("in any one character is refused", async () => {
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
    await allRefused(
      [...token].flatMap((letter, index) => [replaced(token, index, ""), replaced(token, index, `${letter}A`)]),
    );
  });

  it("by any character outside the alphabet, anywhere, is refused", async () => {
    const foreign = ["=", "+", "/", "?", "~", "%41", "\u00e9"];
    await allRefused(
      [...token].map((letter, index) => replaced(token, index, letter + foreign[index % foreign.length])),
    );
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
    const spaced = [
      `${header}. ${payload}.${signature}`,
      `${header}\t.${payload}.${signature}`,
      `${header}.${payload}.\t${signature}`,
    ];
    await allRefused([...spaced, ` ${token}`, `\t${token}`, `${token},`, `"${token}"`]);
    // HTTP itself takes white space off a header's end.
    assert.equal((await send(worker, request("GET /v1/threads", bearer(`${token} \t`)))).status, 200);
  });

  it("in the number of its segments is refused", async () => {
    const [header, payload, signature] = token.split(".");
    await allRefused([
      ...[
        ".",
        "..",
        "...",
        "....",
        `${header}.`,
        `${header}.${payload}`,
        `${header}.${payload}.`,
        `.${payload}.${signature}`,
      ],
      ...[
        `${header}..${signature}`,
        `${token}.`,
        `.${token}`,
        `${token}.${signature}`,
        `${header}.${payload}..${signature}`,
      ],
      ...[
        `${token}..`,
        `${header}.${payload}.${signature}.${signature}.${signature}`,
        `${payload}.${header}.${signature}`,
      ],
    ]);
  });

  it("by padding is refused", async () => {
    const [header, payload, signature] = token.split(".");
    await allRefused([
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}==.${signature}`,
      `${token}==`,
      `${token}=`,
    ]);
  });

  it("by its length alone is refused", async () => {
    const long = (/** @type {number} */ length) =>
      signer.token({ ...decode(token).payload, padding: "x".repeat(length) });
    assert.equal((await refusal.use(worker, long(4_000))).status, 200, "a long one is a token still");
    await allRefused([long(8_000), long(20_000), "a.".repeat(10_000), `${"a".repeat(9_000)}.${"a".repeat(9_000)}.a`]);
  });
});
