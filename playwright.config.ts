/** The window in real browsers: the web host's suites, the model of Electron, and real Electron where its binary exists. */
import { defineConfig } from "@playwright/test"
import { findChromium } from "./test/tools/find-chromium.ts"

/** Without the switches a container or a machine without a display needs, Chromium would not start there. */
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

export default defineConfig({
  testDir: "test",
  outputDir: "test-results",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: "list",
  use: { launchOptions: { executablePath: findChromium({ install: false }).path, args }, viewport: { width: 1280, height: 800 } },
  projects: [
    { name: "window", testMatch: "app/*.e2e.ts" },
    { name: "model of Electron", testMatch: "electron-double/*.e2e.ts" },
    { name: "Electron", testMatch: "electron/*.e2e.ts" }
  ]
})
