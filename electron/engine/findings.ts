/** What an Audit finds, collected while it works: each with a remedy, and no more of one kind than can be read. */
import type { AuditFinding, CallContext } from "../../shared/engine-contract.ts"
import type { OpenStore } from "./open-store.ts"
import { type Step, stepper } from "./stepper.ts"

/** Findings of one code that are listed; of more the number is told. */
const listedMax = 1_000

export const counted = ["records", "checkpoints", "blobs", "mappings", "attestations", "rows", "logs"] as const

export interface Auditing {
  readonly store: OpenStore
  readonly step: Step
  readonly checked: Record<(typeof counted)[number], number>
  /** Something is wrong. `remedy` says what to do about it. */
  find(code: string, subject: string, message: string, remedy: string): void
  /** Something a person may want to know; nothing is wrong. */
  note(code: string, subject: string, message: string, remedy: string): void
  /** What was found of these codes is mended. */
  repaired(codes: readonly string[]): void
  /** How often a code was found, listed or not. */
  count(code: string): number
  findings(): AuditFinding[]
}

export function createAuditing(store: OpenStore, context: CallContext): Auditing {
  const listed: AuditFinding[] = []
  const counts = new Map<string, number>()
  const mended = new Set<string>()

  function add(finding: Omit<AuditFinding, "repaired">): void {
    const before = counts.get(finding.code) ?? 0
    counts.set(finding.code, before + 1)
    if (before < listedMax) listed.push({ ...finding, repaired: false })
  }

  return {
    store,
    step: stepper(context, "the audit was cancelled; nothing was changed"),
    checked: Object.fromEntries(counted.map(name => [name, 0])) as Auditing["checked"],
    find: (code, subject, message, remedy) => add({ code, subject, message, remedy }),
    note: (code, subject, message, remedy) => add({ code, subject, message, remedy, harmless: true }),
    repaired(codes) {
      for (const code of codes) mended.add(code)
    },
    count: code => counts.get(code) ?? 0,
    findings() {
      const more = [...counts].flatMap(([code, count]) => {
        const first = listed.find(finding => finding.code === code)
        if (count <= listedMax || first === undefined) return []
        return [{ ...first, subject: "more", message: `${count - listedMax} more of this kind are not listed` }]
      })
      return [...listed, ...more].map(finding => (mended.has(finding.code) ? { ...finding, repaired: true } : finding))
    }
  }
}
