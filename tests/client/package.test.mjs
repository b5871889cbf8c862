// @ts-check
/** The package as a whole: its types and its entries. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { run } from "../../scripts/command.mjs";
import { environment, root, tools } from "../../scripts/toolchain.mjs";
import { AssistantCloud, baseUrl, cloudEdge, defineGlobal, jwt } from "./world.mjs";

const directory = join(root, "pkg");
const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
const scripts = readdirSync(directory).filter((name) => name.endsWith(".js"));
const entries = ["index", "ai-sdk", "server", "telemetry"];
const declarations = [...entries.map((name) => `${name}.d.ts`), ...readdirSync(join(directory, "types")).map((name) => join("types", name))];
const read = (/** @type {string} */ name) => readFileSync(join(directory, name), "utf8");

/**
 * What a consumer's bundler makes of a script that uses the package.
 *
 * @param {string} contents
 * @param {Partial<import("esbuild").BuildOptions>} [options]
 */
async function bundle(contents, options) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: directory }, bundle: true, minify: true, format: "esm", platform: "browser", write: false,
    ...options,
  });
  return outputFiles?.[0]?.contents ?? new Uint8Array();
}

describe("types", () => {
  for (const project of ["types/tsconfig.json", "types/tsconfig.bundler.json", "types/tsconfig.package.json", "client/tsconfig.json", "server/tsconfig.json"]) {
    test(`hold: tests/${project}`, async () => {
      await run(tools.tsc, ["-p", join("tests", project)], { cwd: root, env: environment(), output: "hide" });
    });
  }

  test("are checked in every script", () => {
    for (const name of scripts) assert.ok(read(name).startsWith("// @ts-check\n"), name);
  });

  test("are the same for require(), in files of their own", () => {
    for (const name of declarations) {
      const text = read(join("dist", name.replace(/\.ts$/, ".cts")));
      assert.equal(text.replaceAll('.cjs"', '.js"'), read(name));
      assert.doesNotMatch(text, /"\.[^"]*\.js"/, name);
    }
  });

  test("say nothing of what is private", () => {
    for (const name of declarations) assert.doesNotMatch(read(name), /^\s*(private|protected|#)/m, name);
  });

  test("name every value that there is, and no other", async () => {
    const root = declarations.filter((name) => !entries.slice(1).some((entry) => name === `${entry}.d.ts`));
    const declared = [...root.map(read).join("").matchAll(/^export (?:declare )?(?:class|function|const) (\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(Object.keys(cloudEdge).sort(), declared.sort());
    const server = await import("../../pkg/server.js");
    assert.deepEqual(Object.keys(server).sort(), ["CloudConfigError", "CloudUnavailableError", "authenticate"]);
  });
});

describe("a script of the package", () => {
  test("does nothing when it is imported, and needs nothing that only one platform has", () => {
    for (const name of scripts) {
      assert.doesNotMatch(read(name), /^await |import\.meta|["']node:|^(?! \*).*\brequire\(/m, name);
    }
  });

  test("stays small enough to be read", () => {
    for (const name of [...scripts, ...declarations]) assert.ok(read(name).split("\n").length <= 300, name);
  });

  test("imports nothing by a name that a page without a bundler does not know, but for what streams", async () => {
    const { metafile } = await build({
      entryPoints: scripts.map((name) => join(directory, name)), bundle: true, format: "esm", metafile: true, write: false, outdir: "x",
      packages: "external", external: ["*.wasm", "*.wasm?module"],
    });
    const imports = Object.entries(metafile.inputs).flatMap(([path, { imports }]) =>
      imports.map(({ path: imported, kind, original = imported }) => ({ path: basename(path), imported: original, kind })));
    const bare = imports.filter(({ imported }) => !imported.startsWith("."));
    assert.deepEqual(bare.sort((a, b) => a.path.localeCompare(b.path)), [
      { path: "plain-text-stream.js", imported: "assistant-stream", kind: "import-statement" },
      // Twice: what is exported as it is, and what is called.
      { path: "telemetry.js", imported: "assistant-cloud-official/telemetry", kind: "import-statement" },
      { path: "telemetry.js", imported: "assistant-cloud-official/telemetry", kind: "import-statement" },
    ]);
    const streaming = imports.filter(({ imported }) => imported === "./plain-text-stream.js");
    assert.deepEqual(streaming.map(({ kind }) => kind), ["dynamic-import"]);
    assert.deepEqual(manifest.dependencies, {
      // For its types and `/telemetry`; an alias stays what it is when `overrides` puts this package in its place.
      "assistant-cloud-official": "npm:assistant-cloud@0.2.2",
      "assistant-stream": "^0.3.44",
    });
  });

  test("sends the version of the package", async () => {
    assert.match(read("version.js"), new RegExp(`"${manifest.version.replaceAll(".", "\\.")}"`));
  });
});

describe("an entry", () => {
  const names = Object.keys(cloudEdge).sort();

  test("for require() gives the same names and works", () => {
    const required = createRequire(import.meta.url)("../../pkg/dist/index.cjs");
    assert.deepEqual(Object.keys(required).sort(), names);
    assert.equal(new required.AssistantCloud({ baseUrl, anonymous: true }).auth.state.status, "idle");
  });

  test("for require() streams, although what it streams with is an ES module", async () => {
    defineGlobal("fetch", { value: async () => new Response("Title", { headers: { "Content-Type": "text/plain" } }), writable: true });
    const required = createRequire(import.meta.url)("../../pkg/dist/index.cjs");
    const { runs } = new required.AssistantCloud({ baseUrl, apiKey: "sk_aui_x", userId: "u", workspaceId: "w" });
    const stream = await runs.stream({ thread_id: "t", assistant_id: "system/thread_title", messages: [] });
    assert.ok(stream instanceof ReadableStream);
  });

  for (const [entry, specifier] of [["workerd", "./dist/assistant_cloud_bg.wasm"], ["edge-light", "./dist/assistant_cloud_bg.wasm?module"]]) {
    test(`for ${entry} imports a module and compiles nothing`, async () => {
      const code = Buffer.from(await bundle(`export * from "./${entry}.js"`, { external: [`${specifier}`] })).toString();
      assert.ok(code.includes(`from"${specifier}"`));
      assert.doesNotMatch(code, /WebAssembly\.(Module|compile)\(|parseInt/);
      const { metafile } = await build({
        stdin: { contents: `export * from "./${entry}.js"`, resolveDir: directory }, bundle: true, format: "esm",
        external: [`${specifier}`], metafile: true, write: false,
      });
      assert.deepEqual(Object.values(metafile?.outputs ?? {})[0]?.exports.sort(), names);
    });
  }
});

test("what streams comes later, where the bundler can split", async () => {
  const contents = `import { AssistantCloud } from "./index.js"; globalThis.c = new AssistantCloud({ baseUrl: "https://x.test", anonymous: true });`;
  const { outputFiles = [] } = await build({
    stdin: { contents, resolveDir: directory }, bundle: true, minify: true, format: "esm", platform: "browser",
    splitting: true, outdir: "x", write: false,
  });
  const [first, later] = ["stdin", "plain-text-stream"].map((name) => outputFiles.find(({ path }) => path.includes(name)));
  assert.doesNotMatch(first?.text ?? "TextDecoderStream", /TextDecoderStream/);
  assert.match(later?.text ?? "", /TextDecoderStream/);
});

describe("renewal in a page", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");

  /** A client with a token of 0.2 s, then one of a minute. */
  const used = async () => {
    let calls = 0;
    const cloud = new AssistantCloud({
      baseUrl,
      authToken: async () => jwt({ exp: Date.now() / 1000 + (calls++ === 0 ? 0.2 : 60) }),
    });
    await cloud.threads.list();
    return { calls: () => calls, cloud };
  };

  /** @param {() => Promise<{ calls: () => number }>} make */
  const callsAfterCollection = async (make) => {
    const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    defineGlobal("document", { value: document, writable: true });
    // Not a mock: that one keeps the stack of every call, and with it the client.
    defineGlobal("fetch", { value: async () => new Response('{"threads":[]}'), writable: true });
    const held = await make();
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      collect();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    document.dispatchEvent(new Event("visibilitychange"));
    return held.calls();
  };

  test("goes on for a client that the app keeps", async () => {
    assert.equal(await callsAfterCollection(used), 2);
  });

  test("ends with a client that the app has let go of", async () => {
    assert.equal(await callsAfterCollection(async () => ({ calls: (await used()).calls })), 1);
  });
});
