// @ts-check
/**
 * The vectors of Project Wycheproof through the back-end that the Worker has: the policy in Rust, the signatures by the
 * runtime's WebCrypto. Their payloads are no JSON, so no route would take them; `tests/wycheproof.rs` runs them through
 * the other back-end.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { environment, root } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";

const folder = join(root, "..", "shared", "vectors");
const skip = !existsSync(folder) && "the vectors are not part of the repository";

/** What the vectors get wrong, or ask of other algorithms than ours: as in `tests/wycheproof.rs`. */
const DEFECTIVE = [346, 347, 350, 351, 367, 370, 372, 373];

/** @typedef {{ id: number, isValid: boolean, isSymmetric: boolean, question: object | null }} Outcome */

/** @param {string} name of a file of vectors @returns {Outcome[]} */
function outcomes(name) {
  const args = ["run", "--quiet", "--example", "policy"];
  const input = readFileSync(join(folder, name));
  const { status, stdout, stderr } = spawnSync("cargo", args, { cwd: root, env: environment(), input, encoding: "utf8", maxBuffer: 1e8 });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

describe("the vectors, by WebCrypto in the runtime", { skip }, () => {
  /** @type {import("../worker/workerd.mjs").Worker} */
  let worker;
  before(async () => {
    const files = [join(import.meta.dirname, "webcrypto-worker.mjs"), join(root, "src", "edge", "webcrypto.js")];
    worker = await startWorker({}, { files });
  });
  after(() => worker?.close());

  for (const [name, count] of /** @type {[string, number][]} */ ([["json_web_signature_test.json", 401], ["json_web_key_test.json", 26]])) {
    it(`come out as they should: ${name}`, async () => {
      const all = outcomes(name);
      assert.equal(all.length, count);
      const asked = all.filter(({ question }) => question);
      assert.ok(asked.length > 0);
      const response = await fetch(worker.url, { method: "POST", body: JSON.stringify(asked.map(({ question }) => question)) });
      const answers = await response.json();
      const accepted = new Set(asked.filter((_, index) => answers[index] === true).map(({ id }) => id));
      const failed = answers.filter((/** @type {unknown} */ answer) => typeof answer === "string");
      assert.deepEqual(failed, [], "a key or a signature that the runtime throws at");
      const wrong = all.filter(({ id, isValid, isSymmetric }) => !isSymmetric && accepted.has(id) !== isValid).map(({ id }) => id);
      const symmetric = new Set(all.filter(({ isSymmetric }) => isSymmetric).map(({ id }) => id));
      const expected = name.includes("signature") ? DEFECTIVE.filter((id) => !symmetric.has(id)) : [];
      assert.deepEqual(wrong, expected);
      console.log(`${name}: ${asked.length} asked of WebCrypto, ${all.length - asked.length - symmetric.size} refused before, ${symmetric.size} of shared secrets`);
    });
  }
});
