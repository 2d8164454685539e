import { describe, expect, it } from "vitest"
import { createMemoryLedger } from "../../electron/engine/adapters/memory.ts"
import { createEvidence } from "../../electron/engine/evidence.ts"
import type { Digest } from "../../shared/digest.ts"
import type { LedgerDraft } from "../../shared/ledger.ts"
import { samplePublished } from "./scratch.ts"

async function following(...drafts: LedgerDraft[]) {
  const ledger = createMemoryLedger(() => 1_000)
  const evidence = createEvidence(() => ledger)
  const add = async (...more: LedgerDraft[]) => {
    for (const entry of await ledger.appendAll(more)) evidence.follow(ledger.read(entry.sequence))
  }
  await add(...drafts)
  return { ledger, evidence, add }
}

const one = samplePublished({ text: "one" })
const two = samplePublished({ text: "two", module: "module of one" })
const word = (mapping: Digest): LedgerDraft => ({
  kind: "signed-off",
  body: { mapping },
  parts: [{ kind: "attestation", bytes: new Uint8Array([1]) }]
})

describe("evidence", () => {
  it("finds Mappings by Module and Attestations by Mapping, in the Ledger's order", async () => {
    const { evidence } = await following(one.draft, word(one.mapping), two.draft)
    const module = one.claim.module.digest
    expect(evidence.mappingsOf(module)).toEqual([one.mapping, two.mapping])
    expect(evidence.attestationsOf(one.mapping).map(held => held.sequence)).toEqual([0, 0, 1])
    expect(evidence.attestationsOf(one.mapping, 1).map(held => held.sequence)).toEqual([0, 0])
    expect(evidence.claimOf(one.mapping)).toEqual({ claim: one.claim, sequence: 0 })
    expect([evidence.isPublished(two.mapping, 2), evidence.isPublished(two.mapping, 3)]).toEqual([false, true])
  })

  it("takes a record fed twice once", async () => {
    const { evidence, ledger } = await following(one.draft, word(one.mapping))
    const before = evidence.revision(one.mapping)
    for (const record of ledger.records(0)) evidence.follow(record)
    expect(evidence.revision(one.mapping)).toBe(before)
  })

  it("counts another revision for whatever may change the Verdict: a sign-off, or a rival Claim of the Module", async () => {
    const { evidence, add } = await following(one.draft)
    const seen = [evidence.revision(one.mapping)]
    await add(word(one.mapping))
    seen.push(evidence.revision(one.mapping))
    await add(two.draft)
    seen.push(evidence.revision(one.mapping))
    await add(one.draft)
    seen.push(evidence.revision(one.mapping))
    expect(new Set(seen).size).toBe(4)
    expect(evidence.revision("sha256:none" as Digest)).toBe(-1)
  })

  it("applies a group only when its closer arrives", async () => {
    const { evidence, add } = await following({ ...one.draft, group: 0 }, { ...word(one.mapping), group: 0 })
    expect(evidence.mappings()).toEqual([])
    await add({ kind: "imported", body: {}, parts: [], group: 0 })
    expect(evidence.mappings()).toEqual([one.mapping])
    expect(evidence.attestationsOf(one.mapping)).toHaveLength(3)
  })

  it("does not list what was evicted until it is published again, and then with its sign-offs", async () => {
    const { evidence, add } = await following(one.draft, word(one.mapping), { kind: "evicted", body: { mapping: one.mapping }, parts: [] })
    expect(evidence.mappings()).toEqual([])
    await add(one.draft)
    expect(evidence.mappings()).toEqual([one.mapping])
    expect(evidence.attestationsOf(one.mapping).map(held => held.sequence)).toEqual([0, 0, 1, 3, 3])
  })

  it("knows no Claim whose bytes are not the Mapping's", async () => {
    const { evidence } = await following(
      { ...one.draft, body: { ...one.draft.body, claim: { ...one.claim, entry: "other" } } },
      { kind: "published", body: { mapping: 7 }, parts: [] }
    )
    expect(evidence.mappings()).toEqual([one.mapping])
    expect(evidence.claimOf(one.mapping)).toBeNull()
  })
})
