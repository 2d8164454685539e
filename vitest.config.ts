import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const stub = fileURLToPath(new URL("./test/electron-double/forbidden.ts", import.meta.url))

export default defineConfig({
  resolve: { alias: { electron: stub } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          environment: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.browser.test.ts", "test/app/**", "test/electron/**"],
          testTimeout: 180_000,
          hookTimeout: 180_000
        }
      }
    ],
    maxWorkers: 2
  }
})
