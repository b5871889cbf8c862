// @ts-check
/** How large the downloads are, what of, and whether they keep within their budgets. Writes nothing. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { Problem, entry } from "./command.mjs";
import { layOutPackage } from "./package-files.mjs";
import { root } from "./toolchain.mjs";

/** In bytes, after `gzip -9`. */
const budgets = { worker: 199_000, client: 24_000, "refresh token": 1_000, unused: 100, server: 68_000 };

/** What the client shall come to: above it nothing fails. */
const goal = 20_000;

/** The code of consumers: of the package's main purpose, of one function, on a server, of nothing at all. */
const consumers = {
  client: `
import { AssistantCloud } from "assistant-cloud-edge";
globalThis.cloud = new AssistantCloud({ baseUrl: "https://cloud.example.com", anonymous: true });
`,
  "refresh token": `
import { readAnonymousRefreshToken } from "assistant-cloud-edge";
globalThis.token = readAnonymousRefreshToken("https://cloud.example.com");
`,
  server: `
import { authenticate } from "assistant-cloud-edge/server";
globalThis.caller = authenticate(globalThis.request, { baseUrl: "https://cloud.example.com", projectId: "p" });
`,
  unused: `
import { AssistantCloud } from "assistant-cloud-edge";
import { aiSDKV6FormatAdapter } from "assistant-cloud-edge/ai-sdk";
console.log(1);
`,
};

/**
 * @param {string} name
 * @param {Uint8Array[]} modules
 */
function weigh(name, modules) {
  const sum = (/** @type {(module: Uint8Array) => number} */ weight) =>
    modules.reduce((total, module) => total + weight(module), 0);
  return {
    name,
    raw: sum((module) => module.length),
    gzip: sum((module) => gzipSync(module, { level: 9 }).length),
    brotli: sum((module) => brotliCompressSync(module).length),
  };
}

/** What wrangler uploads: the script and the module it imports. */
function worker() {
  const [script, wasm] = ["index.js", "index_bg.wasm"].map((name) => readFileSync(join(root, "build", name)));
  return [weigh("Worker", [script, wasm]), weigh("WASM", [wasm]), weigh("JavaScript", [script])];
}

/** What consumers' esbuild makes of the package as packed. */
async function client() {
  const { build, transform } = await import("esbuild");
  const directory = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-size-"));
  try {
    await layOutPackage(join(directory, "node_modules", "assistant-cloud-edge"));
    const bundle = (/** @type {string} */ contents) =>
      build({
        stdin: { contents, resolveDir: directory },
        absWorkingDir: directory,
        // Where the package's own dependency is.
        nodePaths: [join(root, "node_modules")],
        bundle: true,
        minify: true,
        format: "esm",
        platform: "browser",
        metafile: true,
        write: false,
      });
    const { outputFiles, metafile } = await bundle(consumers.client);
    const whole = async (/** @type {keyof typeof consumers} */ name) => [
      weigh(name, [(await bundle(consumers[name])).outputFiles[0].contents]),
    ];
    const streaming = await bundle(`export * from "./node_modules/assistant-cloud-edge/plain-text-stream.js"`);
    const part = async (/** @type {string} */ name, /** @type {(path: string) => boolean} */ belongs) => {
      const used = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
      const own = used.filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.startsWith("node_modules/assistant-cloud-edge/"));
      const paths = own.map(([path]) => path).filter(belongs);
      const scripts = paths.map((path) => transform(readFileSync(join(directory, path)), { minify: true }));
      return weigh(name, [Buffer.from((await Promise.all(scripts)).map(({ code }) => code).join(""))]);
    };
    const isWasm = (/** @type {string} */ path) => path.endsWith("/dist/wasm-inline.js");
    const isGlue = (/** @type {string} */ path) => path.endsWith("_bg.js");
    return {
      client: [
        weigh("Client", [outputFiles[0].contents]),
        await part("WASM, inlined", isWasm),
        await part("glue", isGlue),
        await part("hand-written", (path) => !isWasm(path) && !isGlue(path)),
        weigh("assistant-stream", [streaming.outputFiles[0].contents]),
      ],
      "refresh token": await whole("refresh token"),
      unused: await whole("unused"),
      server: await whole("server"),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {(string | number)[]} cells
 */
const line = (name, ...cells) =>
  console.log(`  ${name.padEnd(18)}${cells.map((cell) => String(cell).padStart(10)).join("")}`);

/** @param {ReturnType<typeof weigh>[]} rows the whole, then its parts, each compressed alone */
function print([whole, ...parts]) {
  line(whole.name, whole.raw, whole.gzip, whole.brotli);
  for (const part of parts) line(`  ${part.name}`, part.raw, part.gzip, part.brotli);
}

await entry(import.meta, async () => {
  const missing = ["build/index.js", "pkg/dist/wasm-inline.js"].find((path) => !existsSync(join(root, path)));
  if (missing) throw new Problem(`${missing} is missing: run \`npm run build\` first`);
  const measured = { worker: worker(), ...(await client()) };
  line("bytes", "raw", "gzip -9", "brotli");
  Object.values(measured).forEach(print);
  const limits = Object.entries(budgets).map(([name, budget]) => `${name} ${budget}`);
  console.log(`\nBudgets after gzip: ${limits.join(", ")}; the client's goal is ${goal}`);
  const names = /** @type {(keyof typeof budgets)[]} */ (Object.keys(budgets));
  const over = names.filter((name) => measured[name][0].gzip > budgets[name]);
  if (over.length > 0) throw new Problem(`Over budget: ${over.join(", ")}`);
});
