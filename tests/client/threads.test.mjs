// @ts-check
/** Threads beside the official client, and what it does not have: contract 1.6, 4 to 9. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OurCloud, key, same, sameRefusals } from "./both.mjs";
import { AssistantCloud, answer, installFetch } from "./world.mjs";

describe("claiming threads", () => {
  test("sends the refresh token, and says how many were moved", async () => {
    for (const moved of [0, 2]) {
      const { value, request } = await same({ moved, more: 1 }, ({ threads }) => threads.claim({ refresh_token: "refresh_0x" }));
      assert.deepEqual(value, { moved });
      assert.deepEqual([request.method, request.url, request.body], ["POST", "https://cloud.test/v1/threads/claim", '{"refresh_token":"refresh_0x"}']);
    }
  });

  test("is refused in the server's words", async () => {
    for (const error of ["Anonymous sessions cannot claim threads", "Invalid refresh token"]) {
      const { name, status, code } = await same({ error }, ({ threads }) => threads.claim({ refresh_token: "x" }), 403);
      assert.deepEqual([name, status, code], ["CloudAPIError", 403, error]);
    }
  });

  test("takes no other count than an integer", async () => {
    const expected = '"moved": expected an integer';
    await sameRefusals([
      ['"thread claim response": expected an object', ""], [expected, {}], [expected, { moved: 1.5 }],
      [expected, { moved: "1" }], [expected, { moved: null }], [expected, { moved: true }],
    ], ({ threads }) => threads.claim({ refresh_token: "x" }));
  });
});

test("a thread that is to be made only once names its external id", async () => {
  const fetch = installFetch(answer({ thread_id: "t" }));
  const { threads } = new AssistantCloud(key);
  assert.deepEqual(await threads.create({ last_message_at: new Date(0), external_id: "e", upsert: true }), { thread_id: "t" });
  assert.equal(
    fetch.mock.calls[0]?.arguments[1].body,
    '{"last_message_at":"1970-01-01T00:00:00.000Z","external_id":"e","upsert":true}',
  );
});

test("every part of a client stays the same object", () => {
  const cloud = new OurCloud(key);
  const parts = () => [
    cloud.threads, cloud.threads.messages, cloud.projects, cloud.projects.threads, cloud.projects.threads.messages,
    cloud.auth, cloud.auth.tokens, cloud.runs, cloud.files, cloud.events, cloud.scores, cloud.telemetry,
  ];
  const before = parts();
  for (const [index, part] of parts().entries()) assert.ok(part && part === before[index], String(index));
  assert.equal(new Set(before).size, before.length);
});
