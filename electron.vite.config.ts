import { resolve } from "node:path";
import { defineConfig } from "electron-vite";

// One input map gives every main-process entry; the server entry must stay free of `electron`, shared chunks included.
export default defineConfig({
  main: {
    build: {
      outDir: "out/main",
      rollupOptions: {
        input: { server: resolve("src/main/server.ts") },
      },
    },
  },
});
