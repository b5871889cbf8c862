// @ts-check
/** Runs everything on this machine: the Worker, the demo it serves, and the demo's own backend. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, demoFile } from "./build.mjs";
import { entry } from "./command.mjs";
import { devApiKey, devVars, developmentSecrets } from "./secrets.mjs";
import { Service, freePort } from "./service.mjs";
import { environment, setup, tools } from "./setup.mjs";
import { root } from "./toolchain.mjs";

const state = join(root, ".wrangler", "state");
const log = (/** @type {string} */ name) => join(root, ".dev", `${name}.log`);

/** @param {{ port: number, allowedOrigin: string, cloud: string }} options */
function startBackend({ port, allowedOrigin, cloud }) {
  const settings = { PORT: String(port), API_KEY_FILE: devApiKey, CLOUD_URL: cloud, ALLOWED_ORIGIN: allowedOrigin };
  return new Service("The demo's backend", log("backend"), tools.node, [join(root, "www", "backend.mjs")], {
    cwd: root,
    env: { ...environment(), ...settings },
  });
}

/** @param {{ port: number, url: string }} options */
function startWorker({ port, url }) {
  const where = ["--local", "--persist-to", state, "--ip", "127.0.0.1", "--port", String(port)];
  // Tokens must name the address they come from; the port may be another one than in wrangler.toml.
  const issuer = ["--var", `ISSUER:${url}`];
  const args = ["dev", ...where, ...issuer, "--show-interactive-dev-session=false"];
  return new Service("The Worker", log("wrangler"), tools.wrangler, args, { cwd: root, env: environment() });
}

/** Settles when someone asks the program to end. npm passes the terminal's Ctrl-C on, so it can come twice. */
const asked = new Promise((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve(undefined));
  // npm can be killed without a chance to pass anything on.
  const npm = process.env.npm_lifecycle_event === "start" ? process.ppid : undefined;
  if (npm) setInterval(() => process.ppid === npm || resolve(undefined), 1_000).unref();
});

await entry(import.meta, async () => {
  const port = await freePort("PORT", 8787);
  const backendPort = await freePort("BACKEND_PORT", 8788);
  const url = `http://localhost:${port}`;
  const backendUrl = `http://localhost:${backendPort}`;

  /** @type {Service[]} */
  const services = [];
  const work = async () => {
    await setup();
    // Before the build, which puts it on the page, as does any later one while the demo runs.
    mkdirSync(dirname(demoFile), { recursive: true });
    writeFileSync(demoFile, JSON.stringify({ backend: backendUrl }));
    await developmentSecrets();
    await build();
    const worker = startWorker({ port, url });
    services.push(worker);
    services.push(startBackend({ port: backendPort, allowedOrigin: url, cloud: url }));
    await worker.answers(`${url}/healthz`);
    console.log(running(url, backendUrl));
    throw await Promise.race(services.map(({ ended }) => ended));
  };
  try {
    await Promise.race([work(), asked]);
    console.log("\nStopping");
  } finally {
    await Promise.all(services.map((service) => service.stop()));
    rmSync(demoFile, { force: true });
  }
  // Asked to end in the middle of a build, there is still one under way.
  process.exit();
});

/**
 * @param {string} url
 * @param {string} backendUrl
 */
function running(url, backendUrl) {
  const here = (/** @type {string} */ path) => relative(root, path);
  return `
Running

  Demo      ${url}
  API       ${url}/v1
  Backend   ${backendUrl} (the demo's own, holds the API key)
  Data      ${here(state)}
  Secrets   ${here(devVars)}, ${here(devApiKey)}
  Logs      ${here(log("wrangler"))}, ${here(log("backend"))}

  After a change: \`npm run build\` in another terminal. To stop: Ctrl-C.`;
}
