/** What a token may do at the server door. A verb that stands in no scope is not served: keys, sign-off, policy and paths stay with their owner. */
import type { VerbName } from "../../shared/engine-contract.ts"

export const scopes = ["read", "lookup", "run", "publish", "metrics"] as const
export type Scope = (typeof scopes)[number]

/** `metrics` opens GET /metrics alone. */
const verbsOf: Readonly<Record<Scope, readonly VerbName[]>> = {
  read: [
    "status",
    "usage",
    "activity",
    "hits",
    "worth",
    "list",
    "show",
    "disassemble",
    "blob",
    "ledger",
    "prove",
    "root",
    "policy",
    "verify",
    "review",
    "find",
    "findStart",
    "findNext"
  ],
  lookup: ["lookup"],
  run: ["run", "probe", "compile", "evaluate"],
  publish: ["publish", "delegate", "alias", "feedback"],
  metrics: []
}

export const servedVerbs: readonly VerbName[] = scopes.flatMap(scope => verbsOf[scope])

/** The scopes a call needs: that of its verb, and `run` where it is to run what it finds. */
export function scopesNeeded(verb: VerbName, input: unknown): readonly Scope[] {
  const own = scopes.filter(scope => verbsOf[scope].includes(verb))
  return runsWhatItFinds(verb, input) ? [...own, "run"] : own
}

function runsWhatItFinds(verb: VerbName, input: unknown): boolean {
  if (typeof input !== "object" || input === null) return false
  if (verb === "lookup") {
    const { args, request } = input as { readonly args?: unknown; readonly request?: { readonly examples?: unknown } }
    return args !== undefined || (Array.isArray(request?.examples) && request.examples.length > 0)
  }
  if (verb !== "find" && verb !== "findStart") return false
  const { examples, probe } = input as { readonly examples?: unknown; readonly probe?: unknown }
  return probe === true || (Array.isArray(examples) && examples.length > 0)
}
