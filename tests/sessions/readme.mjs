// @ts-check
/** The examples of the package's README for React, as the modules of a project. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../../scripts/toolchain.mjs";

/** The auth libraries that there are examples for. */
export const libraries = /** @type {const} */ (["Clerk", "Auth.js", "better-auth", "Supabase"]);

const tsconfig = (/** @type {string} */ directory) => ({
  compilerOptions: {
    noEmit: true, strict: true, noUncheckedIndexedAccess: true, target: "es2024", module: "esnext", moduleResolution: "bundler",
    jsx: "react-jsx", lib: ["es2024", "dom", "dom.iterable"], types: [],
    // better-auth's dependencies are not all installed.
    skipLibCheck: true,
    paths: { "assistant-cloud-edge": [`./${relative(directory, join(root, "pkg", "index.d.ts"))}`] },
  },
});

/** Lays out the project, and gives its directory. */
export function layOutExamples() {
  const readme = readFileSync(join(root, "pkg", "README.md"), "utf8");
  const section = /\n### In React\n([^]*?)\n### /.exec(readme)?.[1] ?? "";
  const [hooks, calls, ...others] = [...section.matchAll(/```tsx\n([^]*?)```/g)].map(([, code = ""]) => code);
  assert.ok(hooks && calls && others.length === 0, "two blocks of code");
  const rows = [...section.matchAll(/^\| (\S+) \| `(.+?)` \| (.+) \|$/gm)];
  assert.deepEqual(rows.map(([, library]) => library), libraries);
  const examples = rows.map(([, library, authToken, cell = ""]) => {
    const statements = [...cell.matchAll(/`(.+?)`/g)].map(([, code]) => code);
    return `"${library}": example(${authToken}, (cloud) => { ${statements.join(" ")} }),`;
  });

  const directory = join(root, "target", "readme");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  cpSync(join(import.meta.dirname, "hooks"), directory, { recursive: true });
  const files = {
    "hooks.ts": hooks,
    "calls.ts": `import { supabase } from "./providers.js";\n${calls}`,
    "examples.ts": `
      import type { AssistantCloud, AssistantCloudTokenConfig } from "assistant-cloud-edge";
      import { fetchToken, readSession, useSupabaseUser } from "./calls.js";
      import { useCloudUser } from "./hooks.js";
      import { authClient, clerk, useAuth, useSession } from "./providers.js";
      const example = (authToken: AssistantCloudTokenConfig["authToken"], useExample: (cloud: AssistantCloud) => void) =>
        ({ authToken, useExample });
      export const examples = { ${examples.join("\n")} };`,
    "tsconfig.json": JSON.stringify(tsconfig(directory)),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}
