import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";

// One input map gives every main-process entry; the server entry must stay free of `electron`, shared chunks included.
export default defineConfig({
  main: {
    build: {
      outDir: "out/main",
      rollupOptions: {
        input: { index: resolve("src/main/index.ts"), server: resolve("src/main/server.ts") },
        // Beside the entries: files that ship with the program are found from where a module stands.
        output: { chunkFileNames: "[name]-[hash].js" },
      },
    },
  },
  // A sandboxed preload script is CommonJS, and can load nothing but electron: what it needs is bundled.
  preload: {
    build: {
      outDir: "out/preload",
      externalizeDeps: false,
      rollupOptions: {
        input: { index: resolve("src/preload/index.ts") },
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: "src/renderer",
    // Relative, so that the same files work under /console/ and under the app's own scheme.
    base: "./",
    plugins: [react()],
    resolve: {
      alias: {
        // It writes style tags into the page, which the content policy forbids; nothing behind a dialog scrolls here.
        "react-style-singleton": resolve("src/renderer/shell/no-style-tags.ts"),
      },
    },
    build: {
      outDir: resolve("out/renderer"),
      emptyOutDir: true,
      // Screens are chunks; their styles are small, and in one file they keep their order.
      cssCodeSplit: false,
      minify: true,
      target: "es2023",
      // What knows light-dark(): without it the tokens would be written twice.
      cssTarget: ["chrome130", "firefox130", "safari17.5"],
      // Fonts stay files: the content policy allows no data: there.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1500,
      rollupOptions: { input: { index: resolve("src/renderer/index.html") } },
    },
  },
});
