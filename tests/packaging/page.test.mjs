// @ts-check
/** A page without a bundler, which loads the package as it is packed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startWorker } from "../worker/workerd.mjs";
import { expected } from "./consumer/expected.mjs";
import { Browser, serve } from "./page.mjs";
import { project, source } from "./project.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
/** @type {Browser} */
let browser;
before(async () => {
  worker = await startWorker();
  browser = new Browser();
});
after(() => Promise.all([worker?.close(), browser?.close()]));

/** The package by its address in place of its name. @param {string} code */
const byAddress = (code) =>
  code.replaceAll(/"assistant-cloud-edge(\/ai-sdk)?"/g, (_, entry = "/index") => `"/node_modules/assistant-cloud-edge${entry}.js"`);

/**
 * What `use` in a project's use.js says, in the page itself or in a worker of it.
 *
 * @param {string} name
 * @param {{ use: string, inWorker: boolean, argument: unknown }} what
 */
async function inPage(name, { use, inWorker, argument }) {
  const read = `JSON.parse(decodeURIComponent(location.hash.slice(1)))`;
  const directory = await project(name, {
    "use.js": byAddress(use),
    "worker.js": `import { use } from "./use.js"; onmessage = async ({ data }) => postMessage(await use(data));`,
    "main.js": inWorker
      ? `const worker = new Worker("/worker.js", { type: "module" });
         worker.onmessage = ({ data }) => (globalThis.answer = data);
         worker.postMessage(${read});`
      : `import { use } from "./use.js"; globalThis.answer = await use(${read});`,
  });
  const server = await serve(directory);
  try {
    return await browser.answerOf(`${server.url}#${encodeURIComponent(JSON.stringify(argument))}`);
  } finally {
    server.close();
  }
}

const keyed = `
  import { AssistantCloud } from "assistant-cloud-edge";
  export async function use({ baseUrl, apiKey }) {
    const said = [];
    console.error = (...words) => said.push(words.join(" "));
    const make = () => new AssistantCloud({ baseUrl, apiKey, userId: "u", workspaceId: "w" });
    make();
    const { token } = await make().auth.tokens.create();
    return { said: said.length, ofTheKey: /API key/.test(said[0]), theKey: said[0].includes(apiKey), token: token.split(".").length };
  }`;

for (const [place, inWorker] of /** @type {const} */ ([["a page", false], ["a page's worker", true]])) {
  test(`${place} imports it by its address`, async () => {
    const use = source("consumer", "use.js");
    assert.deepEqual(await inPage("page", { use, inWorker, argument: worker.url }), expected);
  });

  test(`an API key in ${place} is used, and complained of once`, async () => {
    const argument = { baseUrl: worker.url, apiKey: worker.apiKey };
    assert.deepEqual(await inPage("page-key", { use: keyed, inWorker, argument }), {
      said: 1,
      ofTheKey: true,
      theKey: false,
      token: 3,
    });
  });
}
