// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Stage } from "./stage.mjs";
import { Visitor, browse, claim, create, events, secondsLeft, settled, titles, until, user } from "./visitor.mjs";

// The client renews in the last quarter: 9 s after the token's arrival.
const lifetime = 12;

/** @type {Stage} */
let stage;
/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;

before(async () => {
  [stage, browser] = await Promise.all([Stage.open({ vars: { TOKEN_LIFETIME_SECONDS: String(lifetime) } }), browse()]);
});
after(async () => {
  await Promise.all([stage?.close(), browser?.close()]);
});

/** @param {import("playwright-core").Page} page */
const renewals = async (page) => (await events(page)).filter((event) => event.startsWith("Renewed")).length;

describe("the countdown", () => {
  it("runs by the second, with its bar", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    const readings = await page.evaluate(async () => {
      /** @type {{ clock: string, bar: number }[]} */
      const readings = [];
      const clock = document.querySelector(".clock");
      const bar = document.querySelector(".bar-fill");
      while (readings.length < 4) {
        const text = clock?.textContent ?? "";
        if (readings.at(-1)?.clock !== text) {
          const scale = Number(/scaleX\(([\d.]+)\)/.exec(bar?.getAttribute("style") ?? "")?.[1]);
          readings.push({ clock: text, bar: scale });
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return readings;
    });
    const seconds = readings.map(({ clock }) => Number(clock.split(":")[1]));
    assert.deepEqual(seconds.map((second) => (seconds[0] ?? 0) - second), [0, 1, 2, 3]);
    assert.ok((seconds[0] ?? 99) <= lifetime * 0.75);
    const bars = readings.map(({ bar }) => bar);
    assert.ok(bars.every((bar, index) => index === 0 || bar < (bars[index - 1] ?? 0)), bars.join(" "));
    await visitor.leave();
  });
});

describe("a renewal", () => {
  for (const [name, fragment] of [["of an anonymous visitor", ""], ["from my backend", "#backend/alice"]]) {
    it(`${name} is seen to happen, and starts the countdown anew`, async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await visitor.tab(`/${fragment}`);
      await settled(page);
      await create(page, "Stays through the renewal");
      const before = { user: await user(page), issued: await claim(page, "jti"), left: await secondsLeft(page) };
      assert.equal(await renewals(page), 0);

      await until(async () => (await renewals(page)) === 1, "a renewal", lifetime);
      await settled(page);
      assert.ok((await secondsLeft(page)) >= before.left, "the countdown starts anew");
      assert.notEqual(await claim(page, "jti"), before.issued);
      assert.equal(await user(page), before.user);
      assert.deepEqual((await titles(page)).slice(0, 1), ["Stays through the renewal"]);
      await visitor.leave();
    });
  }

  it("happens at once on request", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    const before = { user: await user(page), token: await claim(page, "jti") };
    await page.getByRole("button", { name: "Renew now" }).click();
    await until(async () => (await renewals(page)) === 1, "a renewal");
    assert.equal(await user(page), before.user);
    assert.notEqual(await claim(page, "jti"), before.token);
    await visitor.leave();
  });

  it("goes on in a second tab as the same person", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const [one, two] = await Promise.all([visitor.tab(), visitor.tab()]);
    await Promise.all([settled(one), settled(two)]);
    const person = await user(one);
    await until(async () => (await renewals(one)) >= 1 && (await renewals(two)) >= 1, "a renewal in both tabs", lifetime * 2);
    assert.deepEqual([await user(one), await user(two)], [person, person]);
    await visitor.leave();
  });
});
