/** What a shell learns: 0 done, 1 a negative answer, 2 wrong usage, 3 a store or engine failure. */
import type { EngineFailureCode } from "../../shared/failure.ts"

export const exitCodes = { done: 0, negative: 1, usage: 2, failure: 3 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const negative = new Set<EngineFailureCode>([
  "unknown-digest",
  "unknown-key",
  "wrong-passphrase",
  "keys-locked",
  "keys-missing",
  "not-permitted",
  "blob-damaged",
  "limit-exceeded",
  "cancelled"
])

const usage = new Set<EngineFailureCode>(["wrong-usage", "ambiguous-prefix", "ambiguous-mapping", "ambiguous-key"])

export function exitCodeOf(code: EngineFailureCode): ExitCode {
  if (usage.has(code)) return exitCodes.usage
  return negative.has(code) ? exitCodes.negative : exitCodes.failure
}
