// @ts-check
/** better-auth itself, with its JWT plugin and with its own sessions. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { exchange } from "../security/provider.mjs";
import { ask } from "../worker/exchange.mjs";
import { decode } from "../worker/keys.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { startBetterAuth } from "./better-auth-application.mjs";
import { chatWithBoth } from "./clouds.mjs";
import { exchangeSession, sessionToken } from "./session.mjs";
import { Visitor } from "./visitor.mjs";

/** @import { Worker } from "../worker/workerd.mjs" */
/** @import { Application } from "./application.mjs" */

/** @type {Application} */
let application;
/** Another one, made alike. @type {Application} */
let stranger;
/** @type {Worker} */
let worker;
before(async () => {
  [application, stranger] = await Promise.all([startBetterAuth(), startBetterAuth()]);
  const url = application.origin;
  const rules = [
    { name: "tokens", provider: "better-auth", url },
    { name: "sessions", provider: "better-auth-session", url },
  ];
  worker = await startWorker({ AUTH_RULES: JSON.stringify(rules) });
});
after(async () => {
  await worker?.close();
  await Promise.all([application?.close(), stranger?.close()]);
});

/** Somebody who has just signed up. @param {Application} at @param {string} email */
async function signUp(at, email) {
  const visitor = new Visitor();
  const json = { name: "Ada", email, password: "correct horse battery staple" };
  const headers = { Origin: at.origin };
  const answer = await visitor.send(`${at.origin}/api/auth/sign-up/email`, { method: "POST", headers, json });
  assert.equal(answer.status, 200);
  const { user } = await answer.json();
  for (const secret of visitor.secrets) worker.disclosure.keep(secret);
  return { visitor, id: String(user.id) };
}

/** The token that its JWT plugin gives. @param {Application} at @param {Visitor} visitor @returns {Promise<string>} */
async function tokenOf(at, visitor) {
  return (await (await visitor.send(`${at.origin}/api/auth/token`)).json()).token;
}

describe("a token of better-auth's JWT plugin", () => {
  it("opens the person's workspace, through both clients", async () => {
    const { visitor, id } = await signUp(application, "ada@example.com");
    const workspaces = await chatWithBoth(worker, () => tokenOf(application, visitor));
    assert.deepEqual(workspaces, [id]);
  });

  it("opens nobody else's, and is refused from another application", async () => {
    const { visitor } = await signUp(application, "bob@example.com");
    const answer = await exchange(worker, await tokenOf(application, visitor));
    assert.deepEqual([answer.status, answer.body.threads], [200, []]);
    const foreign = await signUp(stranger, "ada@example.com");
    assert.equal((await exchange(worker, await tokenOf(stranger, foreign.visitor))).status, 403);
  });

  it("costs its application one look at its keys", async () => {
    const { visitor } = await signUp(application, "carol@example.com");
    for (let time = 0; time < 5; time++) await exchange(worker, await tokenOf(application, visitor));
    assert.equal(application.requests["/api/auth/jwks"], 1);
  });
});

describe("a session of better-auth", () => {
  it("opens the person's workspace, through both clients, the same one as their token", async () => {
    const { visitor, id } = await signUp(application, "dora@example.com");
    const workspaces = await chatWithBoth(worker, () => sessionToken(worker, application, visitor));
    assert.deepEqual(workspaces, [id]);
    const answer = await exchange(worker, await tokenOf(application, visitor));
    assert.equal(answer.body.threads.length, 2, "what was written by session is there by token");
    const { payload } = decode(await sessionToken(worker, application, visitor));
    assert.deepEqual([payload.sub, payload.workspace_id], [id, id]);
  });

  it("is refused after the person has signed out", async () => {
    const { visitor } = await signUp(application, "eve@example.com");
    const cookies = visitor.cookies(application.origin);
    assert.equal((await exchangeSession(worker, application.origin, cookies)).status, 200);
    const headers = { Origin: application.origin };
    await visitor.send(`${application.origin}/api/auth/sign-out`, { method: "POST", headers, json: {} });
    const answer = await exchangeSession(worker, application.origin, cookies);
    assert.equal(answer.status, 401, answer.text);
  });

  it("is refused without a cookie, with another's, and with one that was altered", async () => {
    const { visitor } = await signUp(application, "frank@example.com");
    const foreign = await signUp(stranger, "frank@example.com");
    const cookies = visitor.cookies(application.origin);
    const altered = cookies.replace(/(?<=session_token=[^.]*\.)./, (letter) => (letter === "A" ? "B" : "A"));
    assert.notEqual(altered, cookies);
    for (const other of ["", "a=b", foreign.visitor.cookies(stranger.origin), altered]) {
      const answer = await exchangeSession(worker, application.origin, other);
      assert.equal(answer.status, 401, answer.text);
    }
    assert.equal((await exchangeSession(worker, application.origin, cookies)).status, 200);
  });

  it("is not exchanged for another page", async () => {
    const { visitor } = await signUp(application, "grace@example.com");
    const cookies = visitor.cookies(application.origin);
    for (const origin of ["https://evil.test", stranger.origin, "null", `${application.origin}0`, ""]) {
      const answer = await exchangeSession(worker, origin, cookies);
      assert.equal(answer.status, 403, `${origin}: ${answer.text}`);
    }
  });

  it("is passing trouble while the application is down", async () => {
    const away = await startBetterAuth();
    const { visitor } = await signUp(away, "hugo@example.com");
    const rules = [{ name: "sessions", provider: "better-auth-session", url: away.origin }];
    const other = await startWorker({ AUTH_RULES: JSON.stringify(rules) });
    const cookies = visitor.cookies(away.origin);
    assert.equal((await exchangeSession(other, away.origin, cookies)).status, 200);
    const { origin } = away;
    await away.close();
    const answer = await exchangeSession(other, origin, cookies);
    assert.equal(answer.status, 503, answer.text);
    assert.ok(answer.headers.get("Retry-After"));
    await other.close();
  });
});

it("an API key opens what a session has written", async () => {
  const { visitor, id } = await signUp(application, "ivan@example.com");
  await chatWithBoth(worker, () => sessionToken(worker, application, visitor));
  const headers = { Authorization: `Bearer ${worker.apiKey}`, "Aui-Workspace-Id": id };
  const answer = await ask(worker, "GET /v1/threads", { headers });
  assert.equal(answer.body.threads.length, 2);
});
