// @ts-check
/** Builds the three things the project ships: the npm package, the Worker, and the site the Worker serves. */
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { Problem, ask, entry, run } from "./command.mjs";
import { nameInOrder } from "./function-order.mjs";
import { link, namesUsed, rename, simplify } from "./glue.mjs";
import { layOutPackage, packageDirectory } from "./package-files.mjs";
import { setup } from "./setup.mjs";
import { environment, root, tools, wasmTarget } from "./toolchain.mjs";
import { needsForUnwinding, unwindingRust } from "./unwinding.mjs";

const dist = join(packageDirectory, "dist");
const site = join(root, "build", "site");
const chat = join(root, "build", "chat");
const edge = join(root, "src", "edge");
const worker = join(root, "target", "worker");

/** What the package can be asked for by `import` and by `require()`. */
const entries = ["index", "ai-sdk", "server", "telemetry"];

/** What the package takes over from the official one. */
const officialCode = `
export {
  CloudEngagementReporter, CloudMessagePersistence, CloudRunReporter, createFormattedPersistence, createRunReport,
  createRunTelemetryToolCall, createSamplingCollector, deriveRunOutcome, describeRunError, extractRunTelemetryModelId,
  generateThreadTitle, normalizeRunTelemetryUsage, truncateRunTelemetryText, wrapSamplingHandler,
} from "assistant-cloud-official";
export { aiSDKV6FormatAdapter, extractAISDKRunTelemetry } from "assistant-cloud-official/ai-sdk";
`;

/** What rustc may emit for the target, so that wasm-opt neither refuses it nor uses anything newer. */
const wasmFeatures = [
  "mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory", "multivalue", "reference-types",
].map((feature) => `--enable-${feature}`);

/**
 * @param {string} command
 * @param {string[]} args
 */
const step = (command, ...args) => run(command, args, { cwd: root, env: environment(), output: "hide" });

/** The npm package's generated part, `pkg/dist/`. */
export async function buildClient() {
  mkdirSync(dist, { recursive: true });
  await buildModule("npm", "client", "assistant_cloud", "wasm-inline.js");
  await buildModule("server", "server", "server", "server-inline.js");
  await takeOverOfficial();
  for (const name of entries) {
    await step(
      tools.esbuild, join(packageDirectory, `${name}.js`), "--bundle", "--format=cjs", "--platform=node",
      "--packages=external", "--log-level=warning", `--outfile=${join(dist, `${name}.cjs`)}`,
    );
  }
  writeTypesForRequire();
  for (const license of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    copyFileSync(join(root, license), join(packageDirectory, license));
  }
  console.log("  client: pkg/dist/");
}

/**
 * One of the package's modules of WASM: the module, its glue, and the module as text.
 *
 * @param {"npm" | "server"} profile
 * @param {"client" | "server"} feature
 * @param {string} name
 * @param {string} inline the file of the text
 */
async function buildModule(profile, feature, name, inline) {
  await compile(profile, feature);
  const [wasm, glue] = [`${name}_bg.wasm`, `${name}_bg.js`];
  const inputs = [compiled(profile), tools.wasmBindgen, join(import.meta.dirname, "glue.mjs")];
  await unlessUnchanged(feature, inputs, [wasm, glue].map((file) => join(dist, file)), async () => {
    const bindings = join(root, "target", `${feature}-bindings`);
    rmSync(bindings, { recursive: true, force: true });
    await step(
      tools.wasmBindgen, compiled(profile), "--target", "bundler", "--no-typescript",
      "--remove-name-section", "--remove-producers-section", "--out-dir", bindings, "--out-name", name,
    );
    const [module, script] = [wasm, glue].map((file) => join(bindings, file));
    const written = readFileSync(script, "utf8");
    const linked = link(feature === "client" ? simplify(written) : written, `./${glue}`);
    await keepExports(module, namesUsed(linked));
    await strip(module, "-Oz", "--converge");
    const { exports } = JSON.parse(await strip(module, "--minify-imports-and-exports"));
    writeFileSync(script, rename(linked, exports));
    await minify(bindings);
    // There is an entry as well, which imports WASM as a module and works in few bundlers; pkg/ has its own.
    for (const file of [wasm, glue]) copyFileSync(join(bindings, file), join(dist, file));
  });
  writeFileSync(join(dist, inline), inlined(readFileSync(join(dist, wasm))));
}

/**
 * The code that the package takes over from the official one, `pkg/dist/official.js`. What it asks of that one's errors
 * it asks of ours, which are what our client throws.
 */
async function takeOverOfficial() {
  const { build } = await import("esbuild");
  const official = join(root, "node_modules", "assistant-cloud-official");
  await build({
    stdin: { contents: officialCode, resolveDir: root },
    bundle: true, format: "esm", minifySyntax: true, minifyWhitespace: true, target: "es2022", logLevel: "warning",
    outfile: join(dist, "official.js"),
    banner: { js: `/*! assistant-cloud ${version(official)}: see LICENSE-ASSISTANT-CLOUD */` },
    plugins: [{
      name: "errors",
      setup: ({ onResolve }) => {
        onResolve({ filter: /\/(AssistantCloudAPI|cloudResponse)\.js$/ }, () => ({ path: "../errors.js", external: true, sideEffects: false }));
      },
    }],
  });
  copyFileSync(join(official, "LICENSE"), join(packageDirectory, "LICENSE-ASSISTANT-CLOUD"));
}

/** @param {string} directory a package's */
const version = (directory) => JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version;

/** The same types once more, in files that tell TypeScript of a CommonJS module. */
function writeTypesForRequire() {
  rmSync(join(dist, "types"), { recursive: true, force: true });
  mkdirSync(join(dist, "types"));
  const names = readdirSync(join(packageDirectory, "types")).map((name) => join("types", name));
  for (const name of [...entries.map((entry) => `${entry}.d.ts`), ...names]) {
    const text = readFileSync(join(packageDirectory, name), "utf8");
    const target = join(dist, name.replace(/\.ts$/, ".cts"));
    writeFileSync(target, text.replace(/(from "\.{1,2}\/[^"]+)\.js"/g, '$1.cjs"'));
  }
}

/**
 * The Worker, `index.js` and `index_bg.wasm`.
 *
 * @param {{ directory?: string, panicUnwind?: boolean }} [options] `panicUnwind`: a panic unwinds and fails its own
 *   request only; otherwise those that are waiting in the same instance fail with it. It takes a Rust that can build its
 *   own standard library.
 */
export async function buildWorker({ directory = join(root, "build"), panicUnwind = false } = {}) {
  const library = panicUnwind ? await compileUnwinding() : await compile("release", "edge");
  const features = panicUnwind ? ["--enable-exception-handling"] : [];
  mkdirSync(directory, { recursive: true });
  const [script, module] = ["index.js", "index_bg.wasm"].map((name) => join(directory, name));
  const sources = readdirSync(edge).filter((name) => name.endsWith(".js")).map((name) => join(edge, name));
  const record = `worker-${relative(root, directory).replaceAll(/\W/g, "-")}`;
  const order = join(import.meta.dirname, "function-order.mjs");
  await unlessUnchanged(record, [library, tools.wasmBindgen, order, ...sources], [script, module], async () => {
    rmSync(worker, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    await step(
      tools.wasmBindgen, library, "--target", "bundler", "--no-typescript",
      "--remove-name-section", "--remove-producers-section", "--out-dir", worker, "--out-name", "index",
    );
    const bound = join(worker, "index_bg.wasm");
    // A function that is called once stays one: inlined into its caller it is a tenth more to gzip (measured). The
    // second time finds something in what is left.
    const passes = ["-Os", "--one-caller-inline-max-function-size=20", ...features];
    await strip(bound, ...passes);
    await strip(bound, ...passes);
    const named = join(worker, "named.wasm");
    writeFileSync(named, nameInOrder(readFileSync(bound)));
    await step(tools.wasmOpt, "-g", "--reorder-functions-by-name", ...wasmFeatures, ...features, named, "-o", module);
    await strip(module, ...features);
    // All that the module imports, in a function that makes it, because a new instance needs glue of its own: it
    // remembers where memory is.
    const [imports, glue] = ["imports.js", "glue.js"].map((name) => join(worker, name));
    const names = readdirSync(worker, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
    const parts = names.filter((name) => name !== "index.js");
    writeFileSync(imports, parts.map((name) => `export * from ${JSON.stringify(`./${name}`)};\n`).join(""));
    await step(
      tools.esbuild, imports, "--bundle", "--format=iife", "--global-name=glue",
      "--banner:js=export default function () {", "--footer:js=return glue; }", "--log-level=warning", `--outfile=${glue}`,
    );
    await step(
      tools.esbuild, join(edge, "entry.js"), "--bundle", "--minify", "--format=esm", `--alias:glue=${glue}`,
      "--external:cloudflare:workers", "--external:./index_bg.wasm", "--log-level=warning", `--outfile=${script}`,
    );
  });
  console.log(`  worker: ${relative(root, directory)}/`);
}

/** Compiles the Worker, and Rust's standard library with it, so that a panic unwinds. Gives the module's path. */
async function compileUnwinding() {
  const rust = unwindingRust();
  if (!rust) throw new Problem(`--panic-unwind needs ${needsForUnwinding}`);
  const target = join(root, "target", "panic-unwind");
  const args = ["build", "--lib", "--release", "--target", wasmTarget, "--features", "edge", "-Zbuild-std=std,panic_unwind"];
  const [command, ...before] = [...rust, "cargo"];
  const flags = [...withoutPaths(...rust, "rustc"), "-Cpanic=unwind"];
  const env = {
    ...environment(), CARGO_TARGET_DIR: target, CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"), CARGO_PROFILE_RELEASE_PANIC: "unwind",
  };
  await run(command, [...before, ...args], { cwd: root, env });
  return join(target, wasmTarget, "release", "assistant_cloud_edge.wasm");
}

/** Where a running `npm start` says how the page reaches its token endpoint. */
export const demoFile = join(root, ".dev", "demo.json");

/**
 * The static files next to the Worker: the pages, the package they use, and where their demos find a token endpoint.
 *
 * @param {{ published?: boolean }} [options] `published`: for everybody, not for the demo running on this machine
 */
export async function buildSite({ published = false } = {}) {
  const pages = join(root, "www");
  await buildChat(pages);
  rmSync(site, { recursive: true, force: true });
  // The token endpoint is a program and belongs to whoever runs it; the chat's sources are not what a browser loads.
  const kept = [join(pages, "backend.mjs"), join(pages, "chat")];
  cpSync(pages, site, { recursive: true, filter: (path) => !kept.includes(path) });
  cpSync(chat, join(site, "chat"), { recursive: true });
  await layOutPackage(join(site, "package"));
  const demo = !published && existsSync(demoFile) ? readFileSync(demoFile) : JSON.stringify({ backend: null });
  writeFileSync(join(site, "demo.json"), demo);
  console.log("  site:   build/site/");
}

/**
 * The one page that needs a bundler. It draws on the package, and on the modules of the page that needs none.
 *
 * @param {string} pages
 */
async function buildChat(pages) {
  const sources = [pages, packageDirectory]
    .flatMap((directory) => readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name)))
    .filter((path) => statSync(path).isFile())
    .sort();
  await unlessUnchanged("chat", sources, [join(chat, "index.html")], async () => {
    // In a process of its own: Vite sets NODE_ENV, which npm and others would then go by.
    await step(tools.vite, "build", "--config", join(pages, "chat", "vite.config.mjs"));
  });
}

/** @param {{ published?: boolean, panicUnwind?: boolean }} [options] */
export async function build({ published, panicUnwind } = {}) {
  await buildClient();
  await buildWorker({ panicUnwind });
  await buildSite({ published });
}

/**
 * Gives the module's path.
 *
 * @param {"npm" | "server" | "release"} profile
 * @param {"client" | "server" | "edge"} feature
 */
async function compile(profile, feature) {
  const args = ["build", "--lib", "--profile", profile, "--target", wasmTarget, "--features", feature];
  const env = { ...environment(), CARGO_ENCODED_RUSTFLAGS: withoutPaths("rustc").join("\x1f") };
  await run("cargo", args, { cwd: root, env });
  return compiled(profile);
}

/**
 * Flags of rustc by which a panic names its place without a directory of this machine: a module is then the same from
 * wherever it is built, and what Rust's own library says of itself is the same text whether or not its sources are here.
 *
 * @param {string[]} rustc how to start it
 */
function withoutPaths(...rustc) {
  const [command, ...args] = rustc;
  const told = (/** @type {string[]} */ ...more) => ask(command, ...args, ...more) ?? "";
  const commit = /^commit-hash: (\w+)$/m.exec(told("-vV"))?.[1];
  const sources = join(told("--print", "sysroot"), "lib", "rustlib", "src", "rust");
  const crates = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "registry", "src");
  const paths = [[sources, `/rustc/${commit}`], [crates, "crates"]];
  const given = process.env.RUSTFLAGS?.split(" ").filter(Boolean) ?? [];
  return [...given, ...paths.map(([from, to]) => `--remap-path-prefix=${from}=${to}`)];
}

/**
 * Takes out of a module what only a debugger reads. Gives what wasm-opt says.
 *
 * @param {string} wasm
 * @param {string[]} passes further passes of wasm-opt
 */
async function strip(wasm, ...passes) {
  const stripped = `${wasm}.stripped`;
  const sections = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  const said = await step(tools.wasmOpt, ...passes, ...wasmFeatures, ...sections, wasm, "-o", stripped);
  renameSync(stripped, wasm);
  return said;
}

/**
 * Takes out of a module all other exports, and what only they need.
 *
 * @param {string} wasm
 * @param {string[]} names
 */
async function keepExports(wasm, names) {
  const [graph, kept] = [`${wasm}.graph`, `${wasm}.kept`];
  writeFileSync(graph, JSON.stringify(names.map((name) => ({ name, export: name, root: true }))));
  await step(tools.wasmMetadce, ...wasmFeatures, `--graph-file=${graph}`, wasm, "-o", kept);
  renameSync(kept, wasm);
}

/** @param {"npm" | "server" | "release"} profile */
function compiled(profile) {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  return join(target, wasmTarget, profile, "assistant_cloud_edge.wasm");
}

/**
 * Optimizing takes far longer than cargo takes to see that nothing has changed: it is done again only when one of the
 * inputs, a package or this file is another one.
 *
 * @param {string} name
 * @param {string[]} inputs
 * @param {string[]} outputs
 * @param {() => Promise<void>} work
 */
async function unlessUnchanged(name, inputs, outputs, work) {
  const hash = createHash("sha256");
  const sources = [...inputs, join(root, "package-lock.json"), join(root, "Cargo.toml"), import.meta.filename];
  // With its name: files that change places would otherwise pass for the same.
  for (const path of sources) hash.update(`${relative(root, path)}\0`).update(readFileSync(path)).update("\0");
  const digest = hash.digest("hex");
  const record = join(root, "target", `${name}.digest`);
  if (outputs.every(existsSync) && existsSync(record) && readFileSync(record, "utf8") === digest) return;
  rmSync(record, { force: true });
  await work();
  mkdirSync(join(root, "target"), { recursive: true });
  writeFileSync(record, digest);
}

/**
 * Minifies every script in a directory in place. Names that are exported stay, so the WASM module still finds them.
 *
 * @param {string} directory
 */
async function minify(directory) {
  const scripts = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const paths = scripts.map((name) => join(directory, name));
  const inPlace = ["--allow-overwrite", `--outdir=${directory}`, `--outbase=${directory}`];
  await step(tools.esbuild, ...paths, "--minify", "--format=esm", ...inPlace, "--log-level=warning");
}

/**
 * The module as text. Hex and not base64: it keeps the bytes aligned, so that gzip still sees what repeats and the
 * download is smaller. Where the runtime does not read it itself, four bytes are read at a time, which takes a tenth of
 * what single ones take.
 *
 * @param {Buffer} bytes
 */
function inlined(bytes) {
  const words = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return `const hex="${words.toString("hex")}";
const read = () => {
const words = new DataView(new ArrayBuffer(hex.length / 2));
for (let index = 0; index < hex.length; index += 8) words.setUint32(index / 2, parseInt(hex.slice(index, index + 8), 16));
return new Uint8Array(words.buffer);
};
export default () => new WebAssembly.Module((Uint8Array.fromHex?.(hex) ?? read()).subarray(0, ${bytes.length}));
`;
}

/** @type {Record<string, (options: { panicUnwind: boolean }) => Promise<void>>} */
const parts = { client: buildClient, worker: buildWorker, site: () => buildSite() };

await entry(import.meta, async (args) => {
  const panicUnwind = args.includes("--panic-unwind");
  const names = args.filter((name) => name !== "--panic-unwind");
  const unknown = names.find((name) => !(name in parts));
  if (unknown) throw new Problem(`There is no part "${unknown}" to build: ${Object.keys(parts).join(", ")}`);
  await setup();
  if (names.length === 0) return build({ panicUnwind });
  for (const name of names) await parts[name]({ panicUnwind });
});
