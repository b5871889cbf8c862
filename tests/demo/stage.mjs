// @ts-check
/** The real thing on ports of its own: the built Worker with its site, and the demo's token endpoint. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { variable } from "../../scripts/configuration.mjs";
import { newSecrets } from "../../scripts/secrets.mjs";
import { Service } from "../../scripts/service.mjs";
import { environment, root, tools } from "../../scripts/toolchain.mjs";

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [vars] in place of those in wrangler.toml
 * @property {boolean} [backend] whether the demo's token endpoint runs
 * @property {(config: string) => string} [edit] what else is another in wrangler.toml
 */

export class Stage {
  #directory = mkdtempSync(join(tmpdir(), "assistant-cloud-demo-"));
  #port = 0;
  #backendPort = 0;
  /** @type {Service | undefined} */
  #worker;
  /** @type {Service | undefined} */
  #backend;

  get url() {
    return `http://localhost:${this.#port}`;
  }

  /** @param {Options} [options] */
  static async open({ vars = {}, backend = true, edit = (config) => config } = {}) {
    const stage = new Stage();
    try {
      stage.#port = await anyPort();
      stage.#backendPort = await anyPort();
      await stage.#layOut(vars, backend, edit);
      if (backend) stage.startBackend();
      await stage.startWorker();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  async startWorker() {
    const { name, args } = { name: join(this.#directory, "worker.log"), args: ["dev", "--local", "--config", join(this.#directory, "wrangler.toml")] };
    const where = ["--persist-to", join(this.#directory, "state"), "--ip", "127.0.0.1", "--port", String(this.#port)];
    this.#worker = new Service("The Worker", name, tools.wrangler, [...args, ...where, "--inspector-port", String(await anyPort()), "--show-interactive-dev-session=false"], {
      cwd: root,
      env: environment(),
    });
    await this.#worker.answers(`${this.url}/healthz`);
  }

  startBackend() {
    this.#backend = new Service("The token endpoint", join(this.#directory, "backend.log"), tools.node, [join(root, "www", "backend.mjs")], {
      cwd: root,
      env: {
        ...environment(),
        PORT: String(this.#backendPort),
        API_KEY_FILE: join(this.#directory, "api-key"),
        CLOUD_URL: this.url,
        ALLOWED_ORIGIN: this.url,
      },
    });
  }

  async stopWorker() {
    await this.#worker?.stop();
  }

  async stopBackend() {
    await this.#backend?.stop();
  }

  /** @param {string} persona @param {string} [origin] @returns {Promise<Response>} */
  askBackend(persona, origin = this.url) {
    return fetch(`http://127.0.0.1:${this.#backendPort}/api/assistant-token?as=${persona}`, { headers: { Origin: origin } });
  }

  /** @returns {string} everything the token endpoint has said */
  backendLog() {
    return readFileSync(join(this.#directory, "backend.log"), "utf8");
  }

  /** @returns {string} the API key of this stage */
  apiKey() {
    return readFileSync(join(this.#directory, "api-key"), "utf8").trim();
  }

  async close() {
    await Promise.all([this.stopWorker(), this.stopBackend()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A configuration, secrets and a site of this stage's own, all from what was built. @param {Record<string, string>} vars @param {boolean} backend @param {(config: string) => string} edit */
  async #layOut(vars, backend, edit) {
    const built = join(root, "build");
    if (!existsSync(join(built, "site", "index.html"))) throw new Error("There is no site in build/: run `npm run build` first");
    const site = join(this.#directory, "site");
    cpSync(join(built, "site"), site, { recursive: true });
    const endpoint = backend ? `http://localhost:${this.#backendPort}` : null;
    writeFileSync(join(site, "demo.json"), JSON.stringify({ backend: endpoint }));

    const secrets = await newSecrets("--project", variable("PROJECT_ID"), "--name", "test");
    writeFileSync(join(this.#directory, "api-key"), `${secrets.api_key}\n`);
    const lines = [
      `SIGNING_KEY=${secrets.signing_key}`,
      `REFRESH_KEY=${secrets.refresh_key}`,
      `API_KEYS='${JSON.stringify([secrets.api_key_entry])}'`,
    ];
    writeFileSync(join(this.#directory, ".dev.vars"), `${lines.join("\n")}\n`);

    let config = readFileSync(join(root, "wrangler.toml"), "utf8")
      .replace('main = "build/', `main = "${built}/`)
      .replace('directory = "build/site"', `directory = "${site}"`);
    for (const [name, value] of Object.entries({ ISSUER: this.url, RATE_LIMITS: "off", ...vars })) {
      config = config.replace(new RegExp(`^${name} *=.*$`, "m"), `${name} = "${value}"`);
    }
    writeFileSync(join(this.#directory, "wrangler.toml"), edit(config));
  }
}

/** @returns {Promise<number>} a port nobody listens on */
function anyPort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
