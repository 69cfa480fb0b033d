import { resolve } from "node:path";
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
});
