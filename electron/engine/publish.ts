/** How a Draft becomes a Module: compiled, tested, signed, and durable before it is acknowledged. A refusal writes nothing. */
import type { Digest, KeyId } from "../../shared/digest.ts"
import type { AnswerOf, CallContext, ExampleResult, ParsedOf } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import type { Example, Interface, Mapping } from "../../shared/module.ts"
import { defaultLimits } from "../../shared/run.ts"
import { predicateTypes } from "../../shared/trust.ts"
import type { Built, Refused } from "./build.ts"
import { build } from "./build.ts"
import type { Claims } from "./claims.ts"
import { attestClaims } from "./claims.ts"
import type { BuildFacts, ForeignFacts } from "./core/attestation.ts"
import { peekAttestation } from "./core/attestation.ts"
import { canonicalBytes } from "./core/canonical.ts"
import { digestOf } from "./core/digest.ts"
import { showInterface } from "./core/interface.ts"
import { mappingDigest } from "./core/mapping.ts"
import type { PublishedBody } from "./core/published.ts"
import { bytesOfFloats } from "./core/published.ts"
import { namesInterface, requestDigest, taskOf } from "./core/task.ts"
import { textOfTime } from "./core/time.ts"
import { exampleBytes, examplesOf, fuelProfileOf, runExamples } from "./examples.ts"
import type { OpenStore } from "./open-store.ts"
import { resolveMapping } from "./resolve-digest.ts"
import { servedVerdict } from "./served-verdict.ts"

type Draft = ParsedOf<"publish">
type Answer = AnswerOf<"publish">
/** Why nothing was written. */
export type Refusal = Exclude<Answer, { kind: "published" }>

/** What is claimed, with the evidence for it, before anybody signs. */
interface Prepared {
  readonly built: Built
  readonly claim: Mapping
  readonly mapping: Digest
  readonly examples: readonly Example[]
  readonly results: readonly ExampleResult[]
  readonly vector: Float32Array | null
  readonly startedMs: number
}

/** Steps that progress counts. */
const steps = 6

export async function publish(draft: Draft, store: OpenStore, context: CallContext = {}): Promise<Answer> {
  const stored = await publishUnjudged(draft, store, context)
  if (stored.kind !== "stored") return stored
  context.onProgress?.({ step: "weigh the evidence", done: 5, total: steps })
  await store.settled()
  const { digest, mapping, results, already } = stored
  return { kind: "published", digest, mapping, verdict: store.trust.cachedVerdict(mapping), examples: [...results], already }
}

/** What was made durable, before anybody weighed it. */
export interface Stored {
  readonly kind: "stored"
  readonly digest: Digest
  readonly mapping: Digest
  readonly results: readonly ExampleResult[]
  readonly already: boolean
}

/** As `publish`, without its Verdict and without waiting for the index: whoever publishes many at once asks for both at the end. */
export async function publishUnjudged(draft: Draft, store: OpenStore, context: CallContext = {}): Promise<Stored | Refusal> {
  refuseReadOnly(store)
  const keyId = store.trust.publisherKeyFor(draft.key)
  const prepared = await prepare(draft, store, context)
  if ("kind" in prepared) return prepared
  context.onProgress?.({ step: "sign and store", done: 3, total: steps })
  const already = isAlready(prepared, keyId, store)
  // Also where the Mapping is here already: putting a Blob again heals a damaged one.
  const put = () => store.ports.blobs.put(blobsOf(prepared, store))
  // With the key open nothing is refused any more: the disk syncs the Blobs while the Statements are signed.
  const putting = already || isOpen(keyId, store) ? put() : null
  putting?.catch(() => undefined)
  const attestations = already ? [] : attest(prepared, draft, keyId, store)
  await (putting ?? put())
  context.onProgress?.({ step: "record", done: 4, total: steps })
  if (!already) await store.append(recordOf(prepared, draft, attestations))
  else servedVerdict(prepared.mapping, store.trust)
  return { kind: "stored", digest: prepared.built.digest, mapping: prepared.mapping, results: prepared.results, already }
}

async function prepare(draft: Draft, store: OpenStore, context: CallContext): Promise<Prepared | Refusal> {
  const startedMs = store.ports.clock.nowMs()
  const examples = examplesOf(draft.request, draft.examples)
  context.onProgress?.({ step: "compile", done: 0, total: steps })
  const built = await build(draft, store)
  if (built.kind !== "built") return refusalOf(built)
  const claim = claimOf(draft, built, examples, store)
  if ("kind" in claim) return claim
  context.onProgress?.({ step: "run the Examples", done: 1, total: steps })
  const program = { module: { digest: built.digest, bytes: built.bytes }, runtime: built.linked ? store.runtime : null, entry: built.entry }
  // The Examples run in another process: the words are embedded meanwhile.
  const embedding = vectorOf(claim.task.text, store)
  embedding.catch(() => undefined)
  const results = await runExamples(program, examples, store.ports.sandbox, context.signal)
  if (results.some(({ passed }) => !passed)) return { kind: "examples-failed", examples: results }
  context.onProgress?.({ step: "embed the words", done: 2, total: steps })
  return { built, claim, mapping: mappingDigest(claim), examples, results, vector: await embedding, startedMs }
}

function refusalOf(refused: Refused): Refusal {
  return refused.kind === "rejected"
    ? { kind: "rejected", diagnostics: [...refused.diagnostics] }
    : { kind: "refused", outcome: refused.outcome }
}

const namespacePattern = /^[^\p{Cc}]{0,255}\/$/u

/** The Claim, or a refusal where the Request asks for another Interface than the entry has. */
function claimOf(draft: Draft, built: Built, examples: readonly Example[], store: OpenStore): Mapping | Refusal {
  const task = taskOf(draft.request, built.interface)
  if (task.kind === "malformed") throw new EngineFailure("wrong-usage", `the request is no Task: ${task.message}`)
  if (namesInterface(draft.request) && task.task.interface.hash !== built.interface.hash)
    return otherInterface(task.task.interface, built.interface)
  if (draft.namespace !== undefined && !namespacePattern.test(draft.namespace))
    throw new EngineFailure(
      "wrong-usage",
      `expected a namespace of at most 255 characters that ends in a slash, found ${JSON.stringify(draft.namespace)}`
    )
  const supersedes = (draft.supersedes ?? []).map(digest => resolveMapping({ digest }, store.trust).mapping)
  return {
    task: { text: task.task.text },
    interface: { hash: built.interface.hash, canonical: built.interface.text },
    entry: built.entry,
    module: { digest: built.digest, size: built.bytes.length },
    runtime: built.linked ? { digest: store.runtime.digest } : null,
    source: built.source === null ? null : { digest: built.source.digest },
    examples: { digest: digestOf(exampleBytes(examples)), count: examples.length },
    ...(supersedes.length === 0 ? {} : { supersedes: [...new Set(supersedes)] }),
    ...(draft.namespace === undefined ? {} : { namespace: draft.namespace }),
    ...(built.imports.length === 0 ? {} : { imports: [...built.imports] })
  }
}

function otherInterface(asked: Interface, found: Interface): Refusal {
  const message = `the Request asks for ${showInterface(asked.text)}, and the entry is ${showInterface(found.text)}`
  const span = { start: 0, end: 0, line: 1, column: 1 }
  return {
    kind: "rejected",
    diagnostics: [
      { severity: "error", category: "module-error", message, span, expected: showInterface(asked.text), found: showInterface(found.text) }
    ]
  }
}

/** Without the model a Mapping is published all the same and answers equal words; Audit or publishing again gives it its vector. */
async function vectorOf(text: string, store: OpenStore): Promise<Float32Array | null> {
  try {
    const [vector] = await store.ports.embedder.embed([text])
    return vector ?? null
  } catch (error) {
    if (error instanceof EngineFailure && error.code === "model-unavailable") return null
    throw error
  }
}

/** This Publisher has claimed exactly this before, and no vector has been found since. */
function isAlready(prepared: Prepared, keyId: KeyId, store: OpenStore): boolean {
  // One that was evicted has a claim in the Ledger still, and comes back by being recorded again.
  if (!store.trust.mappingsOf(prepared.built.digest).includes(prepared.mapping)) return false
  const claimed = store.trust.attestationsOf(prepared.mapping).some(({ bytes }) => {
    const peeked = peekAttestation(bytes)
    return peeked?.keyId === keyId && peeked.statement?.predicateType === predicateTypes.claim
  })
  return claimed && (prepared.vector === null || store.trust.vectorsOf(prepared.mapping, store.ports.embedder.model).length > 0)
}

function isOpen(keyId: KeyId, store: OpenStore): boolean {
  return store.ports.keyring.list().some(({ id, unlocked }) => id === keyId && unlocked)
}

/** Stored bytes of the Attestations. Throws `keys-locked`, before anything is written. */
function attest(prepared: Prepared, draft: Draft, keyId: KeyId, store: OpenStore): Uint8Array[] {
  const { built, claim, mapping, results, vector } = prepared
  const { model } = store.ports.embedder
  const claims: Claims = {
    mapping: claim,
    provenance: buildFacts(prepared, draft, store),
    testResult: {
      module: built.digest,
      examples: claim.examples.digest,
      limits: digestOf(canonicalBytes(defaultLimits)),
      passed: results.map(({ position }) => position),
      warned: [],
      failed: []
    },
    embedding:
      vector === null
        ? null
        : {
            mapping,
            module: built.digest,
            model: { id: model.id, digest: model.digest },
            dimensions: model.dimensions,
            vector: digestOf(bytesOfFloats(vector))
          }
  }
  return attestClaims(claims, store.ports.keyring, keyId)
}

function buildFacts({ built, startedMs }: Prepared, draft: Draft, store: OpenStore): BuildFacts | ForeignFacts {
  const request = requestDigest(draft.request)
  if (built.source === null) return { kind: "foreign", module: built.digest, origin: "handed in as WebAssembly bytes", request }
  return {
    kind: "rtfs",
    module: built.digest,
    source: built.source.digest,
    entry: built.entry,
    runtime: store.runtime.digest,
    imports: built.imports,
    compiler: built.compiler,
    options: {},
    request,
    startedOn: textOfTime(startedMs),
    finishedOn: textOfTime(store.ports.clock.nowMs())
  }
}

function blobsOf({ built, examples }: Prepared, store: OpenStore): Uint8Array[] {
  return [
    built.bytes,
    exampleBytes(examples),
    ...(built.source === null ? [] : [built.source.bytes]),
    ...(built.linked ? [store.runtime.bytes] : [])
  ]
}

function recordOf({ built, claim, mapping, results, vector }: Prepared, draft: Draft, attestations: readonly Uint8Array[]): LedgerDraft {
  const body: PublishedBody = {
    mapping,
    claim,
    typeText: showInterface(claim.interface.canonical),
    languageVersion: built.languageVersion,
    fuelProfile: fuelProfileOf(results),
    blobs: {
      module: built.digest,
      examples: claim.examples.digest,
      ...(claim.source === null ? {} : { source: claim.source.digest }),
      ...(claim.runtime === null ? {} : { runtime: claim.runtime.digest })
    },
    request: requestDigest(draft.request)
  }
  return {
    kind: "published",
    body: { ...body },
    parts: [
      ...attestations.map(bytes => ({ kind: "attestation" as const, bytes })),
      ...(vector === null ? [] : [{ kind: "embedding" as const, bytes: bytesOfFloats(vector) }])
    ]
  }
}

function refuseReadOnly(store: OpenStore): void {
  if (store.readOnly) throw new EngineFailure("store-read-only", "nothing can be published: the store is open for reading only")
}
