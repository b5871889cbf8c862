// @ts-check
/** What holds for sessions of Auth.js itself, wherever it keeps them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { decode } from "../worker/keys.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { signIn, startAuthJs } from "./authjs-application.mjs";
import { chatWithBoth } from "./clouds.mjs";
import { exchangeSession, sessionToken } from "./session.mjs";
import { Visitor } from "./visitor.mjs";

/** @param {"database" | "jwt"} strategy where its sessions are; there is one in a process, for Auth.js remembers it */
export function testSessions(strategy) {
  describe(`a session of Auth.js, kept in its ${strategy === "jwt" ? "cookie" : "database"}`, () => {
    /** @type {Awaited<ReturnType<typeof startAuthJs>>} */
    let application;
    /** @type {Awaited<ReturnType<typeof startAuthJs>>} */
    let stranger;
    /** @type {import("../worker/workerd.mjs").Worker} */
    let worker;
    before(async () => {
      [application, stranger] = await Promise.all([startAuthJs(strategy), startAuthJs(strategy)]);
      const rules = [{ name: "app", provider: "authjs-session", url: application.origin }];
      worker = await startWorker({ AUTH_RULES: JSON.stringify(rules) });
    });
    after(async () => {
      await worker?.close();
      await Promise.all([application?.close(), stranger?.close()]);
    });

    /** @param {string} email */
    async function signedIn(email, at = application) {
      const visitor = new Visitor();
      await signIn(at, visitor, email);
      const session = await (await visitor.send(`${at.origin}/api/auth/session`)).json();
      assert.equal(session.user.email, email);
      return { visitor, id: String(session.user.id) };
    }

    it("opens the person's workspace, through both clients", async () => {
      const { visitor, id } = await signedIn("ada@example.com");
      assert.deepEqual(await chatWithBoth(worker, () => sessionToken(worker, application, visitor)), [id]);
      const { payload } = decode(await sessionToken(worker, application, visitor));
      assert.deepEqual([payload.sub, payload.workspace_id], [id, id]);
    });

    it("opens nobody else's", async () => {
      const [one, other] = [await signedIn("bob@example.com"), await signedIn("carol@example.com")];
      const tokens = [];
      for (const { visitor } of [one, other]) tokens.push(await sessionToken(worker, application, visitor));
      assert.equal(new Set(tokens.map((token) => decode(token).payload.workspace_id)).size, 2);
    });

    it("is refused for those who are not signed in, or elsewhere, or for another page", async () => {
      const { visitor } = await signedIn("dora@example.com");
      const cookies = visitor.cookies(application.origin);
      const foreign = await signedIn("dora@example.com", stranger);
      const csrf = cookies.split("; ").filter((pair) => !pair.includes("session-token")).join("; ");
      for (const other of ["", csrf, foreign.visitor.cookies(stranger.origin)]) {
        const answer = await exchangeSession(worker, application.origin, other);
        assert.equal(answer.status, 401, answer.text);
      }
      for (const origin of ["https://evil.test", stranger.origin, "null"]) {
        assert.equal((await exchangeSession(worker, origin, cookies)).status, 403, origin);
      }
      assert.equal((await exchangeSession(worker, application.origin, cookies)).status, 200);
    });

    it("can name the workspace by another member", async () => {
      const rules = [{ name: "app", provider: "authjs-session", url: application.origin, user: "{/user/email}", workspace: "mail:{/user/email}" }];
      const other = await startWorker({ AUTH_RULES: JSON.stringify(rules) });
      const { visitor } = await signedIn("eve@example.com");
      const { payload } = decode(await sessionToken(other, application, visitor));
      assert.deepEqual([payload.sub, payload.workspace_id], ["eve@example.com", "mail:eve@example.com"]);
      await other.close();
    });
  });
}
