// @ts-check
/** The real Worker on a real workerd, with SQLite on disk, and nothing between it and the test. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
// @ts-ignore: it has no types
import workerd from "workerd";
import { root } from "../../scripts/toolchain.mjs";
import { Disclosure } from "./disclosure.mjs";
import { newApiKey, newKey } from "./keys.mjs";

export const PROJECT_ID = "proj_0test";

/** How long workerd may take to listen, in milliseconds. */
const patience = 20_000;

/**
 * What a runtime prints when a program in it has gone wrong. No request may bring it about. Whole words, because the ids
 * of requests are random letters.
 */
const breakdown = /\b(?:panicked|unreachable|RuntimeError|hung)\b/i;

/** @typedef {Record<string, string | undefined>} Variables undefined is a variable that is not there */

/** The files of the built Worker: its script, and the module that the script imports. */
const built = ["index.js", "index_bg.wasm"].map((name) => join(root, "build", name));

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await once(server.close(), "close");
  return port;
}

/** A string as Cap'n Proto writes it. @param {string} value */
function text(value) {
  const escaped = (/** @type {string} */ letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `"${value.replace(/[\x00-\x1f"\\\x7f]/g, escaped)}"`;
}

/** A WebAssembly module whose only function, `trap`, ends in a trap: what a panic in Rust ends in. */
const trap = Buffer.from("0061736d0100000001040160000003020100070801047472617000000a05010300000b", "hex");

/** @param {Worker} worker */
function configuration({ variables, port, storage, hasBucket, models, files }) {
  // The first one is the entry.
  const modules = files.map((path) => basename(path)).map((name) =>
    name.endsWith(".wasm") ? `(name = "./${name}", wasm = embed "${name}")` : `(name = "${name}", esModule = embed "${name}")`,
  );
  const bindings = Object.entries(variables)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `(name = ${text(name)}, text = ${text(String(value))})`);
  bindings.push(`(name = "WORKSPACE", durableObjectNamespace = "Workspace")`);
  if (hasBucket) bindings.push(`(name = "ATTACHMENTS", r2Bucket = "bucket")`);
  // As on the platform: the runtime's own code, with a service behind it.
  const inner = `innerBindings = [(name = "fetcher", service = "models")]`;
  if (models) bindings.push(`(name = "AI", wrapped = (moduleName = "cloudflare-internal:ai-api", ${inner}))`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "storage", disk = (path = ${text(storage)}, writable = true)),
    (name = "bucket", worker = .bucket),
    ${models ? `(name = "models", external = (address = "${models}", http = ())),` : ""}
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "2026-11-17",
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [(className = "Workspace", uniqueKey = "workspace", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
const bucket :Workerd.Worker = (
  modules = [(name = "bucket.mjs", esModule = embed "bucket.mjs")],
  compatibilityDate = "2026-11-17",
);
`;
}

/** A workerd that serves a Worker, with a storage folder that outlives the process. */
export class Worker {
  /** All whose process runs. @type {Set<Worker>} */
  static running = new Set();

  /** @param {number} port @param {Variables} variables @param {string} apiKey @param {Bindings} bindings */
  constructor(port, variables, apiKey, bindings) {
    const { bucket: hasBucket = false, models, files = built, faults: hasFaults = false, logFile = false } = bindings;
    this.port = port;
    this.url = `http://localhost:${port}`;
    /** What the Worker is told: its ISSUER is its own address unless the test says otherwise. @type {Variables} */
    this.variables = { ISSUER: this.url, ...variables };
    /** The API key behind the one entry of `API_KEYS`. */
    this.apiKey = apiKey;
    /** Whether attachments have a bucket. It is in memory: it does not outlive the process. */
    this.hasBucket = hasBucket;
    /** Where Workers AI is, if anywhere. */
    this.models = models;
    /** Whether requests may bring faults along. */
    this.hasFaults = hasFaults;
    /** All that it has printed; what it prints into a file, once it has ended. */
    this.log = "";
    /** Whether it prints into a file. */
    this.hasLogFile = logFile;
    /** What it was given in confidence, and what it said. */
    this.disclosure = new Disclosure();
    this.disclosure.keepCredentials(apiKey);
    this.files = files;
    this.folder = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-"));
    this.storage = join(this.folder, "storage");
    mkdirSync(this.storage);
    // A build that goes on at the same time must not change the Worker in the middle of a test.
    for (const path of files) copyFileSync(path, join(this.folder, basename(path)));
    for (const name of ["bucket.mjs", "faults.mjs"]) copyFileSync(join(import.meta.dirname, name), join(this.folder, name));
    if (hasFaults) {
      writeFileSync(join(this.folder, "trap.wasm"), trap);
      this.files = ["faults.mjs", ...files, "trap.wasm"];
    }
    /** @type {import("node:child_process").ChildProcess | undefined} */
    this.child = undefined;
    /** Settles when the process has ended and all that it printed has been read. @type {Promise<unknown>} */
    this.ended = Promise.resolve();
    // A test file that breaks off must leave neither its workerd nor its files behind.
    this.onExit = () => {
      this.child?.kill("SIGKILL");
      rmSync(this.folder, { recursive: true, force: true });
    };
    process.on("exit", this.onExit);
  }

  /**
   * Starts it, on the same port and storage as before.
   *
   * @param {Variables} [changes] of its variables, for good
   */
  async start(changes = {}) {
    Object.assign(this.variables, changes);
    this.disclosure.keepVariables(this.variables);
    const file = join(this.folder, "config.capnp");
    writeFileSync(file, configuration(this), { mode: 0o600 });
    const program = workerd.default ?? workerd;
    const output = this.hasLogFile ? openSync(this.logFile, "a") : "pipe";
    // The program itself: the script of the same name would outlive what it starts.
    const child = spawn(program, ["serve", file, "--experimental", "--control-fd=3"], {
      stdio: ["ignore", output, output, "pipe"],
    });
    if (typeof output === "number") closeSync(output);
    this.child = child;
    Worker.running.add(this);
    this.ended = once(child, "close");
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk) => (this.log += chunk));
    }
    // It says on its own when it listens, so nobody has to knock.
    const control = createInterface({ input: /** @type {import("node:stream").Readable} */ (child.stdio[3]) });
    const end = new AbortController();
    const deadline = AbortSignal.any([end.signal, AbortSignal.timeout(patience)]);
    child.once("exit", () => end.abort());
    try {
      await once(control, "line", { signal: deadline });
    } catch (error) {
      throw new Error(`workerd does not listen:\n${this.log}`, { cause: error });
    }
  }

  /** Ends the process as a power cut would. All that it printed is in the log then. */
  async kill() {
    const { child } = this;
    if (!child) return;
    this.child = undefined;
    Worker.running.delete(this);
    child.kill("SIGKILL");
    await this.ended;
    if (this.hasLogFile) this.log = readFileSync(this.logFile, "utf8");
  }

  /** The file that it prints into. */
  get logFile() {
    return join(this.folder, "log");
  }

  /**
   * Ends the process and starts it again.
   *
   * @param {Variables} [changes]
   */
  async restart(changes) {
    await this.kill();
    await this.start(changes);
  }

  /** The paths of the databases on disk, one for each object that was ever woken. */
  databases() {
    const folder = join(this.storage, "workspace");
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)).map((name) => join(folder, name));
  }

  /** Ends it, removes its storage, and fails the test file if anything in it broke down or told a secret. */
  async close() {
    await this.kill();
    process.off("exit", this.onExit);
    rmSync(this.folder, { recursive: true, force: true });
    // The log's names for requests are random letters: among many there is any word.
    const log = this.log.replace(/^\{"event":"credential_refused",.*\n/gm, "");
    if (!this.hasFaults) assert.doesNotMatch(log, breakdown);
    for (const line of this.log.split("\n")) this.disclosure.heard(line);
    this.disclosure.assertNone();
  }
}

/**
 * @typedef {object} Bindings
 * @property {boolean} [bucket] whether attachments have a bucket
 * @property {string} [models] host and port of what answers as Workers AI
 * @property {string[]} [files] the Worker's script, and the WASM that it imports; the built Worker's unless a benchmark
 *   serves another one
 * @property {boolean} [logFile] whether what it prints goes into a file, not to the test as it comes
 * @property {boolean} [faults] whether requests may bring faults of the platform along, see `faults.mjs`
 */

/**
 * Starts the built Worker.
 *
 * @param {Variables} [overrides]
 * @param {Bindings} [bindings]
 */
export async function startWorker(overrides = {}, bindings = {}) {
  const project = overrides.PROJECT_ID ?? PROJECT_ID;
  const { text, entry } = newApiKey(project);
  const variables = {
    PROJECT_ID: project,
    SIGNING_KEY: newKey(),
    REFRESH_KEY: newKey(),
    API_KEYS: JSON.stringify([entry]),
    // All requests of a test come from one address, more of them than any visitor's.
    RATE_LIMITS: "off",
    ...overrides,
  };
  const worker = new Worker(await freePort(), variables, text, bindings);
  await worker.start();
  return worker;
}
