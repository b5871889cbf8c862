// @ts-check
/** Next: a client component, a server component, a route on Node and one on the Edge Runtime, by both of its bundlers. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "../../scripts/command.mjs";
import { environment, tools } from "../../scripts/toolchain.mjs";
import { newKey } from "../worker/keys.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { expected, expectedOfServer } from "./consumer/expected.mjs";
import { Browser } from "./page.mjs";
import { project, source } from "./project.mjs";

const next = join(import.meta.dirname, "node_modules", "next", "dist", "bin", "next");

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
/** @type {Browser} */
let browser;
before(async () => {
  worker = await startWorker();
  browser = new Browser();
});
after(() => Promise.all([worker?.close(), browser?.close()]));

const route = (/** @type {string} */ runtime) => `
  import { serve } from "../../serve.js";
  export const runtime = "${runtime}";
  export const GET = async (request) => Response.json(await serve(new URL(request.url).searchParams.get("cloud")));`;

/** What a segment of an app may say of the answers that Next keeps. */
const cacheModes = ["auto", "default-cache", "only-cache", "force-cache", "default-no-store", "only-no-store", "force-no-store"];

/** A visitor comes without an identity, looks, writes, and looks again. @param {string} fetchCache @param {string} runtime */
const visits = (fetchCache, runtime) => `
  import { AssistantCloud } from "assistant-cloud-edge";
  export const runtime = "${runtime}";
  export const fetchCache = "${fetchCache}";
  export const GET = async (request) => {
    const { searchParams } = new URL(request.url);
    const cloud = new AssistantCloud({ baseUrl: searchParams.get("cloud"), anonymous: true });
    const titles = async () => (await cloud.threads.list()).threads.map(({ title }) => title);
    const before = await titles();
    await cloud.threads.create({ title: searchParams.get("visitor"), last_message_at: new Date(0) });
    return Response.json({ before, after: await titles(), user: cloud.auth.state.userId });
  };`;

/** Looks, writes and looks again while it is rendered, in which Next would ask the same only once. */
const rereading = `
  import { AssistantCloud } from "assistant-cloud-edge";
  export default async ({ searchParams }) => {
    const cloud = new AssistantCloud({ baseUrl: (await searchParams).cloud, anonymous: true });
    const before = await cloud.threads.list();
    await cloud.threads.create({ title: "Written", last_message_at: new Date(0) });
    const after = await cloud.threads.list();
    return <pre>{[before, after].map(({ threads }) => threads.length).join()}</pre>;
  };`;

/** A page that Next would render once for everybody, when the app is built. @param {string} baseUrl */
const portrait = (baseUrl) => `
  import { AssistantCloud } from "assistant-cloud-edge";
  export default async () => {
    const cloud = new AssistantCloud({ baseUrl: "${baseUrl}", anonymous: true });
    await cloud.threads.list();
    return <pre>{cloud.auth.state.userId}</pre>;
  };`;

const files = {
  "use.js": source("consumer", "use.js"),
  "serve.js": source("consumer", "serve.js"),
  "next.config.mjs": `export default { turbopack: { root: ${JSON.stringify(import.meta.dirname)} }, outputFileTracingRoot: ${JSON.stringify(import.meta.dirname)} };`,
  "app/layout.js": `export default ({ children }) => <html><body>{children}</body></html>;`,
  "app/client/page.js": `"use client";
    import { useEffect } from "react";
    import { use } from "../../use.js";
    export default function Page() {
      useEffect(() => void use(location.hash.slice(1)).then((answer) => (globalThis.answer = answer)), []);
      return "client";
    }`,
  "app/server/page.js": `
    import { use } from "../../use.js";
    export default async ({ searchParams }) => <pre>{JSON.stringify(await use((await searchParams).cloud))}</pre>;`,
  "app/node/route.js": route("nodejs"),
  ...Object.fromEntries(cacheModes.map((mode) => [`app/visits/${mode}/route.js`, visits(mode, "nodejs")])),
  "app/guarded/route.js": `
    import { authenticate } from "assistant-cloud-edge/server";
    // What Next 13 and 14 do where nothing is said.
    export const fetchCache = "default-cache";
    export const GET = async (request) => {
      const baseUrl = new URL(request.url).searchParams.get("cloud");
      return Response.json(await authenticate(request, { baseUrl, projectId: "proj_0test" }));
    };`,
};

async function freePort() {
  const server = createServer();
  await once(server.listen(0, "localhost"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await once(server.close(), "close");
  return String(port);
}

/** Next 16.4.6 by webpack builds no route on the Edge Runtime, not even one that imports nothing. */
const edgeless = { webpack: "Next 16.4.6 cannot build one, whatever is in it", turbopack: false };

for (const bundler of /** @type {const} */ (["turbopack", "webpack"])) {
  describe(`Next by ${bundler}`, () => {
    /** @type {import("node:child_process").ChildProcess} */
    let server;
    let url = "";
    const stop = () => void server?.kill("SIGKILL");

    before(async () => {
      const cwd = await project(`next-${bundler}`, {
        ...files,
        "app/rereading/page.js": rereading,
        "app/portrait/page.js": portrait(worker.url),
        ...(!edgeless[bundler] && { "app/edge/route.js": route("edge"), "app/visits/edge/route.js": visits("force-cache", "edge") }),
      });
      const env = { ...environment(), NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: /** @type {const} */ ("production") };
      await run(tools.node, [next, "build", `--${bundler}`], { cwd, env, output: "hide" });
      const port = await freePort();
      url = `http://localhost:${port}`;
      server = spawn(tools.node, [next, "start", "-p", port], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
      process.on("exit", stop);
      for await (const text of /** @type {import("node:stream").Readable} */ (server.stdout).setEncoding("utf8")) {
        if (/Ready/.test(text)) break;
      }
    });
    after(() => {
      process.off("exit", stop);
      stop();
    });

    const cloud = () => `cloud=${encodeURIComponent(worker.url)}`;

    test("a client component", async () => {
      assert.deepEqual(await browser.answerOf(`${url}/client#${worker.url}`), expected);
    });

    test("a server component", async () => {
      const page = await (await fetch(`${url}/server?${cloud()}`)).text();
      const text = /<pre>(.*?)<\/pre>/.exec(page)?.[1]?.replaceAll("&quot;", '"') ?? page;
      assert.deepEqual(JSON.parse(text), expected);
    });

    test("a route that knows new keys, although Next keeps what is fetched", async () => {
      const visit = async () => {
        const { access_token } = await (await fetch(`${worker.url}/v1/auth/tokens/anonymous`, { method: "POST" })).json();
        const response = await fetch(`${url}/guarded?${cloud()}`, { headers: { Authorization: `Bearer ${access_token}` } });
        return (await response.json())?.anonymous;
      };
      assert.equal(await visit(), true);
      await worker.restart({ SIGNING_KEY: newKey(), SIGNING_KEY_PREVIOUS: worker.variables.SIGNING_KEY });
      assert.equal(await visit(), true);
    });

    for (const mode of [...cacheModes, "edge"]) {
      const skip = mode === "edge" && edgeless[bundler];
      test(`a route whose visitors share nothing, as on /visits/${mode}`, { skip }, async () => {
        const answers = [];
        for (const visitor of ["alice", "bob"]) {
          const response = await fetch(`${url}/visits/${mode}?${cloud()}&visitor=${visitor}`);
          answers.push(await response.json());
        }
        const [alice, bob] = answers;
        assert.notEqual(alice.user, bob.user);
        assert.deepEqual(alice, { before: [], after: ["alice"], user: alice.user });
        assert.deepEqual(bob, { before: [], after: ["bob"], user: bob.user });
      });
    }

    test("a page that sees what it has written", async () => {
      const page = await (await fetch(`${url}/rereading?${cloud()}`)).text();
      assert.equal(/<pre>(.*?)<\/pre>/.exec(page)?.[1], "0,1");
    });

    test("a page that is not rendered for one visitor and kept for all", async () => {
      const visit = async () => /<pre>(.*?)<\/pre>/.exec(await (await fetch(`${url}/portrait`)).text())?.[1];
      const first = await visit();
      assert.ok(first);
      assert.notEqual(await visit(), first);
    });

    for (const runtime of ["node", "edge"]) {
      const skip = runtime === "edge" && edgeless[bundler];
      test(`a route on ${runtime}`, { skip }, async () => {
        const response = await fetch(`${url}/${runtime}?${cloud()}`);
        assert.deepEqual(await response.json(), expectedOfServer);
      });
    }
  });
}
