// @ts-check
/** In the place of the official package, and beside it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { run } from "../../scripts/command.mjs";
import { environment, tools } from "../../scripts/toolchain.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { Browser, serve } from "./page.mjs";
import { answerOf, installed, pack, project, source } from "./project.mjs";

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "package-lock.json"), "utf8"));
/** The workshop's versions of packages. */
const versions = (/** @type {string[]} */ ...names) => Object.fromEntries(names.map((name) => [name, packages[`node_modules/${name}`].version]));

/** All of assistant-ui: what it would take by itself is newer every week, and brings a newer official client along. */
const assistantUi = ["@assistant-ui/react", "@assistant-ui/core", "@assistant-ui/store", "@assistant-ui/tap"];

/** With `skipLibCheck`, because the types of `ai` do not hold; tests/types looks at ours without. */
const tsconfig = {
  compilerOptions: {
    noEmit: true, strict: true, exactOptionalPropertyTypes: true, target: "es2022", module: "esnext", moduleResolution: "bundler",
    skipLibCheck: true, jsx: "react-jsx", lib: ["es2022", "dom", "dom.iterable"], types: [],
  },
};
const check = (/** @type {string} */ cwd) => run(tools.tsc, ["-p", "."], { cwd, env: environment(), output: "hide" });

describe("exports", () => {
  const entries = ["", "/telemetry", "/ai-sdk"];

  for (const [entry, count] of /** @type {const} */ ([["", 20], ["/telemetry", 6], ["/ai-sdk", 2]])) {
    test(`every value of assistant-cloud${entry}`, async () => {
      const cwd = await project("exports", {
        "names.js": `
          const [ours, theirs] = await Promise.all([import("assistant-cloud-edge${entry}"), import("assistant-cloud-official${entry}")]);
          const kind = (value) => (typeof value === "function" && /^class\\b/.test(String(value)) ? "class" : typeof value);
          const names = Object.keys(theirs).sort();
          console.log(JSON.stringify({ ours: names.map((name) => [name, kind(ours[name])]), theirs: names.map((name) => [name, kind(theirs[name])]) }));`,
      });
      const { ours, theirs } = await answerOf(tools.node, ["names.js"], { cwd });
      assert.deepEqual(ours, theirs);
      assert.equal(theirs.length, count);
    });
  }

  test("every type", async () => {
    const official = dirname(new URL(import.meta.resolve("assistant-cloud-official")).pathname);
    const uses = entries.map((entry) => {
      const text = readFileSync(join(official, entry, "index.d.ts"), "utf8");
      const names = [...text.matchAll(/(?:\btype|^export (?:declare )?(?:type|class)) (\w+)/gm)].map(([, name]) => name);
      assert.ok(names.length > 1, entry);
      return `export type { ${[...new Set(names)].join(", ")} } from "assistant-cloud-edge${entry}";`;
    });
    const cwd = await project("types", { "tsconfig.json": tsconfig, ...Object.fromEntries(uses.map((use, index) => [`use${index}.ts`, use])) });
    await check(cwd);
  });

  test("the telemetry's key goes nowhere by default", async () => {
    const cwd = await project("telemetry", {
      "telemetry.js": `
        import { CloudConfigError } from "assistant-cloud-edge";
        import * as ours from "assistant-cloud-edge/telemetry";
        const attempts = [ours.assistantCloudTraceExportOptions, ours.createAssistantCloudTraceExporter].map((make) => {
          try {
            make({ apiKey: "sk_aui_x" });
          } catch (error) {
            return error instanceof CloudConfigError && error.code;
          }
        });
        const { url } = ours.assistantCloudTraceExportOptions({ apiKey: "sk_aui_x", baseUrl: "https://cloud.test/" });
        console.log(JSON.stringify({ attempts, url }));`,
    });
    assert.deepEqual(await answerOf(tools.node, ["telemetry.js"], { cwd }), {
      attempts: ["ERR_MISSING_BASE_URL", "ERR_MISSING_BASE_URL"],
      url: "https://cloud.test/v1/traces",
    });
  });
});

describe("in a project with assistant-ui, by `overrides` alone", () => {
  /** @type {import("../worker/workerd.mjs").Worker} */
  let worker;
  let cwd = "";
  before(async () => {
    const tarball = `file:${await pack()}`;
    [worker, cwd] = await Promise.all([
      startWorker(),
      installed({
        "package.json": {
          private: true, type: "module",
          dependencies: versions(...assistantUi, "@types/react", "@types/react-dom", "react", "react-dom"),
          overrides: { "assistant-cloud": tarball },
        },
        "tsconfig.json": tsconfig,
        "app.tsx": source("consumer", "app.tsx"),
      }),
    ]);
  });
  after(() => worker?.close());

  const nameOf = (/** @type {string} */ directory) => JSON.parse(readFileSync(join(cwd, "node_modules", directory, "package.json"), "utf8")).name;

  test("ours is where the official one was, and that one only where ours asks for it", () => {
    assert.equal(nameOf("assistant-cloud"), "assistant-cloud-edge");
    const alias = ["assistant-cloud-official", "assistant-cloud/node_modules/assistant-cloud-official"];
    assert.equal(nameOf(alias.find((path) => existsSync(join(cwd, "node_modules", path))) ?? ""), "assistant-cloud");
  });

  test("its types hold", async () => void (await check(cwd)));

  test("it shows the threads of our server", async () => {
    await build({
      absWorkingDir: cwd, entryPoints: { main: "app.tsx" }, bundle: true, format: "esm", outdir: "out", jsx: "automatic", logLevel: "error",
      define: { "process.env.NODE_ENV": '"production"' },
    });
    const [browser, server] = [new Browser(), await serve(join(cwd, "out"))];
    try {
      assert.deepEqual(await browser.answerOf(`${server.url}#${worker.url}`), { title: "Packed", ours: true });
    } finally {
      server.close();
      await browser.close();
    }
  });
});

test("beside the official package, our client is one of its own to the compiler", async () => {
  const use = `
    import { AssistantCloud as Theirs, CloudMessagePersistence, type AssistantCloudRunReport } from "assistant-cloud";
    import { AssistantCloud, CloudAPIError, CloudRunReporter } from "assistant-cloud-edge";
    import { useCloudThreadListAdapter } from "@assistant-ui/react";
    const cloud = new AssistantCloud({ baseUrl: "https://cloud.test", anonymous: true });
    export const theirs: Theirs = cloud;
    export const ours: Omit<AssistantCloud, "auth"> = new Theirs({ baseUrl: "https://cloud.test", anonymous: true });
    export const persistence = new CloudMessagePersistence(cloud);
    export const reporter = new CloudRunReporter(theirs);
    export const adapter = () => useCloudThreadListAdapter({ cloud });
    export const report = (report: AssistantCloudRunReport) => cloud.runs.report(report);
    export const status = (error: unknown) => (error instanceof CloudAPIError ? error.status : undefined);
    // @ts-expect-error nothing else is
    export const none: Theirs = {};`;
  const cwd = await installed({
    "package.json": {
      private: true, type: "module",
      dependencies: {
        ...versions(...assistantUi, "@types/react", "assistant-cloud", "react", "react-dom"),
        "assistant-cloud-edge": `file:${await pack()}`,
      },
    },
    "tsconfig.json": tsconfig,
    "use.ts": use,
  });
  await check(cwd);
});
