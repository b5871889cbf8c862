// @ts-check
import { it } from "node:test";

import { run } from "../../scripts/command.mjs";
import { environment, root, tools } from "../../scripts/toolchain.mjs";

it("the security tests use each other as their types say", async () => {
  await run(tools.tsc, ["-p", "tests/security/tsconfig.json"], { cwd: root, env: environment(), output: "hide" });
});
