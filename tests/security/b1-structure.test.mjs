// @ts-check
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { ask, bearer } from "../worker/exchange.mjs";
import { segment } from "../worker/keys.mjs";
import { request, send } from "../worker/wire.mjs";
import { Stage } from "./provider.mjs";
import { prove } from "./registry.mjs";

/** The digits of base64url, in their order. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** @type {Stage} */
let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

/** Both kinds of token, each in its three segments. */
const genuine = () =>
  stage.kinds().map((kind) => {
    const token = kind.key.token(kind.claims);
    const [header, payload, signature] = token.split(".");
    return { ...kind, token, header, payload, signature };
  });

/** Every token that one of these makes of both kinds. @param {(kind: ReturnType<typeof genuine>[0]) => string[]} make */
const forge = (make) => genuine().flatMap(make);

/** An answer read off the wire, as `ask` gives it. @param {{ status: number, text: string }} answer */
const read = ({ status, text }) => ({ status, body: text ? JSON.parse(text) : undefined });

prove(1, async (evidence) => {
  for (const line of ["GET /v1/threads", "POST /v1/threads", "GET /v1/runs", "POST /v1/auth/tokens", "POST /v1/events"]) {
    evidence.answer(await ask(stage.worker, line), 401, line);
  }
});

prove(2, async (evidence) => {
  const [{ token }] = genuine().slice(1);
  const values = [`Basic ${token}`, "Bearer", `Bearer  ${token}`, `Token ${token}`, `bearer ${token}`, token, `Bearer\t${token}`];
  for (const Authorization of values) {
    evidence.answer(await ask(stage.worker, "GET /v1/threads", { headers: { Authorization } }), 401, Authorization);
  }
});

prove(3, async (evidence) => {
  const [own, foreign] = genuine().map(({ token }) => bearer(token).Authorization);
  for (const [first, second] of [[own, foreign], [foreign, own], [foreign, foreign]]) {
    const text = request("GET /v1/threads", { Authorization: `${first}\r\nAuthorization: ${second}` });
    evidence.answer(read(await send(stage.worker, text)), [401, 403]);
  }
});

prove(4, async (evidence) => {
  await stage.refuses(
    evidence,
    forge(({ token, header, payload, signature }) => [
      ...[header, payload, `${header}.`, `${header}.${payload}`, `${header}.${payload}.`, `.${payload}.${signature}`],
      ...[`${header}..${signature}`, `${token}.`, `.${token}`, `${token}.${signature}`, `${token}..`, "..", "...."],
      `${segment({ alg: "RSA-OAEP", enc: "A256GCM" })}.${payload}.${segment("iv")}.${payload}.${signature}`,
      `${header}.${payload}.${signature}.${payload}.${signature}`,
    ]),
  );
});

prove(5, async (evidence) => {
  const padded = (/** @type {number} */ length) =>
    forge(({ key, claims }) => [key.token({ ...claims, padding: "x".repeat(length) })]);
  const [own, foreign] = padded(3_000);
  for (const [token, provider] of /** @type {const} */ ([[own, false], [foreign, true]])) {
    const { status, text } = await ask(stage.worker, "GET /v1/threads", { headers: bearer(token), provider });
    assert.equal(status, 200, text);
  }
  await stage.refuses(evidence, [...padded(6_500), ...padded(90_000), "a.".repeat(10_000), `${"a".repeat(9_000)}.${"a".repeat(9_000)}.a`]);
});

prove(6, async (evidence) => {
  // HTTP itself refuses a line break in a header, so the token with one never comes as one.
  const foreign = ["=", "+", "/", " ", "\t", "?", "~", "%41"];
  await stage.refuses(
    evidence,
    forge(({ header, payload, signature }) => {
      const segments = [header, payload, signature];
      return segments.flatMap((segment, place) =>
        foreign.flatMap((letter) =>
          [`${letter}${segment}`, `${segment.slice(0, 9)}${letter}${segment.slice(9)}`, `${segment.slice(0, 9)}${letter}${segment.slice(10)}`, `${segment}${letter}x`].map((altered) =>
            segments.with(place, altered).join("."),
          )
          // A second space behind the scheme is case 2's.
          .filter((token) => !token.startsWith(" ")),
        ),
      );
    }),
  );
  for (const { token } of genuine()) {
    const text = request("GET /v1/threads", { Authorization: `Bearer ${token.slice(0, 20)}\r\n ${token.slice(20)}` });
    const answer = await send(stage.worker, text);
    assert.ok([400, 401, 403].includes(answer.status), String(answer.status));
    evidence.note(`${answer.status} for a line break`);
  }
});

prove(7, async (evidence) => {
  // 64 bytes are 85 letters and two bits: the last letter has four more bits that say nothing.
  await stage.refuses(
    evidence,
    forge(({ token }) => {
      const place = alphabet.indexOf(String(token.at(-1)));
      return Array.from({ length: 15 }, (_, bits) => token.slice(0, -1) + alphabet[place ^ (bits + 1)]);
    }),
  );
});

prove(8, async (evidence) => {
  const values = ["[]", `"x"`, "null", "1", "", "{}", "{", " ", "true", "[{}]"];
  await stage.refuses(evidence, forge(({ key, claims }) => values.flatMap((text) => [key.token(claims, text), key.token(text)])));
});

prove(9, async (evidence) => {
  const bytes = ["ff", "c0af", "eda080", "f8888080"].map((hex) => Buffer.from(hex, "hex"));
  await stage.refuses(
    evidence,
    forge(({ key, claims: { sub, ...rest } }) => {
      const [payload, header] = [rest, key.header].map((value) => JSON.stringify(value).slice(0, -1));
      const wrap = (/** @type {string} */ text, /** @type {string} */ name, /** @type {Buffer} */ value) =>
        Buffer.concat([Buffer.from(`${text},"${name}":"`), value, Buffer.from(`"}`)]);
      return [
        ...bytes.flatMap((value) => [key.token(wrap(payload, "sub", value)), key.token({ ...rest, sub }, wrap(header, "x", value))]),
        key.token(`\ufeff${JSON.stringify({ ...rest, sub })}`),
        key.token({ ...rest, sub }, `\ufeff${JSON.stringify(key.header)}`),
      ];
    }),
  );
});

prove(10, async (evidence) => {
  const deep = (/** @type {number} */ depth) => [`${"[".repeat(depth)}${"]".repeat(depth)}`, `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`];
  await stage.refuses(
    evidence,
    forge(({ key, claims }) =>
      [...deep(127), ...deep(700), ...deep(2_500).slice(0, 1), "[".repeat(3_000)].flatMap((text) => [
        key.token(text),
        key.token(claims, text),
        key.token(`${JSON.stringify(claims).slice(0, -1)},"sub":${text}}`),
      ]),
    ),
  );
  const more = [JSON.stringify({ ...stage.key.header, x: 0 }).replace("0", "[".repeat(500) + "]".repeat(500))];
  await stage.refuses(evidence, more.map((header) => stage.key.token(stage.kinds()[1].claims, header)));
});

prove(11, async (evidence) => {
  const escaped = (/** @type {string} */ name) => `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
  await stage.refuses(
    evidence,
    forge(({ key, claims }) => {
      const doubled = (/** @type {Record<string, any>} */ value) =>
        Object.entries(value).flatMap(([name, content]) =>
          [name, escaped(name)].flatMap((spelled) =>
            [content, "other"].map((other) => `${JSON.stringify(value).slice(0, -1)},"${spelled}":${JSON.stringify(other)}}`),
          ),
        );
      return [...doubled(key.header).map((header) => key.token(claims, header)), ...doubled(claims).map((payload) => key.token(payload))];
    }),
  );
});

prove(12, async (evidence) => {
  const algorithms = ["EdDSA", "Ed25519", "HS256", "RS256", "RS512", "PS256", "ES256", "ES384", "none", "ES256K", "ES512"];
  await stage.refuses(
    evidence,
    forge(({ key, payload }) => algorithms.map((alg) => `${segment({ ...key.header, alg })}.${payload}.`)),
  );
});

prove(13, async (evidence) => {
  await stage.refuses(
    evidence,
    forge(({ key, claims }) =>
      ["x", " {}", "{}", ",", "\0", "}", "//"].flatMap((rest) => [
        key.token(JSON.stringify(claims) + rest),
        key.token(claims, JSON.stringify(key.header) + rest),
      ]),
    ),
  );
});
