// @ts-check
/** The runtime's own limiter: bare workerd has none, so this asks wrangler's. */
import assert from "node:assert/strict";
import { it } from "node:test";

import { Stage } from "./stage.mjs";

it("the limiters that wrangler.toml binds count by address", async (t) => {
  // Another limit than the Worker's own, which counts where no limiter is bound.
  const edit = (/** @type {string} */ config) => config.replace("limit = 30", "limit = 7");
  const stage = await Stage.open({ vars: { RATE_LIMITS: "on" }, backend: false, edit });
  t.after(() => stage.close());
  /** @param {string} address */
  const visit = (address) =>
    fetch(`${stage.url}/v1/auth/tokens/anonymous`, { method: "POST", headers: { "CF-Connecting-IP": address } });
  const statuses = [];
  for (let time = 0; time < 28; time++) statuses.push((await visit("192.0.2.1")).status);
  // The minute may have begun anew in between.
  const admitted = statuses.filter((status) => status === 200).length;
  assert.ok(admitted >= 7 && admitted <= 14, statuses.join(" "));
  assert.deepEqual([...new Set(statuses)], [200, 429]);
  const refused = await visit("192.0.2.1");
  assert.deepEqual([refused.headers.get("Retry-After"), await refused.json()], ["60", { error: "rate_limited" }]);
});
