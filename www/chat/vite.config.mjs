// @ts-check
import { join } from "node:path";
import { defineConfig } from "vite";

const root = import.meta.dirname;
const top = join(root, "..", "..");

export default defineConfig({
  root,
  base: "/chat/",
  publicDir: false,
  logLevel: "warn",
  // The token page loads the package as it is published; this one bundles it, as an application does.
  resolve: { alias: { "/package": join(top, "pkg") } },
  build: {
    outDir: join(top, "build", "chat"),
    emptyOutDir: true,
    // The page's policy lets nothing be inlined, and browsers that can run it need no polyfill.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // The libraries mark their modules for a bundler that splits server from browser; here all is browser.
      onwarn: (warning, warn) => (warning.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : warn(warning)),
    },
  },
});
