// @ts-check
/** A Worker of one's own that uses the package: bundled by wrangler, run on a bare workerd. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../../scripts/command.mjs";
import { environment, tools } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { expected } from "./consumer/expected.mjs";
import { project, source } from "./project.mjs";
import { startScript } from "./workerd.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
before(async () => void (worker = await startWorker()));
after(() => worker?.close());

test("a Worker", async () => {
  const cwd = await project("workerd", {
    "use.js": source("consumer", "use.js"),
    "index.js": `
      import { use } from "./use.js";
      export default { fetch: async (request) => Response.json(await use(new URL(request.url).searchParams.get("cloud"))) };`,
    "wrangler.toml": `name = "consumer"\nmain = "index.js"\ncompatibility_date = "2026-11-17"\n`,
  });
  await run(tools.wrangler, ["deploy", "--dry-run", "--outdir", "out"], { cwd, env: environment(), output: "hide" });
  const modules = readdirSync(join(cwd, "out")).filter((name) => /\.(js|wasm)$/.test(name));
  assert.equal(modules.filter((name) => name.endsWith(".wasm")).length, 1, "one module of WASM, and it is not inlined");
  const script = await startScript(join(cwd, "out"), modules);
  try {
    const response = await fetch(`${script.url}/?cloud=${encodeURIComponent(worker.url)}`);
    assert.deepEqual(await response.json(), expected);
  } finally {
    await script.close();
  }
});
