// @ts-check
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { ask, bearer, listThreads } from "../worker/exchange.mjs";
import { decode } from "../worker/keys.mjs";
import { ProviderKey } from "./provider-key.mjs";
import { AUDIENCE, ISSUER, Stage, claims, misconfigured, rule, seconds } from "./provider.mjs";
import { prove } from "./registry.mjs";

/** @type {Stage} */
let stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage?.close());

/** Tokens with these values of a claim, one each. @param {string} name @param {unknown[]} values */
const withEach = (name, values) => values.map((value) => stage.token({ [name]: value }));

/** A token whose payload has this text for a claim's value. @param {string} name @param {string} text */
const withText = (name, text) => stage.key.token(JSON.stringify(claims({ [name]: "PLACE" })).replace(`"PLACE"`, text));

/** The workspace token that an answer hands out. @param {{ headers: Headers }} answer */
const handedOut = ({ headers }) => decode(String(headers.get("Authorization")).replace("Bearer ", "")).payload;

/**
 * A Worker with one rule, changed; closed when the body is done.
 *
 * @param {Record<string, unknown>} changes
 * @param {(stage: Stage) => Promise<void>} body
 */
async function withRule(changes, body) {
  const other = await Stage.open({ rule: changes });
  await body(other);
  await other.close();
}

prove(45, async (evidence) => {
  await stage.refuses(evidence, withEach("exp", [undefined]));
  const { exp, ...endless } = stage.ownClaims();
  await stage.refuses(evidence, [stage.signer.token(endless)]);
});

prove(46, async (evidence) => {
  const { key } = stage;
  await stage.refuses(evidence, [-10, -60, -86_000, -1e9].map((age) => stage.token({ iat: seconds() + age - 60, exp: seconds() + age })), 401);
  await stage.refuses(evidence, [-1, -2, -10].map((age) => stage.signer.token(stage.ownClaims({ exp: seconds() + age }))), 401);
  await withRule({ clock_tolerance_seconds: 0 }, async (strict) => {
    await strict.refuses(evidence, [-1, -2].map((age) => strict.token({ exp: seconds() + age })), 401);
  });
  // The tolerance is for a provider's clock that is ahead, not for tokens that are late.
  await stage.refuses(evidence, [-1, -2].map((age) => key.token(claims({ exp: seconds() + age }))), 401);
});

prove(47, async (evidence) => {
  await stage.refuses(evidence, withEach("exp", [String(seconds() + 60), true, null, [], {}, "NaN", [seconds() + 60]]));
  await stage.refuses(evidence, ["1e400", "-1e400"].map((text) => withText("exp", text)));
  await stage.refuses(evidence, withEach("exp", [-1, 0, -1e15]), [401, 403]);
});

prove(48, async (evidence) => {
  const limits = [
    ...["9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"],
    ...["8210266876799", "-8334601228800", "8334601228800", "1e308", "-1e308", "1e18", "18446744073709551615"],
    ...["253402300800", "-62135596801", "9007199254740993", "0.000000001", "1e-400", "-0"],
  ];
  const tokens = limits.flatMap((text) => ["exp", "nbf", "iat"].map((name) => withText(name, text)));
  for (const token of tokens) {
    const { payload } = decode(token);
    // A time long ago may begin a token or say when it was made; it cannot end one.
    const past = payload.exp > seconds() && (payload.nbf === undefined || payload.nbf < seconds());
    evidence.answer(await stage.use(token), past ? [200, 401, 403] : [401, 403], JSON.stringify(payload));
  }
  const own = limits.flatMap((text) =>
    ["exp", "nbf"].map((name) =>
      stage.signer.token(JSON.stringify(stage.ownClaims({ [name]: "PLACE" })).replace(`"PLACE"`, text)),
    ),
  );
  for (const token of own) {
    const { status } = await ask(stage.worker, "GET /v1/threads", { headers: bearer(token) });
    assert.ok([200, 401, 403].includes(status), `${status} for ${JSON.stringify(decode(token))}`);
  }
  await stage.works();
});

prove(49, async (evidence) => {
  const DAY = 86_400;
  await stage.refuses(evidence, [
    stage.token({ exp: seconds() + DAY + 60 }),
    stage.token({ iat: seconds() - 60, exp: seconds() + DAY }),
    stage.token({ iat: undefined, exp: seconds() + DAY + 60 }),
    stage.token({ exp: seconds() + 100 * 365 * DAY }),
  ]);
  evidence.control(await stage.use(stage.token({ exp: seconds() + DAY - 60 })));
  await withRule({ max_age_seconds: 600 }, async (short) => {
    await short.refuses(evidence, [
      short.token({ exp: seconds() + 660 }),
      short.token({ iat: seconds() - 700, exp: seconds() + 60 }),
    ]);
    evidence.control(await short.use(short.token({ iat: seconds() - 300, exp: seconds() + 200 })));
  });
});

prove(50, async (evidence) => {
  for (const left of [12, 120, 299]) {
    const exp = seconds() + left;
    const own = handedOut(evidence.answer(await stage.use(stage.token({ exp })), 200));
    assert.ok(own.exp <= exp, `${own.exp} after ${exp}`);
    assert.ok(own.exp > seconds(), "it can be used at all");
  }
  const own = handedOut(await stage.use(stage.token({ exp: seconds() + 3_600 })));
  assert.equal(own.exp - own.iat, 300);
});

prove(51, async (evidence) => {
  const { signer } = stage;
  await stage.refuses(evidence, withEach("nbf", [seconds() + 60, seconds() + 3_600]), 401);
  await stage.refuses(evidence, [signer.token(stage.ownClaims({ nbf: seconds() + 60 }))], 401);
  for (const nbf of [seconds() + 2, seconds(), seconds() - 3_600, undefined]) {
    evidence.answer(await stage.use(stage.token({ nbf })), 200, String(nbf));
  }
  await stage.refuses(evidence, withEach("nbf", [String(seconds()), null, true, [], {}]));
});

prove(52, async (evidence) => {
  await stage.refuses(evidence, withEach("iat", [seconds() + 30, seconds() + 3_600, String(seconds()), null, true, [], {}]));
  evidence.control(await stage.use(stage.token({ iat: seconds() + 2 })), "within the tolerance");
});

prove(53, async (evidence) => {
  const values = [
    ...[undefined, null, "", 1, {}, [ISSUER], [ISSUER, ISSUER], `${ISSUER}/`, ISSUER.toUpperCase(), "https://ID.example.com"],
    ...[`${ISSUER}.evil.test`, ISSUER.slice(0, -1), `${ISSUER}:443`, "http://id.example.com", "https://id%2Eexample.com"],
    ...["https://іd.example.com", `${ISSUER} `, ` ${ISSUER}`, `${ISSUER}\0`, "id.example.com", `${ISSUER}?`, `${ISSUER}#`],
  ];
  await stage.refuses(evidence, withEach("iss", values));
  await withRule({ issuer: `${ISSUER}/` }, async (slashed) => {
    evidence.control(await slashed.use(slashed.token({ iss: `${ISSUER}/` })), "as it is configured");
    const answer = await slashed.use(slashed.token());
    evidence.answer(answer, 403, "without the slash that is configured");
  });
});

prove(54, async (evidence) => {
  const values = [
    ...[undefined, null, "", [], [1], [null], {}, 1, true, AUDIENCE.slice(0, -1), AUDIENCE.slice(1), `${AUDIENCE}/`],
    ...[AUDIENCE.toUpperCase(), [[AUDIENCE]], { 0: AUDIENCE }, `${AUDIENCE},other`, `${AUDIENCE} `, ["other"], [`${AUDIENCE}x`]],
  ];
  await stage.refuses(evidence, withEach("aud", values));
});

prove(55, async (evidence) => {
  for (const aud of [[AUDIENCE], [AUDIENCE, "other"], ["other", AUDIENCE]]) {
    evidence.answer(await stage.use(stage.token({ aud })), 200);
  }
  await stage.refuses(evidence, withEach("aud", [[AUDIENCE, 1], ["other", null, AUDIENCE]]));
  await withRule({ single_audience: true }, async (single) => {
    await single.refuses(evidence, [[AUDIENCE, "other"], ["other", AUDIENCE]].map((aud) => single.token({ aud })));
    evidence.answer(await single.use(single.token({ aud: [AUDIENCE] })), 200);
  });
  await withRule({ audience: [AUDIENCE, "second"] }, async (several) => {
    evidence.answer(await several.use(several.token({ aud: "second" })), 200);
  });
});

prove(56, async (evidence) => {
  await stage.refuses(evidence, withEach("aud", ["https://sibling.example.com", ["https://sibling.example.com"]]));
  for (const issuer of ["https://accounts.google.com", "https://appleid.apple.com", "https://securetoken.google.com/project"]) {
    const rules = [{ name: "id", provider: "custom", issuer, jwks_url: "https://www.googleapis.com/oauth2/v3/certs" }];
    await misconfigured(evidence, { AUTH_RULES: JSON.stringify(rules) }, "audience");
  }
});

prove(57, async (evidence) => {
  const app = "https://app.example.com";
  await withRule({ authorized_parties: [app, "second"] }, async (limited) => {
    const values = [undefined, null, "", 1, [app], `${app}/`, app.toUpperCase(), "other", `${app},second`];
    const party = (/** @type {unknown} */ azp) => limited.token({ azp });
    for (const azp of [app, "second"]) evidence.control(await limited.use(party(azp)));
    for (const token of values.map(party)) evidence.answer(await limited.use(token), 403, JSON.stringify(decode(token)));
  });
  evidence.control(await stage.use(stage.token({ azp: "anybody" })), "no rule on it");
});

prove(58, async (evidence) => {
  const values = [
    ...[undefined, null, "", 1, true, [], {}, ["user_1"], " ", "a b", "a\tb", "a\nb", "a\0b", "a\u007fb", "a\u00a0b", "\u2028"],
    ...["x".repeat(256), "x".repeat(1_000), "usr_anon_0", `usr_anon_0${"x".repeat(23)}`, "__SYSTEM__"],
  ];
  await stage.refuses(evidence, withEach("sub", values));
  // The person must be one, whatever the workspace comes from.
  await withRule({ workspace: "{org_id}" }, async (other) => {
    for (const sub of values) evidence.answer(await other.use(other.token({ sub, org_id: "org_1" })), 403, JSON.stringify(sub));
  });
  evidence.control(await stage.use(stage.token({ sub: "x".repeat(255) })));
});

prove(59, async (evidence) => {
  const values = [undefined, null, 1, true, {}, [], "", ["org_1"], " ", "a b", "x".repeat(256), "usr_anon_0"];
  await withRule({ workspace: "{org_id}" }, async (other) => {
    for (const org_id of values) {
      evidence.answer(await other.use(other.token({ org_id })), 403, JSON.stringify(org_id));
    }
    const answer = evidence.control(await other.use(other.token({ org_id: "org_1" })));
    assert.equal(handedOut(answer).workspace_id, "org_1");
    assert.equal(handedOut(answer).sub, "user_1");
  });
  await withRule({ workspace: "{org_id}_{sub}" }, async (other) => {
    for (const org_id of values.slice(0, 7)) evidence.answer(await other.use(other.token({ org_id })), 403);
  });
});

prove(60, async (evidence) => {
  const pairs = [["a_b", "c"], ["a", "b_c"], ["a_", "b_c"], ["a_b_c", "x"], ["a", "b_c_x"]];
  await withRule({ workspace: "{org}_{sub}" }, async (other) => {
    const workspaces = [];
    for (const [org, sub] of pairs) {
      const answer = evidence.answer(await other.use(other.token({ org, sub })), [200, 403], `${org} ${sub}`);
      if (answer.status === 200) workspaces.push(handedOut(answer).workspace_id);
    }
    assert.equal(new Set(workspaces).size, workspaces.length, workspaces.join(" "));
    const plain = evidence.answer(await other.use(other.token({ org: "a", sub: "b" })), 200);
    assert.equal(handedOut(plain).workspace_id, "a_b");
  });
});

prove(61, async (evidence) => {
  const literal = (/** @type {string} */ name) => `${JSON.stringify(claims()).slice(0, -1)},${JSON.stringify(name)}:"ws_1"}`;
  for (const name of ["__proto__", "constructor", "toString", "a.b", "https://x.example/claim"]) {
    await withRule({ workspace: `{${name}}` }, async (other) => {
      evidence.answer(await other.use(other.token()), 403, `${name} is not there`);
      const answer = evidence.answer(await other.use(other.key.token(literal(name))), 200, name);
      assert.equal(handedOut(answer).workspace_id, "ws_1");
    });
  }
  await withRule({ workspace: "{a.b}" }, async (other) => {
    evidence.answer(await other.use(other.token({ a: { b: "ws_1" } })), 403, "a dot is a letter like any other");
  });
});

prove(62, async (evidence) => {
  const project = "chat-4711";
  const firebase = { iss: `https://securetoken.google.com/${project}`, aud: project, auth_time: seconds() - 60, user_id: "user_1" };
  const other = await Stage.open({
    algorithm: "RS256",
    rules: (server) => [rule(server), { name: "fire", provider: "firebase", project, jwks_url: server.url }],
  });
  const token = (/** @type {object} */ changes) => other.token({ ...firebase, ...changes });
  evidence.control(await other.use(token({})));
  await other.refuses(evidence, [
    token({ aud: "another" }),
    token({ iss: "https://securetoken.google.com/another" }),
    token({ iss: "https://securetoken.google.com/another", aud: "another" }),
    token({ auth_time: seconds() + 600 }),
    token({ auth_time: "soon" }),
    token({ sub: "" }),
    token({ sub: undefined }),
  ]);
  await other.close();
});

prove(63, async (evidence) => {
  const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
  const { key } = stage;
  await stage.refuses(evidence, [
    stage.token({ events, sid: "1" }),
    key.token(claims({ events }), { ...key.header, typ: "logout+jwt" }),
    stage.token({ events: {} }),
    // An ID token is for the app, not for the API.
    stage.token({ aud: "client_1", nonce: "n", at_hash: "h" }),
    stage.token({ aud: ["client_1"], azp: "client_1", nonce: "n" }),
  ]);
});

prove(64, async (evidence) => {
  const base = { provider: "custom", issuer: ISSUER, jwks_url: "https://id.example.com/jwks" };
  const pairs = [
    [{ ...base, audience: "a" }, { ...base, audience: "a" }],
    [{ ...base, audience: ["a", "b"] }, { ...base, audience: ["b", "c"] }],
    [{ ...base }, { ...base, audience: "a" }],
    [{ ...base, audience: "a" }, { ...base }],
  ];
  for (const [first, second] of pairs) {
    const rules = [{ name: "first", ...first }, { name: "id", ...second }];
    await misconfigured(evidence, { AUTH_RULES: JSON.stringify(rules) }, "audience");
  }
  const other = await Stage.open({
    rules: (server) => [rule(server), rule(server, { name: "second", audience: "second", workspace: "second_{sub}" })],
  });
  evidence.control(await other.use(other.token()));
  const answer = evidence.control(await other.use(other.token({ aud: "second" })));
  assert.equal(handedOut(answer).workspace_id, "second_user_1");
  const both = await Promise.all(Array.from({ length: 5 }, () => other.use(other.token({ aud: ["second", AUDIENCE] }))));
  const taken = new Set(both.map((answer) => (answer.status === 200 ? handedOut(answer).workspace_id : answer.status)));
  assert.equal(taken.size, 1, "the same rule each time, or none");
  evidence.answer(both[0], [200, 403]);
  await other.close();
});

prove(65, async (evidence) => {
  const forger = new ProviderKey("ES256", { kid: stage.key.kid });
  const times = [{ exp: seconds() - 600 }, { exp: 1 }, { nbf: seconds() + 600 }, { iat: seconds() + 600 }];
  await stage.refuses(evidence, times.map((changes) => forger.token(claims(changes))));
  const [header, payload, signature] = stage.token({ exp: seconds() - 600 }).split(".");
  await stage.refuses(evidence, [`${header}.${payload}.${signature.split("").reverse().join("")}`]);
});

prove(66, async (evidence) => {
  const other = await Stage.open({ rules: (server) => [rule(server), rule(server, { name: "b", issuer: "https://b.example.com" })] });
  const token = other.token({ exp: seconds() + 600 });
  for (let time = 0; time < 3; time++) evidence.control(await other.use(token));
  const own = (await other.use(token)).headers.get("Authorization")?.replace("Bearer ", "") ?? "";
  assert.deepEqual(await listThreads(other.worker, bearer(own)), []);
  // The same token under a rule of the same name and issuer, whose provider has another key.
  const { key } = other;
  other.server.keys = [new ProviderKey("ES256", { kid: key.kid }).jwk];
  await other.worker.restart();
  evidence.answer(await other.use(token), 403);
  other.server.keys = [key.jwk];
  await other.worker.restart({ PROJECT_ID: "proj_other" });
  evidence.answer(await ask(other.worker, "GET /v1/threads", { headers: bearer(own) }), 403);
  await other.worker.restart({ AUTH_RULES: JSON.stringify([rule(other.server, { audience: "another" })]) });
  evidence.answer(await other.use(token), 403);
  await other.close();
});

prove(66, async (evidence) => {
  const token = stage.token({ exp: seconds() + 1 });
  evidence.control(await stage.use(token));
  await wait(7_500);
  evidence.answer(await stage.use(token), 401);
}, { part: "after its time" });
