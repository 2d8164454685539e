/** Each action as the `l4` command that does the same, ready for a shell. */
import type { VerdictState } from "../shared/trust.ts"

export const commandOf = {
  find: (words: string) => (words === "" ? "l4 list" : `l4 find ${quoted(words)}`),
  show: (digest: string) => `l4 show ${digest}`,
  verify: (digest: string, mapping: string) => `l4 verify ${digest} --mapping ${mapping}`,
  signOff: (digest: string, mapping: string) => `l4 sign-off ${digest} --mapping ${mapping} --approve --note ''`,
  run: (digest: string, mapping: string, args: string, verdict: VerdictState) =>
    `l4 run ${digest} --mapping ${mapping} --args ${quoted(args)}${verdict === "pending" ? " --review" : ""}`
}

/** A word for a POSIX shell; only harmless characters stay bare. */
function quoted(text: string): string {
  return /^[\w.:/=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
