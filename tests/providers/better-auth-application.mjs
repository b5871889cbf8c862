// @ts-check
/** An application that signs people in with better-auth: sessions and keys in SQLite. */
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";

import { Application } from "./application.mjs";

/** @param {object} [options] of its JWT plugin */
export function startBetterAuth(options) {
  return Application.start(async (origin) => {
    const auth = betterAuth({
      baseURL: origin,
      secret: randomBytes(32).toString("base64url"),
      database: new DatabaseSync(":memory:"),
      emailAndPassword: { enabled: true },
      plugins: [jwt(options)],
      telemetry: { enabled: false },
      logger: { disabled: true },
    });
    const { runMigrations } = await getMigrations(auth.options);
    await runMigrations();
    return toNodeHandler(auth);
  });
}
