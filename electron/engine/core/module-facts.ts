/** What a Module's bytes say about themselves, read once and handed to the rules as plain data. */
import type { Digest } from "../../../shared/digest.ts"
import type { ImportClaim, Mapping } from "../../../shared/module.ts"
import { abiName, admit, sectionsOf } from "./admission.ts"
import { digestOfHash, sha256 } from "./digest.ts"
import type { Hash } from "./merkle.ts"
import { walk } from "./wasm-walk.ts"

/** How a Blob was found: its bytes, or in one word why there are none. */
export type FoundBlob = Uint8Array | "damaged" | "absent"

export interface ModuleFacts {
  readonly blob: "intact" | "damaged" | "absent"
  /** Why the bytes are no Module of this store; null where they are. */
  readonly fault: string | null
  readonly runtime: { readonly kind: "none" | "absent" | "damaged" } | { readonly kind: "present"; readonly imports: number }
  /** Canonical Interface text of the export that the Claim names; null where it exports no such entry. */
  readonly interfaceText: string | null
  /** Section `rtfs.caps`; empty for a plain Module. */
  readonly capabilities: readonly string[]
  readonly reachesHost: boolean
  readonly imports: readonly ImportClaim[]
  /** What the sections name; null for a plain Module. */
  readonly linked: { readonly runtime: Digest; readonly source: Digest | null; readonly compiler: string } | null
}

const unread = { interfaceText: null, capabilities: [], reachesHost: false, imports: [], linked: null } as const

/**
 * Reads the Module of a Claim. `validates` is an engine's opinion of bytes; `plainInterface` gives the Interface of a plain
 * Module's export; `hash` is SHA-256, for the runtime is far larger than what is linked against it.
 */
export function moduleFactsOf(
  claim: Mapping,
  found: { readonly module: FoundBlob; readonly runtime: FoundBlob },
  engine: {
    readonly validates: (bytes: Uint8Array) => boolean
    readonly plainInterface?: ((bytes: Uint8Array, entry: string) => string | null) | undefined
  },
  hash: Hash = sha256
): ModuleFacts {
  const runtime = runtimeFacts(claim, found.runtime, hash)
  const { module } = found
  if (typeof module === "string") return { ...unread, blob: module, fault: null, runtime }
  if (digestOfHash(hash(module)) !== claim.module.digest) return { ...unread, blob: "damaged", fault: null, runtime }
  if (module.length !== claim.module.size)
    return { ...unread, blob: "intact", fault: `it has ${module.length} bytes, the Claim says ${claim.module.size}`, runtime }
  const facts =
    claim.runtime === null || typeof found.runtime === "string" || runtime.kind !== "present"
      ? plainFacts(claim, module, engine.plainInterface)
      : linkedFacts(claim, module, walkRuntime(claim.runtime.digest, found.runtime))
  const fault = facts.fault ?? (engine.validates(module) ? null : "WebAssembly does not validate")
  return { ...facts, fault, blob: "intact", runtime }
}

/** Whether the rules have something to look at: the bytes of a plain Module that is admitted, or the sections of a linked one. */
export function isReadable(claim: Mapping, facts: ModuleFacts): boolean {
  return facts.blob === "intact" && (claim.runtime === null ? facts.fault === null : facts.linked !== null)
}

function runtimeFacts(claim: Mapping, found: FoundBlob, hash: Hash): ModuleFacts["runtime"] {
  if (claim.runtime === null) return { kind: "none" }
  if (typeof found === "string") return { kind: found }
  if (digestOfHash(hash(found)) !== claim.runtime.digest) return { kind: "damaged" }
  const walked = walkRuntime(claim.runtime.digest, found)
  return walked.kind === "rejected" ? { kind: "damaged" } : { kind: "present", imports: walked.shape.imports.length }
}

const runtimesKeptMax = 8
const walkedRuntimes = new Map<Digest, ReturnType<typeof walk>>()

/** Every Module of a store is linked against one of a few runtimes, far larger than itself: each is walked once. `bytes` have this Digest. */
function walkRuntime(digest: Digest, bytes: Uint8Array): ReturnType<typeof walk> {
  const known = walkedRuntimes.get(digest)
  if (known !== undefined) return known
  const walked = walk(bytes)
  if (walkedRuntimes.size >= runtimesKeptMax) walkedRuntimes.clear()
  walkedRuntimes.set(digest, walked)
  return walked
}

type Read = Omit<ModuleFacts, "blob" | "runtime">

function plainFacts(
  claim: Mapping,
  module: Uint8Array,
  plainInterface: ((bytes: Uint8Array, entry: string) => string | null) | undefined
): Read {
  if (claim.runtime !== null) return { ...unread, fault: null }
  const admitted = admit(module)
  if (admitted.kind === "rejected") return { ...unread, fault: `${admitted.reason}: ${admitted.detail}` }
  return { ...unread, fault: null, interfaceText: plainInterface?.(module, claim.entry) ?? null }
}

/** What the sections say is read even where admission refuses the bytes: the rules then name the cause. */
function linkedFacts(claim: Mapping, module: Uint8Array, walkedRuntime: ReturnType<typeof walk>): Read {
  const walked = walk(module)
  if (walkedRuntime.kind === "rejected") return { ...unread, fault: null }
  if (walked.kind === "rejected") return { ...unread, fault: `${walked.reason}: ${walked.detail}` }
  const admitted = admit(module, walkedRuntime.shape)
  const fault = admitted.kind === "rejected" ? `${admitted.reason}: ${admitted.detail}` : null
  const sections = sectionsOf(walked.shape)
  if ("kind" in sections) return { ...unread, fault: fault ?? `${sections.reason}: ${sections.detail}` }
  const interfaceText =
    sections.entry === claim.entry ? sections.interfaceText : (sections.exports.find(one => one.name === claim.entry)?.type ?? null)
  return {
    fault: fault ?? (sections.abi === abiName ? null : `it was compiled for ${sections.abi}`),
    interfaceText,
    capabilities: sections.capabilities,
    reachesHost: walked.shape.imports.some(one => one.module === "host"),
    imports: sections.deps,
    linked: { runtime: sections.runtime, source: sections.source, compiler: sections.compiler }
  }
}
