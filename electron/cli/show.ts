/** How answers read on a terminal. With --json none of this is used. */
import type { ModuleRow } from "../../shared/engine-contract.ts"
import type { Diagnostic } from "../../shared/module.ts"
import { nameDoubts } from "../../shared/name-doubts.ts"
import type { Outcome } from "../../shared/run.ts"
import type { Verdict } from "../../shared/trust.ts"
import { renderDiagnostic } from "../engine/index.ts"

/** Text from elsewhere, with control and bidi characters made visible. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, character =>
    character === "\n" || character === "\t" ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`
  )
}

/** In groups of four, as it is read out over a telephone. */
export function fingerprintText(fingerprint: string): string {
  return (fingerprint.match(/.{1,4}/g) ?? []).join(" ")
}

/** A name somebody chose, and why not to trust its looks; who it is, the KeyId beside it says. */
export function nameText(name: string): string {
  const doubts = nameDoubts(name)
  return doubts.length === 0 ? plain(name) : `${plain(name)} [beware: ${doubts.join(", ")}]`
}

const short = (digest: string): string => digest.slice(0, "sha256:".length + 12)

/** Position, message, the line, a caret under it, what was expected and found. */
export function diagnosticText(diagnostic: Diagnostic, source: string, file: string): string {
  return plain(renderDiagnostic(diagnostic, source, file))
}

export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "returned":
      return plain(outcome.value)
    case "failed":
      return `failed: ${outcome.category}: ${plain(outcome.message)}${outcome.span ? ` (line ${outcome.span.line}, column ${outcome.span.column})` : ""}`
    case "needs-host":
      return `needs-host: ${plain(outcome.capability)} ${plain(outcome.arguments)} (call ${outcome.call})`
    case "out-of-fuel":
      return `out-of-fuel: more than ${outcome.fuelMax} units`
    case "timed-out":
      return `timed-out: more than ${outcome.timeoutMs} ms`
    case "out-of-memory":
      return `out-of-memory: more than ${outcome.memoryPagesMax} pages of 64 KiB`
    case "trapped":
      return `trapped: ${plain(outcome.reason)}`
    case "rejected":
      return `rejected: ${outcome.reason}: ${plain(outcome.detail)}`
  }
}

export function spentText(outcome: Outcome): string {
  if (outcome.kind === "rejected") return ""
  const { fuel, memoryPages, wallMs } = outcome.spent
  return `${fuel === null ? "not metered" : `${fuel} fuel`}, ${memoryPages === null ? "memory not known" : `${memoryPages} pages`}, ${wallMs.toFixed(2)} ms`
}

const marks = { pass: "✓", fail: "✗", missing: "…", "not-required": "–" } as const

export function verdictText(verdict: Verdict): string {
  const width = Math.max(...verdict.rules.map(rule => rule.rule.length))
  return [
    `${verdict.state}  (mapping ${short(verdict.mapping)}, as of ledger size ${verdict.asOf})`,
    ...verdict.rules.map(rule => `  ${marks[rule.outcome]} ${rule.rule.padEnd(width)}  ${plain(rule.why)}`),
    ...verdict.notes.map(note => `  note: ${plain(note)}`),
    ...verdict.ignored.map(item => `  ignored ${short(item.digest)}: ${plain(item.reason)}`)
  ].join("\n")
}

export function rowsText(rows: readonly ModuleRow[]): string {
  if (rows.length === 0) return "nothing found"
  return rows
    .map(row => {
      const similarity = row.similarity === undefined ? "" : `  ${row.similarity.toFixed(3)}`
      const why = row.why === undefined || row.why.length === 0 ? "" : `\n    ${plain(row.why.join(" · "))}`
      return `${short(row.digest)}  ${row.verdict.padEnd(9)}${similarity}  ${plain(row.task)}\n    ${plain(row.interface)}  ${row.bytes} B${row.unreviewed ? "  (no person reviewed)" : ""}${why}`
    })
    .join("\n")
}
