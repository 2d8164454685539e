/** What every HitLog must do. */
import { describe, expect, it } from "vitest"
import { digestOf } from "../../../electron/engine/core/digest.ts"
import type { HitLog, HitLogEntry } from "../../../electron/engine/ports.ts"
import { hashOf, textBytes } from "../scratch.ts"

const request = (text: string) => ({ digest: digestOf(textBytes(text)), interfaceHash: hashOf("i"), text })

export const sampleEntry: HitLogEntry = {
  kind: "hit",
  atMs: 1_795_000_000_123,
  request: request("count words"),
  module: digestOf(textBytes("module")),
  mapping: null,
  ledgerSequence: 42,
  tier: "similar",
  missReason: null,
  verdict: "trusted",
  outcome: null,
  category: null,
  similarity: 0.9921875,
  fuel: 0,
  embedUs: 8_000,
  searchUs: 900,
  fetchUs: 60,
  runUs: 0,
  hitNumber: 0
}

const samples: readonly (readonly [string, HitLogEntry])[] = [
  ["a hit", sampleEntry],
  [
    "a miss",
    { ...sampleEntry, kind: "miss", module: null, ledgerSequence: -1, tier: null, verdict: null, missReason: "too-far", similarity: 0.5 }
  ],
  [
    "a run that failed",
    { ...sampleEntry, kind: "run", outcome: "failed", category: "division-by-zero", fuel: 1e12, runUs: 123_456, hitNumber: 1 }
  ],
  [
    "a run that was rejected",
    {
      ...sampleEntry,
      kind: "run",
      outcome: "rejected",
      category: "forbidden-import",
      verdict: "pending",
      tier: "exact-text",
      similarity: 1
    }
  ],
  ["a request without words", { ...sampleEntry, request: { digest: digestOf(textBytes("bare")), interfaceHash: null, text: null } }]
]

export function hitLogContract(name: string, open: () => HitLog): void {
  describe(`HitLog: ${name}`, () => {
    it.each(samples)("keeps %s as it was", (_, entry) => {
      const log = open()
      expect(log.append(entry)).toBe(1)
      expect([...log.entries()]).toEqual([{ ...entry, number: 1 }])
    })

    it("numbers entries from 1 in the order of their appending", () => {
      const log = open()
      expect(samples.map(([, entry]) => log.append(entry))).toEqual(samples.map((_, index) => index + 1))
      expect([...log.entries()].map(entry => entry.number)).toEqual(samples.map((_, index) => index + 1))
    })
  })
}
