// @ts-check
import { it } from "node:test";

import { run } from "../../scripts/command.mjs";
import { environment, root, tools } from "../../scripts/toolchain.mjs";

it("the page uses the package as its types say", async () => {
  await run(tools.tsc, ["-p", "tests/demo/tsconfig.json"], { cwd: root, env: environment(), output: "hide" });
});
