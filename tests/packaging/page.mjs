// @ts-check
/** A page in Chromium, from a server that gives away one directory and nothing else. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { browse } from "../demo/visitor.mjs";

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** A page that runs `main.js`. */
export const html = `<!doctype html><title>x</title><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;

/**
 * Serves a directory.
 *
 * @param {string} directory
 */
export async function serve(directory) {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://x").pathname);
    try {
      const body = path === "/" ? html : await readFile(join(directory, path));
      const type = types[/** @type {keyof typeof types} */ (path === "/" ? ".html" : extname(path))] ?? "text/plain";
      response.writeHead(200, { "Content-Type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://localhost:${port}/`, close };
}

/** One Chromium for all pages of a test file. */
export class Browser {
  #browser = browse();

  /**
   * What the page's script has put into `globalThis.answer`, or what went wrong.
   *
   * @param {string} url
   */
  async answerOf(url) {
    const browser = await this.#browser;
    const page = await browser.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
    try {
      await page.goto(url);
      await page.waitForFunction("globalThis.answer", null, { timeout: 20_000 });
      return await page.evaluate("globalThis.answer");
    } catch (error) {
      throw new Error(`The page does not answer: ${complaints.join("\n")}`, { cause: error });
    } finally {
      await page.close();
    }
  }

  async close() {
    await (await this.#browser).close();
  }
}
