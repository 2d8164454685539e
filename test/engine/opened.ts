/** Stores for tests of the verbs: one on disk with every part real, and one in memory whose index and model a test can replace. */
import path from "node:path"
import { onTestFinished } from "vitest"
import { createBundleFiles } from "../../electron/engine/adapters/bundle-reader.ts"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { openInterpreter } from "../../electron/engine/adapters/interpreter-line.ts"
import { createLazySandbox } from "../../electron/engine/adapters/lazy-sandbox.ts"
import { liveRecords } from "../../electron/engine/adapters/ledger-tailer.ts"
import { createMemoryBlobStore, createMemoryHitLog, createMemoryIndex, createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { createMemoryKeyring, createMemorySeen, createMemoryTrustStore } from "../../electron/engine/adapters/memory-trust.ts"
import { createNodeCrypto } from "../../electron/engine/adapters/node-crypto.ts"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { createSystemClock } from "../../electron/engine/adapters/system-clock.ts"
import { openWorkerSandbox } from "../../electron/engine/adapters/worker-sandbox.ts"
import { plainInterfaceOf, rebuildDigest } from "../../electron/engine/build.ts"
import { createCalibration, type ShippedCalibration } from "../../electron/engine/calibration.ts"
import { compilerVersion } from "../../electron/engine/core/compiler/compile.ts"
import { digestOf } from "../../electron/engine/core/digest.ts"
import type { Engine, EngineLife } from "../../electron/engine/engine.ts"
import { createEngine } from "../../electron/engine/engine.ts"
import { initTrust } from "../../electron/engine/init.ts"
import { initStore, openEngine } from "../../electron/engine/open.ts"
import type { OpenStore } from "../../electron/engine/open-store.ts"
import type { Embedder, HitLog, ModuleIndex, Ports } from "../../electron/engine/ports.ts"
import type { TrustTools } from "../../electron/engine/trust-ports.ts"
import type { TrustState } from "../../electron/engine/trust-state.ts"
import { openUsageLog } from "../../electron/engine/usage-log.ts"
import { settingsDefault } from "../../shared/settings.ts"
import { dimensions, scratchFolder, textBytes } from "./scratch.ts"

/** A fresh store in a folder of its own, with unprotected keys. */
export async function storeOnDisk() {
  const folder = scratchFolder()
  const places = { store: path.join(folder, "store"), home: path.join(folder, "home") }
  await initStore({ ...places, owner: "tester" })
  const open = async (options: { readOnly?: boolean; program?: string } = {}): Promise<Engine> => {
    const engine = await openEngine({ ...places, launch: forkLaunch, ...options })
    onTestFinished(() => engine.close())
    return engine
  }
  return { ...places, open }
}

/** Vectors that depend on the words' letters only, so that another letter case is the same vector. Not a model, but real vectors. */
export function letterEmbedder(): Embedder {
  return {
    model: { id: "letters", digest: digestOf(textBytes("letters")), dimensions },
    async embed(texts) {
      return texts.map(text => {
        const vector = new Float32Array(dimensions)
        for (const letter of text.toLowerCase()) vector[(letter.codePointAt(0) as number) % dimensions]! += 1
        const length = Math.hypot(...vector)
        return vector.map(value => value / length)
      })
    },
    async close() {}
  }
}

export interface MemoryParts {
  readonly index?: (honest: ModuleIndex) => ModuleIndex
  readonly embedder?: Embedder
  readonly hitLog?: HitLog
  readonly owner?: string
  readonly calibration?: ShippedCalibration
}

/** Everything but the Sandbox in memory; the Sandbox is real. */
export async function storeInMemory(parts: MemoryParts = {}) {
  const runtime = loadPinnedRuntime()
  const clock = createSystemClock()
  const index = createMemoryIndex()
  const hitLog = parts.hitLog ?? createMemoryHitLog()
  const sandbox = createLazySandbox(() => openWorkerSandbox({ launch: forkLaunch, workers: 1 }), 4_096 * 65_536)
  onTestFinished(() => sandbox.close())
  const ports: Ports = {
    clock,
    crypto: createNodeCrypto(),
    blobs: createMemoryBlobStore(),
    ledger: createMemoryLedger(clock.nowMs),
    trust: createMemoryTrustStore(),
    keyring: createMemoryKeyring(),
    embedder: parts.embedder ?? letterEmbedder(),
    index: parts.index?.(index) ?? index,
    hitLog,
    sandbox,
    generator: { name: "no generator", generate: async () => null },
    layers: [],
    bundles: createBundleFiles()
  }
  let trust: TrustState | null = null
  const append: NonNullable<TrustTools["append"]> = async draft => {
    const entry = await ports.ledger.append(draft)
    const record = ports.ledger.read(entry.sequence)
    trust?.follow(record)
    await index.follow(record)
    return entry
  }
  const tools: TrustTools = {
    compilerVersion,
    shippedRuntime: runtime.digest,
    rebuild: (source, imports, entry) =>
      rebuildDigest(source, imports, entry, { trust: trust as TrustState, blobs: ports.blobs }, runtime.abi),
    validates: bytes => WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>),
    plainInterface: plainInterfaceOf,
    seen: createMemorySeen(),
    append
  }
  const made = await initTrust(ports, tools, { owner: parts.owner ?? "tester" })
  trust = made.state
  const usageLog = openUsageLog({ hitLog, ledger: ports.ledger, nowMs: clock.nowMs, positions: { read: () => null, write() {} } })
  const { counters } = usageLog
  const calibration = createCalibration(parts.calibration ?? null, ports.embedder.model, ports, () => made.state)
  const store: OpenStore = {
    place: "memory",
    readOnly: false,
    openedMs: 0,
    heldBy: null,
    ports,
    tables: index,
    trust,
    runtime,
    interpret: openInterpreter(forkLaunch),
    counters,
    calibration,
    usageLog,
    append,
    async appendGroup(drafts) {
      const entries = await ports.ledger.appendAll([...drafts].map(draft => ({ ...draft, group: ports.ledger.size })))
      for (const { sequence } of entries) trust?.follow(ports.ledger.read(sequence))
      for (const record of liveRecords(ports.ledger, entries[0]!.sequence)) await index.follow(record)
      return entries.at(-1)!
    },
    settled: async () => {},
    log(entry) {
      const number = hitLog.append(entry)
      counters.note(entry)
      calibration.note(entry, number)
      return number
    },
    settings: { get: () => settingsDefault, problem: () => null, put: () => {} },
    sizes: () => ({ blobs: 0, ledger: 0, lance: 0, hot: 0, hits: 0 }),
    strangers: () => [],
    quarantined: () => [],
    warnings: () => [],
    modelState: () => ({ id: ports.embedder.model.id, digest: ports.embedder.model.digest, available: true }),
    indexAvailable: () => true
  }
  return { store, engine: createEngine(store, lifeless) }
}

/** What only a store on disk can do. */
const lifeless: EngineLife = {
  library: async () => ({ published: 0, failed: [] }),
  reembed: () => Promise.reject(new Error("a store in memory keeps its model")),
  close: async () => {}
}

export const adding = {
  request: { instruction: "add two numbers", interface: "(int, int) -> int" },
  source: "(defn add [a :int b :int] :int (+ a b))",
  examples: [
    { args: "[1 2]", result: "3" },
    { args: "[-1 1]", result: "0" }
  ]
}

/** Publishes and signs off; answers Module and Mapping. */
export async function published(engine: Engine, draft: Parameters<Engine["publish"]>[0] = adding) {
  const answer = await engine.publish(draft)
  if (answer.kind !== "published") throw new Error(`expected it to be published: ${JSON.stringify(answer)}`)
  await engine.signOff({ digest: answer.digest, mapping: answer.mapping, signOff: { decision: "approve", note: "read" } })
  return answer
}
