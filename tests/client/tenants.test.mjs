// @ts-check
/** One person in two organizations, and one server for many people: nobody's data goes where somebody else's is. */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { Server, openOrigin, pass, tab } from "./origin.mjs";
import {
  AssistantCloud, answer, baseUrl, defineGlobal, grant, installFetch, installStorage, jwt, noThreads, requests, settle,
} from "./world.mjs";

/** Tokens of the same person in either organization, as providers write it. @type {[string, object, object][]} */
const ways = [
  ["org_id", { org_id: "A" }, { org_id: "B" }],
  ["Clerk's", { o: { id: "A", rol: "admin" } }, { o: { id: "B", rol: "admin" } }],
  ["Kinde's", { org_code: "A" }, { org_code: "B" }],
  ["Entra's", { tid: "A" }, { tid: "B" }],
  ["a namespaced claim", { "https://app.test/tenant": "A" }, { "https://app.test/tenant": "B" }],
];

describe("two tabs of one person, each in an organization of its own", () => {
  const anyClaim = /** @type {[string, object, object]} */ (["a claim that could mean anything", { realm: "A" }, { realm: "B" }]);
  for (const [name, one, other] of [...ways, anyClaim]) {
    test(`keep their tokens, told apart by ${name}`, async () => {
      openOrigin();
      const server = new Server();
      const sources = [one, other].map((more, index) => mock.fn(async () => server.mint("alice", { life: 300 + index, more })));
      const [A, B] = sources.map((authToken) => new (tab())({ baseUrl, authToken }));
      /** @type {string[]} */
      const tokens = [];
      A.auth.on("token", () => tokens.push("A"));
      await A.threads.list();
      await pass(1_000);
      await B.threads.list();
      await pass(1_000);
      await A.threads.list();
      assert.deepEqual(tokens, ["A"], "the first tab has taken the second one's");
      assert.deepEqual(sources.map((source) => source.mock.callCount()), [1, 1]);
    });
  }

  test("while those in the same one share, whatever their dates", async () => {
    openOrigin();
    const server = new Server();
    const authToken = mock.fn(async () => server.mint("alice", { more: { org_id: "A", auth_time: Date.now() } }));
    const [A, B] = [tab(), tab()].map((Cloud) => new Cloud({ baseUrl, authToken }));
    await A.threads.list();
    await pass(1_000);
    await B.threads.list();
    await pass(271_000, 10_000);
    await A.threads.list();
    await B.threads.list();
    assert.equal(authToken.mock.callCount(), 3, "one each, and one renewal for both");
  });
});

describe("a person who changes the organization", () => {
  for (const [name, one, other] of ways) {
    test(`has no call of before sent in the new one's name, told apart by ${name}`, async () => {
      let more = one;
      const fetch = installFetch(
        () => {
          more = other;
          return answer({ error: "JWT token has expired" }, { status: 401 });
        },
        answer({ thread_id: "t" }),
      );
      const cloud = new AssistantCloud({ baseUrl, authToken: async () => jwt({ iss: "https://id.test", ...more }) });
      const title = { last_message_at: new Date(), title: "A's secret" };
      await assert.rejects(cloud.threads.create(title), { code: "ERR_IDENTITY_CHANGED" });
      assert.equal(fetch.mock.callCount(), 1);
    });
  }
});

describe("a server's one storage", () => {
  test("is nobody's: each client there is a visitor of its own", async () => {
    const { values } = installStorage();
    defineGlobal("window", { value: undefined, writable: true });
    let visitors = 0;
    const fetch = installFetch((/** @type {unknown} */ url) =>
      String(url).endsWith("/anonymous") ? grant(jwt({ sub: `visitor ${++visitors}` })) : noThreads());
    for (let visitor = 0; visitor < 2; visitor++) {
      await new AssistantCloud({ baseUrl, anonymous: true }).threads.list();
      await settle();
    }
    assert.equal(requests(fetch).filter((line) => line === "POST /v1/auth/tokens/anonymous").length, 2);
    assert.deepEqual([...values], [], "nothing is kept there");
  });
});
