/** A conformance case, what an engine answers to it, and whether that is what was expected. */
import { readLiteral, sameResult } from "../../electron/engine/core/literal.ts"

export interface ConformanceCase {
  readonly id: string
  readonly area: string
  readonly src: string
  readonly expect: { readonly value: string } | { readonly error: string } | { readonly outcome: string }
  readonly profile?: boolean
}

/** `value` is a canonical print. */
export type Answer =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "error"; readonly category: string; readonly message: string }
  | { readonly kind: "outcome"; readonly outcome: string; readonly detail: string }

export interface Engine {
  readonly name: string
  run(source: string): Answer | Promise<Answer>
  close(): void | Promise<void>
}

/** null: as expected. */
export function judge({ expect }: ConformanceCase, answer: Answer): { readonly expected: string; readonly found: string } | null {
  const found = showAnswer(answer)
  if ("value" in expect) return answer.kind === "value" && sameText(expect.value, answer.value) ? null : { expected: expect.value, found }
  if ("error" in expect) return answer.kind === "error" && answer.category === expect.error ? null : { expected: `error ${expect.error}`, found }
  return answer.kind === "outcome" && answer.outcome === expect.outcome ? null : { expected: `outcome ${expect.outcome}`, found }
}

export function showAnswer(answer: Answer): string {
  if (answer.kind === "value") return answer.value
  return answer.kind === "error" ? `error ${answer.category} (${answer.message})` : `outcome ${answer.outcome} (${answer.detail})`
}

/** Equal prints, or prints of one value. */
function sameText(expected: string, found: string): boolean {
  if (expected === found) return true
  const left = readLiteral(expected, "result")
  const right = readLiteral(found, "result")
  return left.kind === "value" && right.kind === "value" && sameResult(left.value, right.value)
}
