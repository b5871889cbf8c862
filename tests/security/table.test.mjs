// @ts-check
/** The table of a run, as it is committed: every case of the list is in it, once, with what came of it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

import { cases } from "./catalog.mjs";

/** How many cases the list has. */
const CASES = 122;

it("the table has every case, and a reason for each that was not run", () => {
  const numbers = Array.from({ length: CASES }, (_, index) => index + 1);
  assert.deepEqual([...cases.keys()], numbers);
  const table = readFileSync(join(import.meta.dirname, "..", "SECURITY.md"), "utf8");
  const rows = [...table.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \| (.*) \| (?:native)? \|$/gm)];
  assert.deepEqual(rows.map(([, number]) => Number(number)), numbers);
  for (const [row, , , , was] of rows) assert.ok(was !== "" && was !== "not run", row);
});
