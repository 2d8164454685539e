/** Folders and records for tests of the store: real files, removed afterwards. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { onTestFinished } from "vitest"
import { canonicalBytes } from "../../electron/engine/core/canonical.ts"
import { digestOf, toBase64 } from "../../electron/engine/core/digest.ts"
import { mappingDigest } from "../../electron/engine/core/mapping.ts"
import { bytesOfFloats } from "../../electron/engine/core/published.ts"
import type { Digest, InterfaceHash } from "../../shared/digest.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import type { Mapping } from "../../shared/module.ts"
import { predicateTypes } from "../../shared/trust.ts"

export function scratchFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4 store "))
  onTestFinished(() => {
    fs.rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

export function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export const dimensions = 384

/** A unit vector near the axis `topic`; `drift` turns it away from it. */
export function vectorNear(topic: number, drift = 0): Float32Array {
  const vector = new Float32Array(dimensions)
  vector[topic % dimensions] = Math.cos(drift)
  vector[(topic + 1) % dimensions] = Math.sin(drift)
  return vector
}

export function hashOf(text: string): InterfaceHash {
  return digestOf(textBytes(text)) as InterfaceHash
}

export interface Sample {
  readonly mapping: Digest
  readonly claim: Mapping
  readonly draft: LedgerDraft
}

/** A `published` record as an index reads it; its Attestations carry no real signature. */
export function samplePublished(options: {
  readonly text: string
  readonly type?: string
  readonly vector?: Float32Array | null
  readonly module?: string
}): Sample {
  const canonical = options.type ?? "(interface 1 [:fn [:int] :int] [])"
  const module = digestOf(textBytes(options.module ?? `module of ${options.text}`))
  const claim: Mapping = {
    task: { text: options.text },
    interface: { hash: hashOf(canonical), canonical },
    entry: "f",
    module: { digest: module, size: 100 },
    runtime: { digest: digestOf(textBytes("runtime")) },
    source: { digest: digestOf(textBytes("source")) },
    examples: { digest: digestOf(textBytes("examples")), count: 1 }
  }
  const mapping = mappingDigest(claim)
  const vector = options.vector === undefined ? vectorNear(1) : options.vector
  const bytes = vector === null ? null : bytesOfFloats(vector)
  const statements: object[] = [{ predicateType: predicateTypes.claim, predicate: claim }]
  if (bytes !== null)
    statements.push({
      predicateType: predicateTypes.embedding,
      predicate: { claim: mapping, model: { id: "model" }, digest: digestOf(bytes) }
    })
  return {
    mapping,
    claim,
    draft: {
      kind: "published",
      body: {
        mapping,
        claim,
        typeText: "(:int) -> :int",
        languageVersion: "1",
        fuelProfile: 7,
        blobs: { module, examples: claim.examples.digest }
      },
      parts: [
        ...statements.map(statement => ({
          kind: "attestation" as const,
          bytes: canonicalBytes({ dsseEnvelope: { payload: toBase64(canonicalBytes(statement)) } })
        })),
        ...(bytes === null ? [] : [{ kind: "embedding" as const, bytes }])
      ]
    }
  }
}
