/** One build for all hosts: main and its processes, the preload as a single CommonJS file, the window. Needs no Electron binary. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig } from "electron-vite"

const at = (path: string) => resolve(import.meta.dirname, path)

const entries = Object.fromEntries(
  Object.entries({
    index: at("electron/main/main.ts"),
    engine: at("electron/main/engine-process.ts"),
    helper: at("electron/main/helper-process.ts"),
    "lance-process": at("electron/engine/adapters/lance-process.ts"),
    "interpreter-process": at("electron/engine/adapters/interpreter-process.ts"),
    "interpreter-worker": at("electron/engine/adapters/interpreter-worker.ts"),
    runner: at("electron/engine/sandbox/runner.ts"),
    worker: at("electron/engine/sandbox/worker.ts"),
    web: at("electron/web/server.ts"),
    cli: at("electron/cli/cli.ts")
  }).filter(([, path]) => existsSync(path))
)

export default defineConfig({
  main: {
    build: {
      outDir: "out/main",
      externalizeDeps: true,
      // Chunks lie beside the entries, so that a path relative to a file is the same from both.
      rolldownOptions: { input: entries, output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" } }
    }
  },
  preload: {
    build: {
      outDir: "out/preload",
      externalizeDeps: false,
      isolatedEntries: true,
      rolldownOptions: { input: { index: at("electron/preload/preload.ts") }, output: { format: "cjs", entryFileNames: "[name].cjs" } }
    }
  },
  renderer: {
    root: "renderer",
    plugins: [react(), tailwindcss()],
    build: {
      outDir: at("out/renderer"),
      minify: true,
      // The window is read from this machine, not over a network; its size is reported by hand.
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: { input: { index: at("renderer/index.html") } }
    }
  }
})
