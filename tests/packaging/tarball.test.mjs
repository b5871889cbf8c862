// @ts-check
/** The tarball itself: what is in it, and what the field's linters say of it. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { run } from "../../scripts/command.mjs";
import { environment, packageBin, root } from "../../scripts/toolchain.mjs";
import { pack, project } from "./project.mjs";

let directory = "";
/** @type {string[]} */
let names = [];
before(async () => {
  directory = join(await project("tarball", {}), "node_modules", "assistant-cloud-edge");
  names = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(directory, name)).isFile()).sort();
});
const read = (/** @type {string} */ name) => readFileSync(join(directory, name), "utf8");

test("publint has nothing to say", async () => {
  await run(join(packageBin, "publint"), ["run", await pack(), "--strict"], { env: environment(), output: "hide" });
});

test("the types are right for every way of importing", async () => {
  // `/wasm` is no script: what a require() of it brings is the bundler's affair.
  await run(join(packageBin, "attw"), [await pack(), "--no-color", "--exclude-entrypoints", "wasm"], { env: environment(), output: "hide" });
});

test("has what package.json names, licenses for all of it, and nothing that is only ours", () => {
  const { exports, version } = JSON.parse(read("package.json"));
  const targets = [...JSON.stringify(exports).matchAll(/"\.\/([^"]+\.(?:js|cjs|wasm|json|d\.ts|d\.cts))"/g)].map(([, path]) => path);
  assert.ok(targets.length > 20);
  for (const path of targets) assert.ok(names.includes(path), path);
  assert.deepEqual(names.filter((name) => name.startsWith("LICENSE")), ["LICENSE-APACHE", "LICENSE-ASSISTANT-CLOUD", "LICENSE-MIT"]);
  assert.ok(names.every((name) => /^(LICENSE-[A-Z-]+|README\.md|package\.json|.*\.(js|cjs|wasm|d\.ts|d\.cts))$/.test(name)), names.join(" "));
  assert.equal(version, JSON.parse(readFileSync(join(root, "pkg", "package.json"), "utf8")).version);
});

test("does nothing when it is imported, and needs nothing that only one platform has", () => {
  for (const name of names.filter((name) => name.endsWith(".js"))) {
    assert.doesNotMatch(read(name), /^await |import\.meta|["']node:|\bfrom ?"fs"|^(?! \*).*\brequire\(/m, name);
  }
});

test("carries each module of WASM once", () => {
  assert.deepEqual(names.filter((name) => name.endsWith(".wasm")), ["dist/assistant_cloud_bg.wasm", "dist/server_bg.wasm"]);
});
