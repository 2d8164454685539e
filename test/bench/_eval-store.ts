/** The sample library in a store whose parts are real but in memory, so that a Module can be left out and put back between two questions. */
import path from "node:path"
import { createBundleFiles } from "../../electron/engine/adapters/bundle-reader.ts"
import { forkLaunch } from "../../electron/engine/adapters/child-process.ts"
import { readLibrary, shippedFolder } from "../../electron/engine/adapters/library-folder.ts"
import { createMemoryBlobStore, createMemoryHitLog, createMemoryIndex, createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { createMemoryKeyring, createMemorySeen, createMemoryTrustStore } from "../../electron/engine/adapters/memory-trust.ts"
import { createNodeCrypto } from "../../electron/engine/adapters/node-crypto.ts"
import { loadPinnedRuntime } from "../../electron/engine/adapters/pinned-runtime.ts"
import { createSystemClock } from "../../electron/engine/adapters/system-clock.ts"
import { bundledModel, openTransformersEmbedder } from "../../electron/engine/adapters/transformers-embedder.ts"
import { openWorkerSandbox } from "../../electron/engine/adapters/worker-sandbox.ts"
import { plainInterfaceOf, rebuildDigest } from "../../electron/engine/build.ts"
import type { Calibration, ShippedCalibration } from "../../electron/engine/calibration.ts"
import { createCalibration } from "../../electron/engine/calibration.ts"
import { compilerVersion } from "../../electron/engine/core/compiler/compile.ts"
import { find } from "../../electron/engine/find.ts"
import { initTrust } from "../../electron/engine/init.ts"
import { publishLibrary } from "../../electron/engine/library.ts"
import { lookup } from "../../electron/engine/lookup.ts"
import type { OpenStore } from "../../electron/engine/open-store.ts"
import type { Embedder, ModuleIndex, Ports } from "../../electron/engine/ports.ts"
import type { TrustTools } from "../../electron/engine/trust-ports.ts"
import type { TrustState } from "../../electron/engine/trust-state.ts"
import { openUsageLog } from "../../electron/engine/usage-log.ts"
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, InputOf } from "../../shared/engine-contract.ts"
import { parseInput } from "../../shared/verb-input.ts"

export interface Published {
  readonly name: string
  readonly task: string
  readonly origin: string | null
  readonly module: Digest
  readonly interface: string
  readonly examples: readonly { readonly args: string; readonly result: string }[]
}

export interface EvalStore {
  readonly items: readonly Published[]
  readonly embedder: Embedder
  readonly index: ModuleIndex
  /** Asked as a caller would; `without` is not found meanwhile. */
  ask(input: InputOf<"lookup">, without?: Digest): Promise<AnswerOf<"lookup">>
  /** What a person finds by these words, best first: Digests of Modules. */
  find(words: string, limit: number): Promise<readonly Digest[]>
  close(): Promise<void>
}

export interface Extra {
  readonly name: string
  readonly source: string
  readonly task: string
  readonly interface: string
  readonly examples: readonly { readonly args: string; readonly result: string }[]
}

/** `calibration` null: the verified tier is closed, and says what it would have served. */
export async function openEvalStore(
  calibration: ShippedCalibration | null,
  extras: readonly Extra[] = [],
  library = true
): Promise<EvalStore> {
  const runtime = loadPinnedRuntime()
  const clock = createSystemClock()
  const honest = createMemoryIndex()
  let hidden: Digest | null = null
  const embedder = remembering(openTransformersEmbedder({ modelDirectory: path.join(shippedFolder("models"), bundledModel.id) }))
  const hitLog = createMemoryHitLog()
  const index: ModuleIndex = {
    ...honest,
    follow: record => honest.follow(record),
    byText: async (hash, text) => (await honest.byText(hash, text)).filter(record => record.module !== hidden),
    async nearest(hash, vector, similarityMin, limit) {
      const { neighbours } = await honest.nearest(hash, vector, -1, 10_000)
      const left = neighbours.filter(({ record }) => record.module !== hidden)
      const near = left.filter(({ similarity }) => similarity >= similarityMin - 1e-6).slice(0, limit)
      return { neighbours: near, best: left[0]?.similarity ?? null, known: left.length > 0 }
    }
  }
  const ports: Ports = {
    clock,
    crypto: createNodeCrypto(),
    blobs: createMemoryBlobStore(),
    ledger: createMemoryLedger(clock.nowMs),
    trust: createMemoryTrustStore(),
    keyring: createMemoryKeyring(),
    embedder,
    index,
    hitLog,
    sandbox: openWorkerSandbox({ launch: forkLaunch, workers: 1 }),
    generator: { name: "no generator", generate: async () => null },
    layers: [],
    bundles: createBundleFiles()
  }
  let trust: TrustState | null = null
  const append: NonNullable<TrustTools["append"]> = async draft => {
    const entry = await ports.ledger.append(draft)
    const record = ports.ledger.read(entry.sequence)
    trust?.follow(record)
    await honest.follow(record)
    return entry
  }
  const made = await initTrust(
    ports,
    {
      compilerVersion,
      shippedRuntime: runtime.digest,
      rebuild: (source, imports, entry) => rebuildDigest(source, imports, entry, { trust: made.state, blobs: ports.blobs }, runtime.abi),
      validates: bytes => WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>),
      plainInterface: plainInterfaceOf,
      seen: createMemorySeen(),
      append
    },
    { owner: "evaluation" }
  )
  trust = made.state
  const usageLog = openUsageLog({ hitLog, ledger: ports.ledger, nowMs: clock.nowMs, positions: { read: () => null, write() {} } })
  const store = {
    place: "memory",
    readOnly: false,
    openedMs: 0,
    heldBy: null,
    ports,
    tables: honest,
    trust,
    runtime,
    counters: usageLog.counters,
    calibration: frozen(createCalibration(calibration, embedder.model, ports, () => made.state)),
    usageLog,
    append,
    appendGroup: () => Promise.reject(new Error("nothing is imported here")),
    settled: async () => {},
    log: (entry: Parameters<typeof hitLog.append>[0]) => hitLog.append(entry),
    sizes: () => ({ blobs: 0, ledger: 0, lance: 0, hot: 0, hits: 0 }),
    strangers: () => [],
    quarantined: () => [],
    warnings: () => [],
    modelState: () => ({ id: embedder.model.id, digest: embedder.model.digest, available: true }),
    indexAvailable: () => true
  } as unknown as OpenStore
  const sources = [
    ...(library ? readLibrary() : []),
    ...extras.map(({ name, source, task, interface: type, examples }) => ({
      name,
      source,
      description: { task, interface: type, examples: [...examples] }
    }))
  ]
  const report = await publishLibrary(sources, store)
  if (report.failed.length > 0) throw new Error(`not published: ${report.failed.map(({ name, why }) => `${name}: ${why}`).join("; ")}`)
  const items = await Promise.all(
    sources.map(async ({ name, description }): Promise<Published> => {
      const mapping = made.state.mappings().find(one => made.state.claimOf(one)?.claim.task.text === description.task)
      const record = mapping === undefined ? null : await honest.byMapping(mapping)
      if (record === null) throw new Error(`${name} is not in the index`)
      const origin = "origin" in description ? (description.origin ?? null) : null
      return { name, task: description.task, origin, module: record.module, interface: record.typeText, examples: description.examples }
    })
  )
  return {
    items,
    embedder,
    index: honest,
    async ask(input, without) {
      hidden = without ?? null
      try {
        return await lookup(parseInput("lookup", input), store)
      } finally {
        hidden = null
      }
    },
    find: async (words, limit) => (await find(parseInput("find", { words, limit }), store)).rows.map(row => row.digest),
    async close() {
      await Promise.all([ports.sandbox.close(), embedder.close()])
    }
  }
}

/** What is asked here must not teach the store that is measured. */
function frozen(calibration: Calibration): Calibration {
  return { ...calibration, note() {}, own: async () => [] }
}

/** Each text is embedded once, however often it is asked. */
function remembering(embedder: Embedder): Embedder {
  const known = new Map<string, Float32Array>()
  return {
    ...embedder,
    async embed(texts) {
      for (const text of texts) if (!known.has(text)) known.set(text, (await embedder.embed([text]))[0] as Float32Array)
      return texts.map(text => (known.get(text) as Float32Array).slice())
    }
  }
}
