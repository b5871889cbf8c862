// @ts-check
/** Scores beside the official client: contract 1.6, 21. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { same, sameRefusals } from "./both.mjs";

const stored = { score_id: "score_1", name: "helpfulness", data_type: "numeric", value: 0.8, string_value: null };

describe("a score", () => {
  test("is sent as it is given, and comes back as it is stored", async () => {
    /** @type {[any, any][]} */
    const scores = [
      [{ name: "helpfulness", data_type: "numeric", value: 0.8, thread_id: "t", message_id: "m" }, stored],
      [{ name: "done", data_type: "boolean", value: true, thread_id: "t", comment: "c" }, { ...stored, data_type: "boolean", value: 1 }],
      [{ name: "tone", data_type: "categorical", string_value: "kind", run_id: "r" }, { ...stored, data_type: "categorical", value: null, string_value: "kind" }],
    ];
    for (const [body, score] of scores) {
      const { value, request } = await same({ ...score, more: 1 }, (cloud) => cloud.scores.create(body), 201);
      assert.deepEqual(value, score);
      assert.deepEqual([request.method, request.url, request.body], ["POST", "https://cloud.test/v1/scores", JSON.stringify(body)]);
    }
  });

  test("that breaks the contract is named", async () => {
    const field = '"score response';
    await sameRefusals([
      [`${field}": expected an object`, ""], [`${field}.score_id": expected a string`, { ...stored, score_id: 42 }], [`${field}.name": expected a string`, { ...stored, name: null }],
      [`${field}.data_type": expected one of "numeric", "categorical", "boolean"`, { ...stored, data_type: "text" }], [`${field}.data_type": expected a string`, { ...stored, data_type: null }],
      ...[true, "1", undefined].map((value) => /** @type {[string, unknown]} */ ([`${field}.value": expected a number`, { ...stored, value }])),
      [`${field}.string_value": expected a string`, { ...stored, string_value: undefined }],
    ], ({ scores }) => scores.create({ name: "x", data_type: "numeric", value: 1, run_id: "r" }));
  });

  test("is refused in the server's words", async () => {
    const { code, status } = await same({ error: "Run not found" }, ({ scores }) => scores.create({ name: "x", data_type: "numeric", value: 1, run_id: "r" }), 404);
    assert.deepEqual([status, code], [404, "Run not found"]);
  });
});
