// @ts-check
/**
 * The peer with a meter at its database: how many rows a request reads and writes, as Cloudflare counts and bills
 * them.
 */
import app from "./hono.mjs";
import { Workspace as Unmetered } from "./workspace.mjs";

export class Workspace extends Unmetered {
  /** @param {any} ctx @param {any} env */
  constructor(ctx, env) {
    super(ctx, env);
    this.meter = { read: 0, written: 0 };
    /** @type {any} */
    const sql = this.sql;
    this.sql = {
      exec: (/** @type {string} */ statement, /** @type {any[]} */ ...values) => {
        const cursor = sql.exec(statement, ...values);
        /** @type {any[]} */
        const rows = cursor.toArray();
        this.meter.read += cursor.rowsRead;
        this.meter.written += cursor.rowsWritten;
        return { toArray: () => rows };
      },
    };
  }

  /** What has been counted since the last time. */
  readMeter() {
    const { meter } = this;
    this.meter = { read: 0, written: 0 };
    return meter;
  }
}

export default {
  /** @param {Request} request @param {any} env @param {any} ctx */
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/meter") return app.fetch(request, env, ctx);
    return Response.json(await env.WORKSPACE.getByName(searchParams.get("object")).readMeter());
  },
};
