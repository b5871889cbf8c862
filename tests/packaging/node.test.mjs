// @ts-check
/** Node, with the package as npm installs it: by `import` and by `require`. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask } from "../../scripts/command.mjs";
import { tools } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { expected } from "./consumer/expected.mjs";
import { answerOf, installed, ownPath, pack, source } from "./project.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
/** @type {string} */
let directory;

before(async () => {
  const use = source("consumer", "use.js");
  const required = use.replace(/import (\{.*\}) from (".*");/g, "const $1 = require($2);").replace("export async", "async");
  [worker, directory] = await Promise.all([
    startWorker(),
    installed({
      "package.json": { private: true, type: "module", dependencies: { "assistant-cloud-edge": `file:${await pack()}` } },
      "use.js": use,
      "import.js": `import { use } from "./use.js"; console.log(JSON.stringify(await use(process.argv[2])));`,
      "require.cjs": `${required} use(process.argv[2]).then((answer) => console.log(JSON.stringify(answer)));`,
      "both.cjs": `
        const required = require("assistant-cloud-edge").AssistantCloud;
        import("assistant-cloud-edge").then(({ AssistantCloud }) => console.log(JSON.stringify(AssistantCloud === required)));`,
    }),
  ]);
});
after(() => worker?.close());

const own = ask("env", `PATH=${ownPath()}`, "which", "node");
for (const node of new Set([own, tools.node])) {
  const version = (node && ask(node, "--version")) || "";
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  // package.json's `engines`.
  const skip = major < 20 || (major === 20 && minor < 19) ? `Node ${version || "is not"} on the PATH, 20.19 or newer is needed` : false;
  describe(`Node ${version}`, { skip }, () => {
    const answer = (/** @type {string} */ file) => answerOf(String(node), [file, worker.url], { cwd: directory });

    test("imports it", async () => assert.deepEqual(await answer("import.js"), expected));
    test("requires it", async () => assert.deepEqual(await answer("require.cjs"), expected));
    test("has one class for both", async () => assert.equal(await answer("both.cjs"), true));
  });
}
