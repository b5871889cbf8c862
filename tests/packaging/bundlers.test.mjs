// @ts-check
/** Bundlers without any configuration for us. What they make runs in an empty directory, far from the package. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build as esbuild } from "esbuild";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rspack } from "@rspack/core";
import { rollup } from "rollup";
import { build as vite, createServer } from "vite";
import webpack from "webpack";
import { tools } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { expected, expectedOfServer } from "./consumer/expected.mjs";
import { Browser, html, serve } from "./page.mjs";
import { answerOf, emptyDirectory, project, source } from "./project.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
/** @type {Browser} */
let browser;
before(async () => {
  worker = await startWorker();
  browser = new Browser();
});
after(() => Promise.all([worker?.close(), browser?.close()]));

const files = {
  "use.js": source("consumer", "use.js"),
  "main.js": `import { use } from "./use.js"; globalThis.answer = await use(location.hash.slice(1));`,
  "serve.js": source("consumer", "serve.js"),
  "program.js": `import { serve } from "./serve.js"; serve(process.argv[2]).then((answer) => console.log(JSON.stringify(answer)));`,
  "index.html": html,
};

/**
 * Moves what a bundler made to an empty directory.
 *
 * @param {string} directory
 */
function move(directory) {
  const empty = emptyDirectory();
  cpSync(directory, empty, { recursive: true });
  return empty;
}

/**
 * @param {string} directory
 * @param {string} [url] of a server that is there already
 */
async function inPage(directory, url) {
  if (url) return browser.answerOf(`${url}#${worker.url}`);
  const server = await serve(move(directory));
  try {
    return await browser.answerOf(`${server.url}#${worker.url}`);
  } finally {
    server.close();
  }
}

/** @param {string} directory @param {string} file */
const inNode = (directory, file) => {
  const empty = move(directory);
  return answerOf(tools.node, [join(empty, file), worker.url], { cwd: empty });
};

/**
 * @param {any} bundle webpack, or what is used as it is
 * @param {import("webpack").Configuration} options
 * @returns {Promise<void>}
 */
const pack = (bundle, options) =>
  new Promise((resolve, reject) =>
    bundle(options, (/** @type {Error | null} */ error, /** @type {import("webpack").Stats | undefined} */ stats) =>
      error || stats?.hasErrors() ? reject(error ?? new Error(stats?.toString("errors-only"))) : resolve()),
  );

describe("esbuild", () => {
  for (const splitting of [false, true]) {
    test(`for a page${splitting ? ", split" : ""}`, async () => {
      const directory = await project("esbuild", files);
      await esbuild({ absWorkingDir: directory, entryPoints: ["main.js"], bundle: true, minify: true, format: "esm", splitting, outdir: "out" });
      assert.deepEqual(await inPage(join(directory, "out")), expected);
    });
  }

  for (const [format, file] of /** @type {const} */ ([["esm", "program.mjs"], ["cjs", "program.cjs"]])) {
    test(`for Node, ${format}`, async () => {
      const directory = await project("esbuild-node", files);
      await esbuild({ absWorkingDir: directory, entryPoints: ["program.js"], bundle: true, platform: "node", format, outfile: `out/${file}` });
      assert.deepEqual(await inNode(join(directory, "out"), file), expectedOfServer);
    });
  }
});

describe("Vite", () => {
  const quiet = /** @type {const} */ ({ configFile: false, logLevel: "error" });

  test("builds a page", async () => {
    const root = await project("vite", files);
    await vite({ ...quiet, root, build: { target: "es2023" } });
    const out = join(root, "dist");
    // Vite names the script by its content and writes a page that knows the name.
    const server = await createServerOf(out);
    try {
      assert.deepEqual(await inPage(out, server.url), expected);
    } finally {
      server.close();
    }
  });

  test("serves a page while it is developed", async () => {
    const root = await project("vite-dev", files);
    const server = await createServer({ ...quiet, root, cacheDir: join(root, ".vite"), server: { port: 0, host: "localhost", ws: false } });
    try {
      await server.listen();
      assert.deepEqual(await inPage(root, server.resolvedUrls?.local[0]), expected);
    } finally {
      await server.close();
    }
  });

  for (const noExternal of /** @type {const} */ ([true, false])) {
    test(`builds for a server, the package ${noExternal ? "within" : "beside it"}`, async () => {
      const root = await project("vite-ssr", files);
      await vite({ ...quiet, root, build: { ssr: "program.js", target: "es2023" }, ssr: { noExternal: noExternal || undefined } });
      const out = join(root, "dist");
      const answer = noExternal ? inNode(out, "program.js") : answerOf(tools.node, [join(out, "program.js"), worker.url]);
      assert.deepEqual(await answer, expectedOfServer);
    });
  }
});

for (const [name, bundle] of /** @type {const} */ ([["webpack", webpack], ["Rspack", rspack]])) {
  describe(name, () => {
    test("for a page", async () => {
      const context = await project(name.toLowerCase(), files);
      await pack(bundle, { context, mode: "production", entry: "./main.js", output: { path: join(context, "out"), publicPath: "/" } });
      assert.deepEqual(await inPage(join(context, "out")), expected);
    });

    test("for Node", async () => {
      const context = await project(`${name.toLowerCase()}-node`, files);
      const output = { path: join(context, "out"), filename: "program.cjs" };
      await pack(bundle, { context, mode: "production", target: "node", entry: "./program.js", output });
      assert.deepEqual(await inNode(join(context, "out"), "program.cjs"), expectedOfServer);
    });
  });
}

test("rollup, for a page", async () => {
  const directory = await project("rollup", files);
  const made = await rollup({
    input: join(directory, "main.js"),
    // For what `assistant-stream` is made with; ours is ES modules.
    plugins: [nodeResolve({ browser: true }), /** @type {any} */ (commonjs)()],
    onwarn({ code, message }) {
      // In `assistant-stream`.
      if (code !== "CIRCULAR_DEPENDENCY") throw new Error(message);
    },
  });
  await made.write({ dir: join(directory, "out"), format: "es" });
  assert.deepEqual(await inPage(join(directory, "out")), expected);
});

/** A server of a built site, with the page that is in it. @param {string} directory */
async function createServerOf(directory) {
  const server = await serve(move(directory));
  return { url: `${server.url}index.html`, close: server.close };
}
