/** From a Draft's Source, or from foreign bytes, to what is claimed of a Module: bytes, Interface and entry. */
import type { Digest } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Diagnostic, ImportClaim, Interface } from "../../shared/module.ts"
import { sizeLimits } from "../../shared/module.ts"
import type { Outcome } from "../../shared/run.ts"
import type { Rejection } from "./core/admission.ts"
import { admit, plainEntryOf, plainInterfaceText } from "./core/admission.ts"
import type { ImportUnit } from "./core/compiler/analyse.ts"
import type { Compiled } from "./core/compiler/compile.ts"
import { compile } from "./core/compiler/compile.ts"
import type { RuntimeAbi } from "./core/compiler/runtime-abi.ts"
import { digestOf } from "./core/digest.ts"
import { interfaceHash, parseInterface } from "./core/interface.ts"
import { utf8Decode, utf8Encode } from "./core/utf8.ts"
import type { OpenStore } from "./open-store.ts"
import type { BlobStore } from "./ports.ts"
import { resolveModule } from "./resolve-digest.ts"
import type { TrustState } from "./trust-state.ts"

/** Version of the language page that Sources are read by. */
export const languageVersion = "1"

export interface Built {
  readonly kind: "built"
  /** Linked against the runtime; false for a plain foreign Module. */
  readonly linked: boolean
  readonly bytes: Uint8Array
  readonly digest: Digest
  readonly interface: Interface
  readonly entry: string
  readonly source: { readonly bytes: Uint8Array; readonly digest: Digest } | null
  readonly imports: readonly ImportClaim[]
  readonly compiler: string
  readonly languageVersion: string
}

export type Refused =
  | { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "refused"; readonly outcome: Extract<Outcome, { kind: "rejected" }> }

interface Material {
  readonly source?: string | undefined
  readonly wasm?: Blob | undefined
  readonly entry?: string | undefined
  readonly imports?: readonly { readonly name: string; readonly digest: string }[] | undefined
}

/** Throws `wrong-usage` unless exactly one of Source and bytes is there, `limit-exceeded` where either is too large. */
export async function build(material: Material, store: OpenStore): Promise<Built | Refused> {
  const { source, wasm } = material
  if ((source === undefined) === (wasm === undefined))
    throw new EngineFailure("wrong-usage", "expected either a Source or the bytes of a foreign Module")
  if (source !== undefined) return buildSource(source, material, store)
  return buildForeign(new Uint8Array(await (wasm as Blob).arrayBuffer()), material.entry ?? null)
}

function buildSource(source: string, material: Material, store: OpenStore): Built | Refused {
  const imports = (material.imports ?? []).map(({ name, digest }) => ({ name, digest: resolveModule(digest, store.trust) }))
  for (const one of imports) demandTrusted(one, store)
  const compiled = compileSource(
    source,
    { imports: unitsOf(imports, { trust: store.trust, blobs: store.ports.blobs }), entry: material.entry },
    store.runtime.abi
  )
  if (compiled.kind === "rejected") return compiled
  return {
    kind: "built",
    linked: true,
    bytes: compiled.bytes,
    digest: compiled.digest,
    interface: compiled.interface,
    entry: compiled.entry,
    source: { bytes: utf8Encode(source), digest: compiled.sourceDigest },
    imports,
    compiler: compiled.compilerVersion,
    languageVersion
  }
}

/** As `compile`, with a bound on the Source and with another export as entry where one is named. */
export function compileSource(
  source: string,
  options: { readonly imports?: readonly ImportUnit[]; readonly entry?: string | undefined },
  runtime: RuntimeAbi
): Compiled | Extract<Refused, { kind: "rejected" }> {
  if (!source.isWellFormed()) throw new EngineFailure("wrong-usage", "expected the Source as Unicode text, found a lone surrogate")
  const bytes = utf8Encode(source).length
  if (bytes > sizeLimits.sourceBytesMax)
    throw new EngineFailure("limit-exceeded", `expected at most ${sizeLimits.sourceBytesMax} bytes of Source, found ${bytes}`, {
      limit: sizeLimits.sourceBytesMax,
      found: bytes
    })
  const compiled = compile(source, { imports: options.imports ?? [], runtime })
  if (compiled.kind === "rejected" || options.entry === undefined || options.entry === compiled.entry) return compiled
  const chosen = compiled.exports.find(({ name }) => name === options.entry)
  if (chosen === undefined) {
    const message = `no export is named ${JSON.stringify(options.entry)}`
    const expected = `one of ${compiled.exports.map(({ name }) => name).join(", ")}`
    return {
      kind: "rejected",
      diagnostics: [
        {
          severity: "error",
          category: "module-error",
          message,
          span: { start: 0, end: 0, line: 1, column: 1 },
          expected,
          found: options.entry
        }
      ]
    }
  }
  const effects = compiled.interface.text.slice(compiled.interface.text.lastIndexOf("] [") + 2, -1)
  const parsed = parseInterface(`(interface 1 ${chosen.type} ${effects})`)
  if (parsed.kind === "malformed")
    throw new EngineFailure("internal", `the compiler gave the export ${chosen.name} a malformed type: ${parsed.message}`)
  return { ...compiled, entry: chosen.name, interface: parsed.interface }
}

/** Recompiles a Source of this store for a Verdict; null where it no longer compiles or something it imports is not here. */
export function rebuildDigest(
  source: string,
  imports: readonly ImportClaim[],
  entry: string,
  store: SourceShelf,
  runtime: RuntimeAbi
): Digest | null {
  try {
    const compiled = compileSource(source, { imports: unitsOf(imports, store), entry }, runtime)
    return compiled.kind === "compiled" ? compiled.digest : null
  } catch (error) {
    if (error instanceof EngineFailure) return null
    throw error
  }
}

/** Where the Sources of Modules are found. */
export interface SourceShelf {
  readonly trust: Pick<TrustState, "mappingsOf" | "claimOf">
  readonly blobs: Pick<BlobStore, "get">
}

/** Sources of imported Modules, with what they import themselves. Throws `unknown-digest` where one is not here as Source. */
export function unitsOf(imports: readonly ImportClaim[], store: SourceShelf): ImportUnit[] {
  return imports.map(({ name, digest }) => {
    const claim = claimOfModule(digest, store.trust)
    const bytes = claim?.source ? store.blobs.get(claim.source.digest) : null
    const source = bytes === null ? null : utf8Decode(bytes)
    if (claim === null || source === null)
      throw new EngineFailure("unknown-digest", `the import ${name} (${digest}) is no Module with a Source in this store`, { name, digest })
    return { name, digest, source, imports: unitsOf(claim.imports ?? [], store) }
  })
}

function claimOfModule(module: Digest, trust: SourceShelf["trust"]) {
  const [mapping] = trust.mappingsOf(module)
  return mapping === undefined ? null : (trust.claimOf(mapping)?.claim ?? null)
}

/** Only Modules that are trusted at this moment are linked in. */
function demandTrusted({ name, digest }: ImportClaim, store: OpenStore): void {
  const states = store.trust.mappingsOf(digest).map(mapping => store.trust.cachedVerdict(mapping).state)
  if (states.includes("trusted")) return
  throw new EngineFailure(
    "not-permitted",
    `the import ${name} (${digest}) is ${states[0] ?? "not here"}: only trusted Modules are imported`,
    { name, digest }
  )
}

/** Foreign bytes are admitted in the plain profile only: they import nothing. */
function buildForeign(bytes: Uint8Array, entryName: string | null): Built | Refused {
  const admitted = admit(bytes)
  if (admitted.kind === "rejected") return refused(admitted)
  if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>))
    return refused({ kind: "rejected", reason: "invalid-module", detail: "the engine's own validation refuses these bytes" })
  const entry = plainEntryOf(admitted.shape, entryName)
  if (entry.kind === "rejected") return refused(entry)
  const text = plainInterfaceText(entry)
  return {
    kind: "built",
    linked: false,
    bytes,
    digest: digestOf(bytes),
    interface: { hash: interfaceHash(text), text, capabilities: [] },
    entry: entry.name,
    source: null,
    imports: [],
    compiler: "",
    languageVersion: ""
  }
}

function refused({ reason, detail }: Rejection): Refused {
  return { kind: "refused", outcome: { kind: "rejected", reason, detail } }
}

/** Canonical Interface text of an export of a plain Module; null where it has none. */
export function plainInterfaceOf(bytes: Uint8Array, name: string): string | null {
  const admitted = admit(bytes)
  if (admitted.kind === "rejected") return null
  const entry = plainEntryOf(admitted.shape, name)
  return entry.kind === "entry" ? plainInterfaceText(entry) : null
}
