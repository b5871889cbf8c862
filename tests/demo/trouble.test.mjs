// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Stage } from "./stage.mjs";
import { Visitor, browse, choose, create, events, row, settled, titles, until, user } from "./visitor.mjs";

/** @import { Page } from "playwright-core" */

/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;

before(async () => {
  browser = await browse();
});
after(async () => {
  await browser?.close();
});

/** Nothing of the machinery shows: no JSON, no name of an exception, no line of a stack. @param {Page} page */
async function speaksInWords(page) {
  const text = await page.locator("body").innerText();
  assert.doesNotMatch(text, /\{"|Error\b|\bat \S*https?:|undefined|\[object/);
}

/** @param {Page} page @param {string} words */
const hears = (page, words) => page.getByRole("alert").getByText(words).waitFor();

describe("a server that stops", () => {
  it("is missed in words beside what failed, and welcomed back", async (t) => {
    const stage = await Stage.open({ vars: { TOKEN_LIFETIME_SECONDS: "10" } });
    t.after(() => stage.close());
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    const person = await user(page);
    await create(page, "Before");

    await stage.stopWorker();
    await page.getByLabel("Title of the new thread").fill("During");
    await page.getByRole("button", { name: "Create" }).click();
    await hears(page, "The thread was not created. The server does not answer.");
    await page.getByRole("status").getByText("The server does not answer").waitFor();
    assert.equal(await page.getByLabel("Title of the new thread").inputValue(), "During", "what was typed stays");
    await page.getByRole("button", { name: "Archive “Before”" }).click();
    await hears(page, "It stays where it was. The server does not answer.");
    await page.getByRole("button", { name: "Delete “Before”" }).click();
    await page.getByRole("button", { name: "Delete thread" }).click();
    await hears(page, "The thread was not deleted. The server does not answer.");
    await page.keyboard.press("Escape");

    await until(async () => (await events(page)).some((event) => event.startsWith("Not renewed")), "a renewal that fails");
    // The token is missed at the first attempt after its end, and attempts that fail come ever more rarely.
    await page.getByText("No token", { exact: true }).waitFor({ timeout: 45_000 });
    await speaksInWords(page);

    await stage.startWorker();
    await page.getByRole("status").getByText("Server ready").waitFor();
    await settled(page);
    assert.deepEqual(await titles(page), ["Before"]);
    assert.equal(await user(page), person);
    await page.getByRole("button", { name: "Create" }).click();
    await row(page, "During").waitFor();
    await page.locator(".create + .error").waitFor({ state: "hidden" });
    await visitor.leaveInTrouble();
  });
});

describe("a token endpoint that stops", () => {
  it("is named, and asked again on request", async (t) => {
    const stage = await Stage.open();
    t.after(() => stage.close());
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab("/#backend/alice");
    await settled(page);

    await stage.stopBackend();
    await page.getByRole("button", { name: "Renew now" }).click();
    await hears(page, "The token endpoint does not answer. Is it still running beside the Worker?");
    await hears(page, "The threads could not be loaded. They need a token first.");
    await speaksInWords(page);

    stage.startBackend();
    await until(async () => (await stage.askBackend("alice").catch(() => null))?.ok ?? false, "the token endpoint");
    await page.getByRole("button", { name: "Try again" }).first().click();
    await settled(page);
    assert.equal(await user(page), "alice");
    await visitor.leaveInTrouble();
  });

  it("gives tokens to the page's origin only, to its personas only, and keeps the key to itself", async (t) => {
    const stage = await Stage.open();
    t.after(() => stage.close());
    await until(async () => (await stage.askBackend("alice").catch(() => null))?.ok ?? false, "the token endpoint");

    const good = await stage.askBackend("team-bob");
    const { token } = await good.json();
    assert.equal(good.headers.get("cache-control"), "no-store");
    assert.equal(good.headers.get("access-control-allow-origin"), stage.url);
    const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
    assert.deepEqual([claims.sub, claims.workspace_id], ["bob", "team"]);

    assert.equal((await stage.askBackend("mallory")).status, 400);
    const foreign = await stage.askBackend("alice", "https://elsewhere.example");
    assert.equal(foreign.status, 403);
    assert.equal(foreign.headers.get("access-control-allow-origin"), stage.url);

    await stage.stopWorker();
    const away = await stage.askBackend("alice");
    assert.equal(away.status, 502);
    const { error } = await away.json();
    assert.match(error, /cannot be reached/);
    for (const secret of [stage.apiKey(), token]) {
      for (let at = 0; at + 12 <= secret.length; at += 1) assert.ok(!stage.backendLog().includes(secret.slice(at, at + 12)));
    }
  });
});

describe("a server without anonymous access", () => {
  it("says so", async (t) => {
    const stage = await Stage.open({ vars: { ANONYMOUS: "off" } });
    t.after(() => stage.close());
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await hears(page, "Anonymous access is switched off on this server.");
    await page.getByText("Switched off on this server.", { exact: true }).waitFor();
    await page.getByText("No token", { exact: true }).waitFor();
    await speaksInWords(page);
    await visitor.leaveInTrouble();
  });
});

describe("a refusal", () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());

  // What this server hardly ever says is put on the wire by the test; the page and the client are the real ones.
  for (const [status, error, words] of /** @type {[number, string, RegExp][]} */ ([
    [401, "JWT token has expired", /The server does not accept the token any more\. Renew it and try again\./],
    [403, "Origin does not match project ID", /The server refused: Origin does not match project ID\./],
    [413, "Payload Too Large", /It is larger than the server allows\./],
    [429, "rate_limited", /Too many requests\. Try again in a minute, at \d\d:\d\d\./],
    [500, "Internal Server Error", /The server failed\. Try again in a moment\./],
    [503, "misconfigured", /The server is not set up completely\. Its log names the missing setting\./],
    [503, "overloaded", /The server is not ready to answer\. Try again in a moment\./],
  ])) {
    it(`with status ${status} ${error} is put into words, and can be tried again`, async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await visitor.tab();
      await settled(page);
      await page.route("**/v1/threads**", (route) =>
        route.fulfill({ status, contentType: "application/json", headers: { "Retry-After": "60" }, body: JSON.stringify({ error }) }),
      );
      await choose(page, "Archived");
      const alert = page.getByRole("alert").filter({ hasText: "The threads could not be loaded." });
      assert.match(await alert.innerText(), words);
      await speaksInWords(page);

      await page.unroute("**/v1/threads**");
      await page.getByRole("button", { name: "Try again" }).click();
      await alert.waitFor({ state: "hidden" });
      await page.getByText("Nothing is archived.").waitFor();
      await visitor.leaveInTrouble();
    });
  }

  it("of an anonymous visitor who comes too often says when to come back", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab("/#backend/alice");
    await settled(page);
    await page.route("**/v1/auth/tokens/anonymous", (route) =>
      route.fulfill({ status: 429, contentType: "application/json", headers: { "Retry-After": "60" }, body: '{"error":"rate_limited"}' }),
    );
    await choose(page, "Anonymous visitor");
    await page.getByRole("alert").getByText(/^Too many requests\. Try again in a minute, at \d\d:\d\d\.$/).waitFor();
    await hears(page, "The threads could not be loaded. They need a token first.");
    await visitor.leaveInTrouble();
  });

  it("of a provider's token is put into words by the real server", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    await page.route("**/healthz", async (route) => {
      const health = await (await route.fetch()).json();
      await route.fulfill({ json: { ...health, credentials: [...health.credentials, "provider_token"] } });
    });
    await page.reload();
    await settled(page);
    await choose(page, "Identity provider");
    const field = page.getByLabel("Your provider's token");
    await field.fill("not a token");
    await page.getByRole("button", { name: "Use it" }).click();
    await hears(page, "That is not a token: a JWT with an expiry was expected.");

    const part = (/** @type {object} */ json) => Buffer.from(JSON.stringify(json)).toString("base64url");
    const claims = { iss: "https://login.example", sub: "carol", exp: Math.floor(Date.now() / 1000) + 600 };
    await field.fill(`${part({ alg: "RS256", kid: "k" })}.${part(claims)}.${part({})}`);
    await page.getByRole("button", { name: "Use it" }).click();
    await hears(page, "The threads could not be loaded. The server refused:");
    assert.equal(await user(page), "carol");
    await speaksInWords(page);
    await visitor.leaveInTrouble();
  });

  it("of the network is told apart from a server that is away", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    await page.context().setOffline(true);
    await page.getByRole("status").getByText("You are offline").waitFor();
    await choose(page, "Archived");
    await hears(page, "The threads could not be loaded. You are offline. This page tries again when the connection is back.");
    await page.context().setOffline(false);
    await page.getByText("Nothing is archived.").waitFor();
    await visitor.leaveInTrouble();
  });
});
