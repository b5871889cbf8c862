// @ts-check
/** A bundled script on a bare workerd. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
// @ts-ignore: it has no types
import workerd from "workerd";

/**
 * @param {string} directory
 * @param {string[]} modules its files; the script comes first
 * @param {string} compatibilityDate
 */
export async function startScript(directory, modules, compatibilityDate) {
  const [script = "", ...others] = modules.sort((a, b) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")));
  const listed = [`(name = "${script}", esModule = embed "${script}")`, ...others.map((name) => `(name = "./${name}", wasm = embed "${name}")`)];
  writeFileSync(join(directory, "config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .script),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const script :Workerd.Worker = (modules = [${listed.join(", ")}], compatibilityDate = "${compatibilityDate}");
`);
  // The program itself: the script of the same name would outlive what it starts.
  const child = spawn(workerd.default ?? workerd, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (log += text));
  const onExit = () => child.kill("SIGKILL");
  process.on("exit", onExit);
  const control = createInterface({ input: /** @type {import("node:stream").Readable} */ (child.stdio[3]) });
  const [line] = await Promise.race([once(control, "line"), once(child, "exit").then(() => { throw new Error(`workerd does not listen:\n${log}`); })]);
  return {
    url: `http://localhost:${JSON.parse(line).port}`,
    async close() {
      process.off("exit", onExit);
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}
