// @ts-check
/** A Worker of one's own that uses the package: bundled by wrangler, run on a bare workerd. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../../scripts/command.mjs";
import { environment, tools } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { expectedOfServer } from "./consumer/expected.mjs";
import { project, source } from "./project.mjs";
import { startScript } from "./workerd.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
before(async () => void (worker = await startWorker()));
after(() => worker?.close());

// The older one has neither `WeakRef` nor `FinalizationRegistry`.
for (const date of ["2026-11-17", "2024-01-01"]) {
  test(`a Worker of ${date}`, async () => {
    const cwd = await project("workerd", {
      "use.js": source("consumer", "use.js"),
      "serve.js": source("consumer", "serve.js"),
      "index.js": `
        import { serve } from "./serve.js";
        export default { fetch: async (request) => Response.json(await serve(new URL(request.url).searchParams.get("cloud"))) };`,
      "wrangler.toml": `name = "consumer"\nmain = "index.js"\ncompatibility_date = "${date}"\n`,
    });
    await run(tools.wrangler, ["deploy", "--dry-run", "--outdir", "out"], { cwd, env: environment(), output: "hide" });
    const modules = readdirSync(join(cwd, "out")).filter((name) => /\.(js|wasm)$/.test(name));
    assert.equal(modules.filter((name) => name.endsWith(".wasm")).length, 2, "each module of WASM once, and none inlined");
    const script = await startScript(join(cwd, "out"), modules, date);
    try {
      const response = await fetch(`${script.url}/?cloud=${encodeURIComponent(worker.url)}`);
      assert.deepEqual(await response.json(), expectedOfServer);
    } finally {
      await script.close();
    }
  });
}
