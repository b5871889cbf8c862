// @ts-check
/** The headers that an isolate keeps from one answer to the next. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { respond } from "../../src/edge/response.js";

const { Headers } = globalThis;
let made = 0;
before(() => {
  globalThis.Headers = class extends Headers {
    constructor() {
      super();
      made++;
    }
  };
});
after(() => {
  globalThis.Headers = Headers;
});

/** Whether a second answer has the headers that were made for the first. @param {string} origin */
function isKept(origin) {
  made = 0;
  for (let count = 0; count < 2; count++) {
    const response = respond(200, `Access-Control-Allow-Origin\n${origin}\n`, "", "{}");
    assert.equal(response.headers.get("Access-Control-Allow-Origin"), origin);
  }
  return made === 1;
}

it("headers are kept, but for those of an Origin as long as nobody's is", () => {
  assert.ok(isKept("https://app.example.com"));
  assert.ok(isKept(`https://${"a".repeat(253)}`));
  assert.ok(!isKept(`https://${"a".repeat(120_000)}`));
});
