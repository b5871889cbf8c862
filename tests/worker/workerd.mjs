// @ts-check
/** The real Worker on a real workerd, with SQLite on disk, and nothing between it and the test. */
import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import workerd from "workerd";
import { newSecrets } from "../../scripts/secrets.mjs";
import { root } from "../../scripts/toolchain.mjs";

export const PROJECT_ID = "proj_0test";

/** @type {Promise<import("../../scripts/secrets.mjs").Secrets> | undefined} */
let secrets;

/** The secrets that all Workers of a test file share. */
export function testSecrets() {
  secrets ??= newSecrets("--project", PROJECT_ID, "--name", "test");
  return secrets;
}

/** A port that nobody listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** @param {Record<string, string>} variables */
function configuration(variables, port, storage) {
  const text = (/** @type {string} */ value) => JSON.stringify(value);
  const bindings = Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  bindings.push(`(name = "WORKSPACE", durableObjectNamespace = "Workspace")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "storage", disk = (path = ${text(storage)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "./index_bg.wasm", wasm = embed "index_bg.wasm"),
  ],
  compatibilityDate = "2026-11-17",
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [(className = "Workspace", uniqueKey = "workspace", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}

/**
 * @typedef {object} Worker
 * @property {string} url where it listens
 * @property {string} log all that it has printed
 * @property {() => Promise<void>} kill ends the process as a power cut would (SIGKILL)
 * @property {() => Promise<void>} start starts it again, on the same port and storage
 * @property {() => Promise<void>} close ends it and removes its storage
 */

/**
 * Starts the built Worker.
 *
 * @param {Record<string, string | undefined>} [overrides] variables; undefined removes one
 * @returns {Promise<Worker>}
 */
export async function startWorker(overrides = {}) {
  const { signing_key, refresh_key, api_key_entry } = await testSecrets();
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-"));
  const storage = join(folder, "storage");
  mkdirSync(storage);
  const defaults = {
    PROJECT_ID,
    ISSUER: url,
    SIGNING_KEY: signing_key,
    REFRESH_KEY: refresh_key,
    API_KEYS: JSON.stringify([api_key_entry]),
  };
  const variables = Object.entries({ ...defaults, ...overrides }).filter(([, value]) => value !== undefined);
  // Embedded files lie beside the configuration, so the configuration lies beside the build's.
  const config = join(root, "build", `test-${port}.capnp`);
  // @ts-ignore: undefined values are gone
  writeFileSync(config, configuration(Object.fromEntries(variables), port, storage), { mode: 0o600 });

  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;
  const worker = {
    url,
    log: "",
    async start() {
      // The program itself: the script of the same name would outlive what it starts.
      const started = spawn(workerd.default ?? workerd, ["serve", config, "--experimental"], { stdio: ["ignore", "pipe", "pipe"] });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
        stream?.on("data", (chunk) => (worker.log += chunk));
      }
      for (let attempt = 0; attempt < 200; attempt++) {
        if (started.exitCode !== null) throw new Error(`workerd ended:\n${worker.log}`);
        try {
          await fetch(`${url}/healthz`);
          return;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      throw new Error(`workerd does not listen:\n${worker.log}`);
    },
    async kill() {
      const ending = child;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const ended = new Promise((resolve) => ending.once("exit", resolve));
      ending.kill("SIGKILL");
      await ended;
    },
    async close() {
      await worker.kill();
      rmSync(folder, { recursive: true, force: true });
      rmSync(config, { force: true });
    },
  };
  await worker.start();
  return worker;
}
