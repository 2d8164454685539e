/** Loads the runtime that ships with the program, held against the sha256 of its manifest. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Digest } from "../../../shared/digest.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { RuntimeAbi } from "../core/compiler/runtime-abi.ts"
import { digestOf } from "../core/digest.ts"
import type { RuntimeFunctions } from "../core/interpreter/runtime-functions.ts"
import { createRuntimeFunctions } from "./runtime-functions.ts"
import { parseManifest } from "./runtime-manifest.ts"

export interface PinnedRuntime {
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly abi: RuntimeAbi
  /** Its algorithms as plain functions, for the interpreter; instantiated when first asked for. */
  functions(): RuntimeFunctions
}

/** `folder`: where `rtfs-runtime.wasm` and `manifest.json` lie; without it, `resources/runtime` of the program this file belongs to. */
export function loadPinnedRuntime(folder = runtimeFolder()): PinnedRuntime {
  const bytes = new Uint8Array(readFileSync(join(folder, "rtfs-runtime.wasm")))
  const abi = parseManifest(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")))
  const digest = digestOf(bytes)
  if (digest !== abi.digest)
    throw new EngineFailure("internal", `the runtime that ships with the program is altered: expected ${abi.digest}, found ${digest}`)
  let functions: RuntimeFunctions | null = null
  return {
    digest,
    bytes,
    abi,
    functions: () => {
      functions ??= createRuntimeFunctions(bytes)
      return functions
    }
  }
}

/** Sources and bundles lie at different depths below the program's folder, so the folder is looked for on the way up. */
function runtimeFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, "resources", "runtime")
    if (existsSync(join(candidate, "manifest.json"))) return candidate
    if (folder === dirname(folder))
      throw new EngineFailure("internal", "the runtime that ships with the program is missing: expected resources/runtime/manifest.json")
  }
}
