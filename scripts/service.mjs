// @ts-check
/** Programs that run until they are stopped, such as the local Worker. */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Problem } from "./command.mjs";

/** How long a program gets to end by itself, in milliseconds. */
const patience = 5_000;

export class Service {
  #child;
  #name;
  #log;

  /**
   * @param {string} name for messages
   * @param {string} log the file that takes what the program says
   * @param {string} command
   * @param {string[]} args
   * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
   */
  constructor(name, log, command, args, options) {
    mkdirSync(dirname(log), { recursive: true });
    const output = openSync(log, "w");
    this.#name = name;
    this.#log = log;
    // A process group of its own: wrangler starts others, and they must not outlive it.
    this.#child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...options.env, NO_COLOR: "1", FORCE_COLOR: "0" },
      detached: true,
      stdio: ["ignore", output, output],
    });
    /** Settles when the program has ended, with the reason in words. @type {Promise<Problem>} */
    this.ended = new Promise((resolve) => {
      const end = (/** @type {string} */ how) => resolve(this.#problem(how));
      this.#child.on("error", (error) => end(`did not start: ${error.message}`));
      this.#child.on("exit", (code, signal) => end(signal ? `was ended by ${signal}` : `ended with status ${code}`));
    });
  }

  /**
   * Waits until the program answers at an address.
   *
   * @param {string} url
   * @param {number} [seconds]
   */
  async answers(url, seconds = 60) {
    let deadline = Date.now() + seconds * 1000;
    let answer = "did not answer";
    while (Date.now() < deadline) {
      try {
        const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(patience) });
        if (ok) return;
        answer = `answered with status ${status}`;
        // It is up: what is wrong now will hardly mend itself.
        deadline = Math.min(deadline, Date.now() + 2_000);
      } catch {
        // Not listening yet.
      }
      await Promise.race([pause(250), this.ended.then((problem) => Promise.reject(problem))]);
    }
    throw this.#problem(`${answer} at ${url}`);
  }

  /** Ends the program and all it has started. */
  async stop() {
    const deadline = Date.now() + patience;
    this.#signal("SIGTERM");
    while (this.#signal(0) && Date.now() < deadline) await pause(50);
    this.#signal("SIGKILL");
  }

  /**
   * @param {NodeJS.Signals | 0} signal
   * @returns {boolean} whether there was anything left to receive it
   */
  #signal(signal) {
    try {
      return this.#child.pid !== undefined && process.kill(-this.#child.pid, signal);
    } catch {
      return false;
    }
  }

  /** @param {string} what */
  #problem(what) {
    const tail = readFileSync(this.#log, "utf8").trimEnd().split("\n").slice(-30).join("\n");
    return new Problem(`${this.#name} ${what}. Its log, ${this.#log}, ends:\n\n${tail}`);
  }
}

/**
 * A port number from the environment, which nobody listens on yet.
 *
 * @param {string} variable
 * @param {number} usual
 */
export async function freePort(variable, usual) {
  const port = Number(process.env[variable] || usual);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Problem(`${variable} must be a port number, from 1 to 65535`);
  }
  for (const host of ["127.0.0.1", "::1"]) {
    const code = await new Promise((resolve) => {
      const server = createServer();
      server.on("error", (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code));
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
    });
    const remedy = `set ${variable} to another port`;
    if (code === "EADDRINUSE") throw new Problem(`Port ${port} is taken: stop what listens there, or ${remedy}`);
    if (code === "EACCES") throw new Problem(`Port ${port} may not be used here: ${remedy}`);
  }
  return port;
}
