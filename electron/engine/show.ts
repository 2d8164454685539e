/** Everything known of a Module: its Mappings with fresh Verdicts, Source, Examples, and every Attestation, counted or not. */
import type { Digest } from "../../shared/digest.ts"
import type { AnswerOf, AttestationView, ParsedOf, ShownModule } from "../../shared/engine-contract.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Example, Mapping } from "../../shared/module.ts"
import { exampleSchema } from "../../shared/module.ts"
import type { Verdict } from "../../shared/trust.ts"
import { peekAttestation, shownAttestation } from "./core/attestation.ts"
import { utf8Decode } from "./core/utf8.ts"
import { watOf } from "./core/wat.ts"
import type { HeldAttestation } from "./evidence.ts"
import type { OpenStore } from "./open-store.ts"
import { resolveMapping, resolveModule } from "./resolve-digest.ts"

export async function show(input: ParsedOf<"show">, store: OpenStore): Promise<AnswerOf<"show">> {
  const digest = resolveModule(input.digest, store.trust)
  const chosen =
    input.task === undefined && input.mapping === undefined ? store.trust.mappingsOf(digest) : [resolveMapping(input, store.trust).mapping]
  const mappings = chosen.map(mapping => mappingView(mapping, store))
  const attestations = chosen.flatMap((mapping, at) => attestationsOf(mapping, mappings[at]?.verdict, store))
  const claim = mappings.at(-1)?.mapping
  return {
    digest,
    bytes: claim?.module.size ?? 0,
    mappings,
    source: claim === undefined || claim.source === null ? null : textOf(claim.source.digest, store),
    examples: claim === undefined ? [] : examplesOf(claim, store),
    attestations: [...new Map(attestations.map(one => [one.digest, one])).values()]
  }
}

/** A Module's bytes as WebAssembly text; bytes that are no such module are described instead. */
export async function disassemble(input: ParsedOf<"disassemble">, store: OpenStore): Promise<AnswerOf<"disassemble">> {
  const digest = resolveModule(input.digest, store.trust)
  const bytes = store.ports.blobs.get(digest)
  if (bytes === null) throw new EngineFailure("blob-damaged", `the Blob of Module ${digest} is missing`, { digest })
  const wat = watOf(bytes)
  return {
    text:
      wat.kind === "text"
        ? wat.text
        : `;; ${bytes.length} bytes that are no module this program prints: ${wat.why} (at byte ${wat.offset})\n`
  }
}

function mappingView(digest: Digest, store: OpenStore): ShownModule["mappings"][number] {
  const held = store.trust.claimOf(digest)
  if (held === null) throw new EngineFailure("unknown-digest", `no Mapping in this store has the Digest ${digest}`)
  return {
    digest,
    mapping: held.claim,
    verdict: store.trust.verdict(digest),
    sequence: held.sequence,
    supersededBy: [...store.trust.successorsOf(digest)]
  }
}

function attestationsOf(mapping: Digest, verdict: Verdict | undefined, store: OpenStore): AttestationView[] {
  const ignored = new Map(verdict?.ignored.map(one => [one.digest, one.reason]))
  return store.trust.attestationsOf(mapping).map(held => attestationView(held, ignored.get(held.digest) ?? null, store))
}

function attestationView(held: HeldAttestation, ignored: string | null, store: OpenStore): AttestationView {
  const peeked = peekAttestation(held.bytes)
  const keyId = peeked?.keyId ?? ""
  const [key] = store.trust.roots().flatMap(chain => {
    const found = chain.newest.document.keys[keyId]
    return found === undefined ? [] : [found]
  })
  return {
    digest: held.digest,
    predicateType: peeked?.statement?.predicateType ?? "",
    keyId,
    ...(key === undefined ? {} : { keyName: key.name, owner: key.owner }),
    ignored,
    statement: peeked?.statement === null || peeked === null ? "" : JSON.stringify(peeked.statement, null, 2),
    envelope: shownAttestation(held.bytes) ?? "",
    sequence: held.sequence
  }
}

/** Null where the Blob is missing, damaged or no text: the Verdict says which. */
export function textOf(digest: Digest, store: OpenStore): string | null {
  const bytes = intactBlob(digest, store)
  return bytes === null ? null : utf8Decode(bytes)
}

export function examplesOf(claim: Mapping, store: OpenStore): Example[] {
  const bytes = intactBlob(claim.examples.digest, store)
  try {
    return exampleSchema.array().parse(JSON.parse((bytes && utf8Decode(bytes)) ?? "[]"))
  } catch {
    return []
  }
}

function intactBlob(digest: Digest, store: OpenStore): Uint8Array | null {
  try {
    return store.ports.blobs.get(digest)
  } catch (error) {
    if (error instanceof EngineFailure && error.code === "blob-damaged") return null
    throw error
  }
}
