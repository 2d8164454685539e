/** The package's configuration is one electron-builder accepts, and names what the app needs at run time. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const path = fileURLToPath(new URL("../electron-builder.yml", import.meta.url))
// What electron-builder itself uses, reached through it, so that it is the version that will package.
const builder = createRequire(createRequire(import.meta.url).resolve("electron-builder/package.json"))
const { load } = builder("js-yaml") as { load(text: string): Record<string, unknown> }
const { validateConfiguration } = builder("app-builder-lib/out/util/config/config.js") as {
  validateConfiguration(configuration: unknown, log: unknown): Promise<void>
}
const { DebugLogger } = builder("builder-util") as { DebugLogger: new (enabled: boolean) => unknown }
const configuration = load(readFileSync(path, "utf8"))

describe("electron-builder.yml", () => {
  test("holds to the schema", async () => {
    await validateConfiguration(structuredClone(configuration), new DebugLogger(false))
  })

  test("a word that is none of the schema is noticed", async () => {
    await expect(validateConfiguration({ ...configuration, asarUnpac: [] }, new DebugLogger(false))).rejects.toThrow(/asarUnpac/)
  })

  test("takes in what runs and begins with positive patterns", () => {
    const files = configuration.files as string[]
    expect(files[0]).not.toMatch(/^!/)
    for (const needed of ["out/**", "resources/library/**", "resources/runtime/**", "resources/models/**", "package.json"])
      expect(files).toContain(needed)
  })

  test("unpacks native code with the libraries beside it, and the model it reads", () => {
    expect(configuration.asarUnpack).toEqual(["**/*.node", "**/onnxruntime-node/bin/**", "**/@img/**", "resources/models/**"])
  })

  test("flips every fuse to its safe side", () => {
    expect(configuration.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      onlyLoadAppFromAsar: true,
      enableEmbeddedAsarIntegrityValidation: true,
      grantFileProtocolExtraPrivileges: false
    })
  })
})
