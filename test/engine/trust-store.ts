/** A small store for tests of trust: ports in memory, predictable keys, a clock that is set, and a "compiler" that is a function of its Source. */
import { createHash } from "node:crypto"
import { createMemoryBlobStore, createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { createMemoryKeyring, createMemorySeen, createMemoryTrustStore } from "../../electron/engine/adapters/memory-trust.ts"
import { createNodeCrypto } from "../../electron/engine/adapters/node-crypto.ts"
import { attestClaims } from "../../electron/engine/claims.ts"
import { abiName } from "../../electron/engine/core/admission.ts"
import type { TestFacts } from "../../electron/engine/core/attestation.ts"
import { canonicalBytes } from "../../electron/engine/core/canonical.ts"
import { concatBytes, digestOf } from "../../electron/engine/core/digest.ts"
import { mappingDigest } from "../../electron/engine/core/mapping.ts"
import { utf8Encode } from "../../electron/engine/core/utf8.ts"
import type { InitOptions } from "../../electron/engine/init.ts"
import { initTrust } from "../../electron/engine/init.ts"
import type { TrustPorts, TrustTools } from "../../electron/engine/trust-ports.ts"
import type { TrustState } from "../../electron/engine/trust-state.ts"
import type { Digest, InterfaceHash, KeyId } from "../../shared/digest.ts"
import type { Example, ImportClaim, Mapping } from "../../shared/module.ts"

export const startMs = Date.parse("2026-11-22T12:00:00Z")
export const compilerVersion = "test-compiler/1"

/** Seeds 1, 2, 3 … so that equal tests make equal keys. */
export function* countingSeeds(from = 0): Generator<Uint8Array> {
  for (let number = from; ; number++) yield new Uint8Array(createHash("sha256").update(`test seed ${number}`).digest())
}

function section(id: number, content: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array([id]), leb(content.length), content)
}

function leb(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return new Uint8Array([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}

function text(value: string): Uint8Array {
  const bytes = utf8Encode(value)
  return concatBytes(leb(bytes.length), bytes)
}

const header = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
const bytesOf = (...bytes: number[]) => new Uint8Array(bytes)

/** `rt.step: () -> ()`, the whole of a runtime for these tests. `imports` makes one that no store may have. */
export function runtimeModule(imports = false): Uint8Array {
  return concatBytes(
    header,
    section(1, bytesOf(1, 0x60, 0, 0)),
    ...(imports ? [section(2, concatBytes(bytesOf(1), text("env"), text("clock"), bytesOf(0, 0)))] : []),
    section(3, bytesOf(1, 0)),
    section(7, concatBytes(bytesOf(1), text("step"), bytesOf(0, imports ? 1 : 0))),
    section(10, bytesOf(1, 2, 0, 0x0b))
  )
}

export const runtime = runtimeModule()

export interface ModuleShape {
  readonly source: string
  readonly entry?: string
  readonly interfaceText?: string
  readonly capabilities?: readonly string[]
  /** Default: as the capabilities say. */
  readonly reachesHost?: boolean
  readonly imports?: readonly ImportClaim[]
  readonly runtime?: Digest
}

export const plainText = "(interface 1 [:fn [:int] :int] [])"

/** A Module that is linked against `runtime` and says of itself what the shape says. */
export function compiled(shape: ModuleShape): Uint8Array {
  const capabilities = shape.capabilities ?? []
  const host = shape.reachesHost ?? capabilities.length > 0
  const interfaceText =
    shape.interfaceText ?? `(interface 1 [:fn [:int] :int] [${capabilities.map(name => JSON.stringify(name)).join(" ")}])`
  const imports = [
    concatBytes(text("rt"), text("step"), bytesOf(0, 0)),
    ...(host ? [concatBytes(text("host"), text("call"), bytesOf(0, 1))] : [])
  ]
  const custom = (name: string, content: string) => section(0, concatBytes(text(name), utf8Encode(content)))
  return concatBytes(
    header,
    section(1, bytesOf(2, 0x60, 0, 0, 0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f)),
    section(2, concatBytes(bytesOf(imports.length), ...imports)),
    section(3, bytesOf(1, 0)),
    section(7, concatBytes(bytesOf(1), text(shape.entry ?? "main"), bytesOf(0, imports.length))),
    section(10, bytesOf(1, 2, 0, 0x0b)),
    custom(
      "rtfs.abi",
      JSON.stringify({ abi: abiName, compiler: compilerVersion, features: "", runtime: shape.runtime ?? digestOf(runtime) })
    ),
    custom(
      "rtfs.iface",
      JSON.stringify({ text: interfaceText, entry: shape.entry ?? "main", exports: [[shape.entry ?? "main", interfaceText]] })
    ),
    custom("rtfs.caps", JSON.stringify(capabilities)),
    custom("rtfs.deps", JSON.stringify((shape.imports ?? []).map(one => [one.name, one.digest]))),
    custom("rtfs.src", digestOf(utf8Encode(shape.source)))
  )
}

/** A plain Module: one export `main`, no imports. */
export const plainModule = concatBytes(
  header,
  section(1, bytesOf(1, 0x60, 1, 0x7e, 1, 0x7e)),
  section(3, bytesOf(1, 0)),
  section(7, concatBytes(bytesOf(1), text("main"), bytesOf(0, 0))),
  section(10, bytesOf(1, 4, 0, 0x20, 0, 0x0b))
)

export interface Draft extends Omit<ModuleShape, "source"> {
  readonly task?: string
  readonly source?: string | null
  /** The Module's bytes, where they are not what the Source compiles to. */
  readonly module?: Uint8Array
  readonly examples?: readonly Example[]
  readonly claim?: Partial<Mapping>
  readonly tests?: Partial<TestFacts>
  readonly provenance?: {
    readonly source?: Digest
    readonly runtime?: Digest
    readonly imports?: readonly ImportClaim[]
    readonly compiler?: string
  }
  readonly supersedes?: readonly Digest[]
  readonly namespace?: string
  readonly key?: KeyId
  /** What is signed and logged; default all four. */
  readonly keep?: (attestations: Uint8Array[]) => Uint8Array[]
  readonly withVector?: boolean
}

export interface TestStore {
  readonly state: TrustState
  readonly ports: TrustPorts
  readonly tools: TrustTools
  readonly clock: { nowMs: number }
  readonly keys: Readonly<Record<"root" | "authority" | "publisher" | "reviewer" | "ledger", KeyId>>
  publish(draft?: Draft): Promise<{ mapping: Digest; module: Digest; claim: Mapping; attestations: Uint8Array[]; sequence: number }>
}

const model = { id: "test-model", digest: digestOf(utf8Encode("test-model")) }

export { model as testModel }

export function testTools(): TrustTools {
  return {
    compilerVersion,
    shippedRuntime: digestOf(runtime),
    rebuild: (source, imports, entry) =>
      source.includes("broken") ? null : digestOf(compiled({ source, imports, entry, capabilities: capabilitiesIn(source) })),
    validates: bytes => WebAssembly.validate(bytes.slice().buffer),
    plainInterface: (_bytes, entry) => (entry === "main" ? plainText : null),
    seen: createMemorySeen()
  }
}

/** A Source of these tests names its capabilities: `(call "kv.get")`. */
function capabilitiesIn(source: string): string[] {
  return [...source.matchAll(/\(call "([^"]+)"\)/g)].map(found => found[1] as string).sort()
}

export async function openTestStore(
  options: InitOptions & { readonly seedsFrom?: number; readonly home?: Partial<TrustPorts> & Partial<TrustTools> } = {}
): Promise<TestStore> {
  const clock = { nowMs: startMs }
  const ports: TrustPorts = {
    clock: { nowMs: () => clock.nowMs, monotonicUs: () => 0 },
    crypto: createNodeCrypto(),
    blobs: createMemoryBlobStore(() => clock.nowMs),
    ledger: createMemoryLedger(() => clock.nowMs),
    trust: createMemoryTrustStore(),
    keyring: createMemoryKeyring(countingSeeds(options.seedsFrom ?? 0)),
    ...options.home
  }
  const tools = { ...testTools(), ...options.home }
  const made = await initTrust(ports, tools, {
    owner: options.owner ?? "alice",
    ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase })
  })
  await ports.blobs.put([runtime])
  return { state: made.state, ports, tools, clock, keys: made.keys, publish: draft => publish(draft ?? {}, made.state, ports) }
}

export async function publish(draft: Draft, state: TrustState, ports: TrustPorts) {
  const source = draft.source === undefined ? `(defn main [x :int] :int (+ x 1)) ; ${draft.task ?? "add one"}` : draft.source
  const entry = draft.entry ?? "main"
  const capabilities = draft.capabilities ?? (source === null ? [] : capabilitiesIn(source))
  const module = draft.module ?? (source === null ? plainModule : compiled({ ...draft, source, capabilities }))
  const examples = canonicalBytes(draft.examples ?? [{ args: "[1]", result: "2", origin: "caller" }])
  const count = draft.examples?.length ?? 1
  const canonical = draft.interfaceText ?? `(interface 1 [:fn [:int] :int] [${capabilities.map(name => JSON.stringify(name)).join(" ")}])`
  const claim: Mapping = {
    task: { text: draft.task ?? "add one" },
    interface: { hash: digestOf(utf8Encode(canonical)) as InterfaceHash, canonical },
    entry,
    module: { digest: digestOf(module), size: module.length },
    runtime: source === null ? null : { digest: draft.runtime ?? digestOf(runtime) },
    source: source === null ? null : { digest: digestOf(utf8Encode(source)) },
    examples: { digest: digestOf(examples), count },
    ...(draft.supersedes === undefined ? {} : { supersedes: [...draft.supersedes] }),
    ...(draft.namespace === undefined ? {} : { namespace: draft.namespace }),
    ...(draft.imports === undefined ? {} : { imports: [...draft.imports] }),
    ...draft.claim
  }
  const mapping = mappingDigest(claim)
  const vector = new Uint8Array(16)
  const all = attestClaims(
    {
      mapping: claim,
      embedding:
        draft.withVector === false ? null : { mapping, module: claim.module.digest, model, dimensions: 4, vector: digestOf(vector) },
      provenance:
        source === null
          ? { kind: "foreign", module: claim.module.digest, origin: "a test", request: null }
          : {
              kind: "rtfs",
              module: claim.module.digest,
              source: draft.provenance?.source ?? digestOf(utf8Encode(source)),
              entry,
              runtime: draft.provenance?.runtime ?? claim.runtime?.digest ?? digestOf(runtime),
              imports: draft.provenance?.imports ?? claim.imports ?? [],
              compiler: draft.provenance?.compiler ?? compilerVersion,
              options: {},
              request: null,
              startedOn: "2026-11-22T12:00:00Z",
              finishedOn: "2026-11-22T12:00:00Z"
            },
      testResult: {
        module: claim.module.digest,
        examples: claim.examples.digest,
        limits: digestOf(utf8Encode("limits")),
        passed: Array.from({ length: count }, (_, index) => index + 1),
        warned: [],
        failed: [],
        ...draft.tests
      }
    },
    ports.keyring,
    draft.key ?? state.publisherKeyFor()
  )
  const attestations = draft.keep?.(all) ?? all
  await ports.blobs.put([module, examples, ...(source === null ? [] : [utf8Encode(source)])])
  const entryMade = await state.append({
    kind: "published",
    body: {
      mapping,
      claim,
      typeText: canonical,
      languageVersion: "1",
      fuelProfile: 0,
      blobs: { module: claim.module.digest, examples: claim.examples.digest }
    },
    parts: [...attestations.map(bytes => ({ kind: "attestation" as const, bytes })), { kind: "embedding" as const, bytes: vector }]
  })
  return { mapping, module: claim.module.digest, claim, attestations, sequence: entryMade.sequence }
}
