// @ts-check
/** An application that signs people in with Auth.js: by mail with sessions in SQLite, or by password without. */
import { randomBytes } from "node:crypto";
import { ExpressAuth } from "@auth/express";
import Credentials from "@auth/express/providers/credentials";
// @ts-ignore: it has no types
import express from "express";

import { Application } from "./application.mjs";
import { sqliteAdapter } from "./authjs-adapter.mjs";

/** The one password of all people. */
export const PASSWORD = "correct horse battery staple";

/**
 * @param {"database" | "jwt"} strategy where its sessions are
 * @returns {Promise<Application & { mails: string[] }>} `mails`: the addresses that were sent to people
 */
export async function startAuthJs(strategy) {
  /** @type {string[]} */
  const mails = [];
  const mail = /** @type {any} */ ({
    id: "mail",
    type: "email",
    name: "Mail",
    from: "app@example.com",
    maxAge: 600,
    options: {},
    sendVerificationRequest: async (/** @type {{ url: string }} */ { url }) => void mails.push(url),
  });
  const password = Credentials({
    credentials: { email: {}, password: {} },
    authorize: ({ email, password }) => (password === PASSWORD ? { id: `user-of-${email}`, email: String(email) } : null),
  });
  const application = await Application.start(() => {
    const app = express();
    const auth = ExpressAuth({
      secret: randomBytes(32).toString("base64url"),
      trustHost: true,
      basePath: "/api/auth",
      session: { strategy },
      providers: [strategy === "database" ? mail : password],
      ...(strategy === "database" && { adapter: sqliteAdapter() }),
      logger: { error: () => {}, warn: () => {} },
      // Auth.js says nothing of a person's id by itself.
      callbacks: {
        session: (/** @type {any} */ { session, user, token }) => ({
          ...session,
          user: { ...session.user, id: user?.id ?? token?.sub },
        }),
      },
    });
    // Its library asks for the path behind its own as an unnamed part.
    app.use(/^\/api\/auth\/(.*)/, auth);
    return app;
  });
  return Object.assign(application, { mails });
}

/**
 * Signs somebody in, as their browser would.
 *
 * @param {Awaited<ReturnType<typeof startAuthJs>>} application
 * @param {import("./visitor.mjs").Visitor} visitor
 * @param {string} email
 */
export async function signIn(application, visitor, email) {
  const at = `${application.origin}/api/auth`;
  const { csrfToken } = await (await visitor.send(`${at}/csrf`)).json();
  const sent = application.mails.length;
  const byMail = await (await visitor.send(`${at}/providers`)).json();
  if (byMail.mail) {
    await visitor.send(`${at}/signin/mail`, { method: "POST", form: { csrfToken, email } });
    return visitor.follow(application.mails[sent]);
  }
  return visitor.send(`${at}/callback/credentials`, { method: "POST", form: { csrfToken, email, password: PASSWORD } });
}
