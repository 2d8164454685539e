/** The face of the engine: hosts import this and nothing deeper. */
import type { CallContext } from "../../shared/engine-contract.ts"
import { createBundleFiles } from "./adapters/bundle-reader.ts"
import { openInterpreter } from "./adapters/interpreter-line.ts"
import { createLazySandbox } from "./adapters/lazy-sandbox.ts"
import { createNodeCrypto } from "./adapters/node-crypto.ts"
import { loadPinnedRuntime } from "./adapters/pinned-runtime.ts"
import { createSystemClock } from "./adapters/system-clock.ts"
import { openWorkerSandbox } from "./adapters/worker-sandbox.ts"
import type { Engine } from "./engine.ts"
import type { LibraryReport } from "./library.ts"
import type { Launch } from "./ports.ts"
import type { Workshop } from "./workshop.ts"
import { createWorkshop } from "./workshop.ts"

export { forkLaunch } from "./adapters/child-process.ts"
export { dataFolder } from "./adapters/data-folder.ts"
export { createMemoryLayer } from "./adapters/memory-layer.ts"
export { preparedGenerator } from "./adapters/prepared-generator.ts"
export { withBundleFolder } from "./bundle-folder.ts"
export type { BundleStoreOptions } from "./bundle-store.ts"
export { openBundleStore } from "./bundle-store.ts"
export { renderDiagnostic } from "./core/compiler/diagnostic.ts"
export { caretUnder, parseExampleLine } from "./core/example-line.ts"
export type { Engine } from "./engine.ts"
export { beginOrOpen } from "./first-start.ts"
export { openGeneratorSettings } from "./generator-choice.ts"
export { initStore, openEngine } from "./open.ts"
export type { EngineProcess, Launch, Vault } from "./ports.ts"
export { openRootSigner } from "./root-signer.ts"
export type { Workshop } from "./workshop.ts"

/** Compiling and evaluating without a store. The runner starts at the first evaluation. */
export function openWorkshop({ launch }: { readonly launch: Launch }): Workshop {
  const workers = 1
  const sandbox = createLazySandbox(() => openWorkerSandbox({ launch, workers }), workers * 4_096 * 65_536)
  return createWorkshop({
    runtime: loadPinnedRuntime(),
    interpret: openInterpreter(launch),
    clock: createSystemClock(),
    sandbox,
    bundles: createBundleFiles(),
    crypto: createNodeCrypto(),
    validates: bytes => WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)
  })
}

/** The Modules that ship, published and signed off with this store's own keys, which must be unlocked. */
export function publishStartingLibrary(engine: Engine, onProgress?: CallContext["onProgress"]): Promise<LibraryReport> {
  return engine.publishLibrary(onProgress)
}
