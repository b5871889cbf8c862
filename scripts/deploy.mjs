// @ts-check
/** Puts the Worker and its site on Cloudflare. Logging in is wrangler's business. */
import { build } from "./build.mjs";
import { Problem, entry, run } from "./command.mjs";
import { variable } from "./configuration.mjs";
import { environment, setup, tools } from "./setup.mjs";
import { root } from "./toolchain.mjs";

await entry(import.meta, async (args) => {
  const trial = args.includes("--dry-run");
  const issuer = variable("ISSUER");
  if (!trial && isLocal(issuer)) {
    throw new Problem(
      `ISSUER in wrangler.toml is still ${issuer}: set it to the address the Worker will have, such as ` +
        "https://assistant-cloud-edge.example.workers.dev, because every token names it",
    );
  }
  await setup();
  const ours = "--panic-unwind";
  await build({ published: true, panicUnwind: args.includes(ours) });
  await run(tools.wrangler, ["deploy", ...args.filter((argument) => argument !== ours)], { cwd: root, env: environment(), input: "inherit" });
});

/** @param {string} address */
function isLocal(address) {
  const { hostname } = URL.canParse(address) ? new URL(address) : { hostname: "localhost" };
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname) || hostname.endsWith(".localhost");
}
