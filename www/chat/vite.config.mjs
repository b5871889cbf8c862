// @ts-check
import { join } from "node:path";
import { defineConfig } from "vite";

const root = import.meta.dirname;

export default defineConfig({
  root,
  base: "/chat/",
  publicDir: false,
  logLevel: "warn",
  build: {
    outDir: join(root, "..", "..", "build", "chat"),
    emptyOutDir: true,
    // The page's policy lets nothing be inlined, and browsers that can run it need no polyfill.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    chunkSizeWarningLimit: 1000,
    // The package is on the site as it is published. Both pages run that, not a copy that a bundler has made.
    rolldownOptions: {
      external: ["/package/index.js"],
      // The libraries mark their modules for a bundler that splits server from browser; here all is browser.
      onwarn: (warning, warn) => (warning.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : warn(warning)),
    },
  },
});
