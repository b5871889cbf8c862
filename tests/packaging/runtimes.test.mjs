// @ts-check
/** Deno and Bun, and a test runner that transforms what it imports. */
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../../scripts/command.mjs";
import { environment, tools } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { expectedOfServer } from "./consumer/expected.mjs";
import { answerOf, project, source } from "./project.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
before(async () => void (worker = await startWorker()));
after(() => worker?.close());

const files = {
  "use.js": source("consumer", "use.js"),
  "serve.js": source("consumer", "serve.js"),
  "program.js": `import { serve } from "./serve.js"; console.log(JSON.stringify(await serve(globalThis.Deno?.args[0] ?? process.argv[2])));`,
};

/** The program itself: the package's own link to it comes from a script that is not run. @param {string} pattern */
const program = (pattern) => globSync(join(import.meta.dirname, "node_modules", pattern))[0];

for (const [name, path, args] of /** @type {const} */ ([
  ["Deno", program("@deno/*/deno*"), ["run", "--no-prompt", "--allow-net", "--no-remote", "--node-modules-dir=manual"]],
  ["Bun", program("@oven/*/bin/bun*"), ["run"]],
])) {
  test(name, { skip: path ? false : `${name} is not installed on this platform` }, async () => {
    const cwd = await project(name.toLowerCase(), files);
    const env = { DENO_DIR: join(cwd, ".deno"), DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1" };
    assert.deepEqual(await answerOf(String(path), [...args, "program.js", worker.url], { cwd, env }), expectedOfServer);
  });
}

test("Vitest", async () => {
  const cwd = await project("vitest", {
    ...files,
    "use.test.js": `
      import { expect, test } from "vitest";
      import { serve } from "./serve.js";
      test("works", async () => expect(await serve(process.env.CLOUD_URL)).toEqual(${JSON.stringify(expectedOfServer)}));`,
  });
  const vitest = join(import.meta.dirname, "node_modules", "vitest", "vitest.mjs");
  const output = await run(tools.node, [vitest, "run", "--root", cwd, "--reporter=verbose"], {
    cwd,
    env: { ...environment(), CLOUD_URL: worker.url, NO_COLOR: "1" },
    output: "hide",
  });
  assert.match(output, /1 passed/);
});
