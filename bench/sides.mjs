// @ts-check
/** Who is measured: our Worker and its peers, each on a workerd of its own with the same secrets. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { build } from "esbuild";

import { Problem } from "../scripts/command.mjs";
import { root } from "../scripts/toolchain.mjs";
import { Signer, newApiKey, newKey } from "../tests/worker/keys.mjs";
import { PROJECT_ID, startWorker } from "../tests/worker/workerd.mjs";
import { Provider } from "./provider.mjs";

/** @import { Worker } from "../tests/worker/workerd.mjs" */

/**
 * `ours` is the built Worker. `hono` is what a user would write. `remembering` is the same, but it keeps the tokens
 * that it has verified, so that what it is measured at is its storage. `plain` shows what bounds any of them, `accepting`
 * and `refusing` what bounds a verification. `metered` counts rows.
 *
 * @typedef {"ours" | "hono" | "remembering" | "plain" | "accepting" | "refusing" | "metered"} SideName
 */

/**
 * The scripts of the peers, and the variables that only they have.
 *
 * @type {Record<Exclude<SideName, "ours">, { script: string, variables?: Record<string, string> }>}
 */
const peers = {
  hono: { script: "hono.mjs" },
  remembering: { script: "hono.mjs", variables: { REMEMBER_TOKENS: "on" } },
  plain: { script: "plain.mjs" },
  accepting: { script: "unchecked.mjs" },
  refusing: { script: "unchecked.mjs", variables: { REFUSES: "on" } },
  metered: { script: "metered.mjs" },
};

/** Compiles a peer as wrangler would, and names the file. @param {string} script @param {string} directory */
async function bundle(script, directory) {
  const outfile = join(directory, script);
  await build({
    entryPoints: [join(import.meta.dirname, "peers", script)],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:workers"],
  });
  return outfile;
}

/** A Worker that is measured. */
export class Side {
  /**
   * @param {SideName} name
   * @param {Worker} worker
   * @param {Pick<Sides, "apiKey" | "expiredApiKey" | "signer" | "provider">} secrets
   */
  constructor(name, worker, { apiKey, expiredApiKey, signer, provider }) {
    this.name = name;
    this.worker = worker;
    this.apiKey = apiKey;
    this.expiredApiKey = expiredApiKey;
    /** What it signs its tokens with. */
    this.signer = signer;
    /** Whose tokens it accepts beside its own. */
    this.provider = provider;
  }

  get port() {
    return this.worker.port;
  }

  /** The `iss` and the `aud` of its tokens. */
  get issuer() {
    return this.worker.url;
  }

  /**
   * The CPU time that its process has used, in seconds, of all its threads: what `utime` and `stime` of
   * /proc/PID/stat count, without their rounding to hundredths.
   */
  cpu() {
    const tasks = `/proc/${this.worker.child?.pid}/task`;
    const nanoseconds = readdirSync(tasks).map((task) => {
      const [time] = readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ");
      return Number(time);
    });
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
  }
}

/** Everybody who is measured, and what they need. */
export class Sides {
  /** Starts ours and the others. @param {SideName[]} others @returns {Promise<Sides>} */
  static async start(...others) {
    if (process.platform !== "linux") throw new Problem("The benchmarks read a process's CPU time in Linux's /proc");
    const sides = new Sides(await Provider.start());
    try {
      for (const name of /** @type {SideName[]} */ (["ours", ...others])) await sides.#start(name);
      return sides;
    } catch (error) {
      await sides.close();
      throw error;
    }
  }

  /** @param {Provider} provider */
  constructor(provider) {
    this.provider = provider;
    this.directory = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-bench-"));
    /** @type {Side[]} */
    this.all = [];
    const [seed, refreshKey] = [newKey(), newKey()];
    const [apiKey, expired] = [newApiKey(PROJECT_ID), newApiKey(PROJECT_ID, "2026-01-01T00:00:00Z")];
    this.signer = new Signer(seed);
    const jwk = { ...this.signer.privateKey.export({ format: "jwk" }), kid: this.signer.kid, alg: "EdDSA" };
    this.apiKey = apiKey.text;
    this.expiredApiKey = expired.text;
    this.variables = {
      PROJECT_ID,
      SIGNING_KEY: seed,
      // A seed is nothing that WebCrypto imports: a peer is configured with the same key in its own form.
      SIGNING_JWK: JSON.stringify(jwk),
      REFRESH_KEY: refreshKey,
      API_KEYS: JSON.stringify([apiKey.entry, expired.entry]),
      AUTH_RULES: JSON.stringify([provider.rule]),
      // All of the load comes from one address.
      RATE_LIMITS: "off",
    };
  }

  /** @param {SideName} name */
  async #start(name) {
    const variables = { ...this.variables, ...(name !== "ours" && peers[name].variables) };
    // A pipe would be read by this process, which would cost them more than the line does.
    const worker = await startWorker(variables, { files: await this.files(name), logFile: true });
    const side = new Side(name, worker, this);
    this.all.push(side);
    return side;
  }

  /** The files that a side is made of. @param {SideName} name */
  async files(name) {
    if (name === "ours") return ["index.js", "index_bg.wasm"].map((file) => join(root, "build", file));
    return [await bundle(peers[name].script, this.directory)];
  }

  /** @param {SideName} name */
  side(name) {
    const found = this.all.find((side) => side.name === name);
    if (!found) throw new Error(`${name} has not been started`);
    return found;
  }

  async close() {
    await this.provider.close();
    for (const { worker } of this.all) await worker.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
