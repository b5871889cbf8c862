// @ts-check
/** A web application that listens on a port of this machine, whatever library it is made with. */
import { once } from "node:events";
import { createServer } from "node:http";

/** @import { RequestListener } from "node:http" */

export class Application {
  /** How many requests came, by path. @type {Record<string, number>} */
  requests = {};

  /** @param {(origin: string) => RequestListener | Promise<RequestListener>} make needs its own address */
  static async start(make) {
    const application = new Application();
    await once(application.server.listen(0, "localhost"), "listening");
    application.listener = await make(application.origin);
    return application;
  }

  constructor() {
    /** @type {RequestListener} */
    this.listener = (_, response) => response.writeHead(503).end();
    this.server = createServer((request, response) => {
      const path = String(request.url).split("?")[0];
      this.requests[path] = (this.requests[path] ?? 0) + 1;
      this.listener(request, response);
    });
  }

  get origin() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.server.address());
    return `http://localhost:${port}`;
  }

  async close() {
    this.server.closeAllConnections();
    await once(this.server.close(), "close");
  }
}
