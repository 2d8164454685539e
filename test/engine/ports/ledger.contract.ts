/** What every Ledger must do. */
import { describe, expect, it } from "vitest"
import { canonicalBytes } from "../../../electron/engine/core/canonical.ts"
import { toHex } from "../../../electron/engine/core/digest.ts"
import { leafHash } from "../../../electron/engine/core/merkle.ts"
import type { Ledger } from "../../../electron/engine/ports.ts"
import type { LedgerDraft } from "../../../shared/ledger.ts"
import { textBytes } from "../scratch.ts"

const draft = (text: string): LedgerDraft => ({
  kind: "feedback",
  body: { note: text },
  parts: [{ kind: "attestation", bytes: textBytes(`part of ${text}`) }]
})

export function ledgerContract(name: string, open: () => Ledger): void {
  describe(`Ledger: ${name}`, () => {
    it("chains each entry to the leaf of the one before, from 64 zeros on", async () => {
      const ledger = open()
      expect([ledger.size, ledger.head]).toEqual([0, "0".repeat(64)])
      const first = await ledger.append(draft("a"))
      const second = await ledger.append(draft("b"))
      expect([first.sequence, second.sequence, ledger.size]).toEqual([0, 1, 2])
      expect(first.previous).toBe("0".repeat(64))
      expect(second.previous).toBe(toHex(leafHash(ledger.entryBytes(0))))
      expect(ledger.head).toBe(toHex(leafHash(ledger.entryBytes(1))))
      expect(ledger.leaves().map(toHex)).toEqual([second.previous, ledger.head])
      expect(ledger.leaves(1).map(toHex)).toEqual([second.previous])
    })

    it("answers what was appended, entry in canonical bytes and parts in order", async () => {
      const ledger = open()
      const parts = [
        { kind: "attestation" as const, bytes: textBytes("x") },
        { kind: "embedding" as const, bytes: new Uint8Array([1, 2, 3, 4]) },
        { kind: "proof" as const, bytes: new Uint8Array() }
      ]
      const entry = await ledger.append({ kind: "published", body: { z: 1, a: "ä" }, parts })
      const record = ledger.read(0)
      expect(record.entry).toEqual(entry)
      expect(ledger.entryBytes(0)).toEqual(canonicalBytes(entry))
      expect(record.parts).toEqual(parts.map(part => part.bytes))
      expect(record.entry.parts.map(part => [part.kind, part.length])).toEqual([
        ["attestation", 1],
        ["embedding", 4],
        ["proof", 0]
      ])
    })

    it("keeps the order of concurrent appends, and a group without a gap", async () => {
      const ledger = open()
      const single = Array.from({ length: 150 }, (_, index) => ledger.append(draft(`s${index}`)))
      const group = ledger.appendAll(Array.from({ length: 100 }, (_, index) => draft(`g${index}`)))
      const entries = [...(await Promise.all(single)), ...(await group)]
      expect(entries.map(entry => entry.sequence)).toEqual(entries.map((_, index) => index))
      expect([...ledger.records(148)].map(({ entry }) => entry.body.note).slice(0, 3)).toEqual(["s148", "s149", "g0"])
    })

    it("refuses a record above 256 KiB and goes on", async () => {
      const ledger = open()
      await expect(
        ledger.append({ kind: "feedback", body: {}, parts: [{ kind: "proof", bytes: new Uint8Array(262_144) }] })
      ).rejects.toMatchObject({ code: "limit-exceeded" })
      await ledger.append(draft("next"))
      expect(ledger.size).toBe(1)
    })

    it("appends nothing of a group that holds one record too large", async () => {
      const ledger = open()
      const group = [
        draft("ok"),
        { kind: "feedback" as const, body: {}, parts: [{ kind: "proof" as const, bytes: new Uint8Array(262_144) }] }
      ]
      const [before, refused, after] = await Promise.allSettled([
        ledger.append(draft("before")),
        ledger.appendAll(group),
        ledger.append(draft("after"))
      ])
      expect([before.status, refused.status, after.status]).toEqual(["fulfilled", "rejected", "fulfilled"])
      expect([...ledger.records(0)].map(({ entry }) => entry.body.note)).toEqual(["before", "after"])
    })

    it("says so where there is no such record", () => {
      expect(() => open().read(0)).toThrow(expect.objectContaining({ code: "wrong-usage" }))
    })
  })
}
