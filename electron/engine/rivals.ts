/** The best of a Find beside each other: rivals of one Interface are run on inputs nobody gave, and where they part it is said on their rows. */
import type { Digest } from "../../shared/digest.ts"
import type { ModuleRow } from "../../shared/engine-contract.ts"
import type { Mapping } from "../../shared/module.ts"
import type { Outcome } from "../../shared/run.ts"
import { probeInputs } from "./core/probes.ts"
import { refusalOf } from "./find-examples.ts"
import type { FindState, FindSteps, FindTerms } from "./find-terms.ts"
import type { OpenStore } from "./open-store.ts"
import type { Disagreement } from "./probing.ts"
import { disagreement } from "./probing.ts"

/** Rows that are compared with each other, and inputs tried on them. */
const rivalsMax = 3
const inputsMax = 16
/** Rows from the top among which rivals are looked for. */
const topMax = 8
const outcomeShownMax = 80

/** Only Mappings that may run are run: trusted ones, or Pending ones in review. */
export async function* rivalsApart(state: FindState, terms: FindTerms, store: OpenStore, signal: AbortSignal | undefined): FindSteps {
  const rivals = rivalsOf(state, terms, store)
  const first = rivals[0]?.claim
  if (first === undefined || rivals.length < 2) return
  const like = terms.trials.map(trial => trial.args)
  const inputs = probeInputs(first.interface.canonical, { max: inputsMax, like })
  const { disagreements } = await disagreement(
    rivals.map(one => one.claim),
    inputs,
    store.ports,
    { signal }
  )
  if (disagreements.length === 0) return
  const changed = rivals.flatMap(({ row }, at) => {
    const apart = disagreements.filter(one => one.left === at || one.right === at).map(one => seenFrom(at, one, rivals))
    if (apart.length === 0) return []
    const said = apart.map(
      ({ mapping, args, here, there }) => `differs from ${mapping.slice(7, 19)} on ${args}: ${here} here, ${there} there`
    )
    return [{ ...row, differs: apart, why: [...(row.why ?? []), ...said] }]
  })
  for (const row of changed) state.rows.set(row.mapping, row)
  yield changed
}

interface Rival {
  readonly row: ModuleRow
  readonly claim: Mapping
}

/** The best row's rivals: of the same Interface, of another Module, with as many Examples answered. */
function rivalsOf(state: FindState, terms: FindTerms, store: OpenStore): Rival[] {
  const top = state.order.slice(0, topMax).flatMap(mapping => state.rows.get(mapping) ?? [])
  const runnable = top.filter(row => refusalOf(row.verdict, terms.review) === null)
  for (const best of runnable) {
    const modules = new Set<Digest>()
    const rivals = runnable.flatMap((row): Rival[] => {
      const held = store.trust.claimOf(row.mapping)
      const equal = row.interfaceHash === best.interfaceHash && row.examplesPassed?.passed === best.examplesPassed?.passed
      if (held === null || !equal || modules.has(row.digest)) return []
      modules.add(row.digest)
      return [{ row, claim: held.claim }]
    })
    if (rivals.length > 1) return rivals.slice(0, rivalsMax)
  }
  return []
}

function seenFrom(at: number, one: Disagreement, rivals: readonly Rival[]): NonNullable<ModuleRow["differs"]>[number] {
  const isLeft = one.left === at
  const other = rivals[isLeft ? one.right : one.left] as Rival
  return {
    mapping: other.row.mapping,
    kind: one.kind,
    args: brief(one.args),
    here: inWords(isLeft ? one.leftOutcome : one.rightOutcome),
    there: inWords(isLeft ? one.rightOutcome : one.leftOutcome)
  }
}

function inWords(outcome: Outcome): string {
  if (outcome.kind === "returned") return brief(outcome.value)
  return outcome.kind === "failed" ? `fails with ${outcome.category}` : outcome.kind
}

function brief(text: string): string {
  return text.length > outcomeShownMax ? `${text.slice(0, outcomeShownMax)}…` : text
}
