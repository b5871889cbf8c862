// @ts-check
/** The session exchange, as a page of the application asks for it: its browser sends the cookies along. */
import assert from "node:assert/strict";

/** @import { Worker } from "../worker/workerd.mjs" */
/** @import { Application } from "./application.mjs" */
/** @import { Visitor } from "./visitor.mjs" */

/** @param {Worker} worker @param {string} origin of the page; empty for none @param {string} cookies */
export async function exchangeSession(worker, origin, cookies) {
  for (const pair of cookies.split("; ")) worker.disclosure.keep(pair.slice(pair.indexOf("=") + 1));
  const response = await fetch(`${worker.url}/v1/auth/tokens/session`, {
    method: "POST",
    headers: { ...(origin && { Origin: origin }), ...(cookies && { Cookie: cookies }) },
  });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : undefined };
  assert.match(String(response.headers.get("Cache-Control")), /\bno-store\b/);
  assert.equal(response.headers.get("Set-Cookie"), null);
  if (answer.status < 400) worker.disclosure.keepCredentials(text);
  else worker.disclosure.heard(text);
  return answer;
}

/** The token that a page gives to its client. @param {Worker} worker @param {Application} application @param {Visitor} visitor */
export async function sessionToken(worker, application, visitor) {
  const answer = await exchangeSession(worker, application.origin, visitor.cookies(application.origin));
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(Object.keys(answer.body), ["token"]);
  return String(answer.body.token);
}
