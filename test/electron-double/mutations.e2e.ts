/** The model must notice what real Electron would: each of these ways to break the built bundles has to be caught by it. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "@playwright/test"
import { built, startDouble } from "./harness.ts"
import { complaintAbout } from "./health.ts"
import type { SmallStore } from "./store.ts"
import { makeStore } from "./store.ts"

interface Mutation {
  readonly name: string
  /** File below `out/`; a name without its hash for chunks. */
  readonly file: string
  readonly find: string | RegExp
  readonly put: string
}

const mutations: readonly Mutation[] = [
  { name: "the preload is an ES module", file: "preload/index.cjs", find: /^/, put: 'import "electron";\n' },
  { name: "the preload needs node:fs", file: "preload/index.cjs", find: /^/, put: 'require("node:fs");\n' },
  { name: "the preload's path is wrong", file: "main/index.js", find: "../preload/index.cjs", put: "../preload/index.mjs" },
  { name: "the engine's path is wrong", file: "main/index.js", find: "engine.js", put: "engin.js" },
  { name: "the helper's path is wrong", file: "main/index.js", find: "helper.js", put: "helpr.js" },
  { name: "isolation is off", file: "main/index.js", find: /contextIsolation: (true|!0)/, put: "contextIsolation: false" },
  { name: "the sandbox is off", file: "main/index.js", find: /sandbox: (true|!0)/, put: "sandbox: false" },
  { name: "the content policy is dropped", file: "main/page-policy", find: '"content-security-policy"', put: '"x-nothing"' },
  { name: "the scheme is not registered", file: "main/index.js", find: "protocol.registerSchemesAsPrivileged(", put: "Array.of(" },
  { name: "a channel is misspelt", file: "main/index.js", find: "l4:connect", put: "l4:conect" },
  {
    name: "the sender check is inverted",
    file: "main/index.js",
    find: "senderFrame === sender.mainFrame",
    put: "senderFrame !== sender.mainFrame"
  },
  { name: "the sender's address is not checked", file: "main/index.js", find: "&& isOwnPage(senderFrame)", put: "" },
  { name: "navigation is allowed", file: "main/index.js", find: '"will-navigate"', put: '"will-wander"' },
  { name: "pop-ups are allowed", file: "main/index.js", find: 'action: "deny"', put: 'action: "allow"' },
  { name: "permissions are granted", file: "main/index.js", find: "decide(false)", put: "decide(true)" },
  { name: "paths are not confined", file: "main/index.js", find: 'inside.startsWith("..")', put: "false" },
  { name: "the engine's port is never started", file: "main/engine.js", find: /port\.start\(\);?/, put: "" },
  {
    name: "main waits for ready at top level",
    file: "main/index.js",
    find: "app.whenReady()",
    put: "await app.whenReady(); app.whenReady()"
  }
]

let small: SmallStore
let folder: string

test.beforeAll(async () => {
  small = await makeStore()
  // Below the project, so that the packages are found from there.
  const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url))
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, "l4-mutants-"))
})

test.afterAll(() => {
  rmSync(small.folder, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

test("the bundles as they are have nothing wrong", async ({ browser }) => {
  const double = await startDouble({ browser, store: small.store, home: small.home })
  try {
    expect(await complaintAbout(double, small.digest, 40_000)).toBe(null)
  } finally {
    await double.close()
  }
})

for (const [index, mutation] of mutations.entries()) {
  test(`caught: ${mutation.name}`, async ({ browser }) => {
    const out = join(folder, String(index))
    cpSync(built, out, { recursive: true })
    mutate(out, mutation)
    const double = await startDouble({ browser, out, store: small.store, home: small.home })
    try {
      const complaint = await complaintAbout(double, small.digest, 10_000)
      expect(complaint, double.output()).not.toBe(null)
      test.info().annotations.push({ type: "caught by", description: complaint ?? "" })
    } finally {
      await double.close()
      rmSync(out, { recursive: true, force: true })
    }
  })
}

/** A mutation that finds nothing to change would prove nothing. */
function mutate(out: string, { file, find, put }: Mutation): void {
  const [directory, name] = file.split("/") as [string, string]
  const path = join(out, directory, readdirSync(join(out, directory)).find(entry => entry === name || entry.startsWith(`${name}-`)) ?? name)
  const before = readFileSync(path, "utf8")
  const after = before.replace(find, put)
  expect(after === before, `the text to break is not in ${path}`).toBe(false)
  writeFileSync(path, after)
}
