/** From evidence to Verdict: what is genuine is counted first, whether it suffices is asked second, and every rule answers. */
import type { Digest } from "../../../shared/digest.ts"
import type { Mapping } from "../../../shared/module.ts"
import type { RuleResult, Verdict, VerdictState } from "../../../shared/trust.ts"
import { predicateTypes, ruleNames } from "../../../shared/trust.ts"
import { openAttestation, subjectOf } from "./attestation.ts"
import type { CountedEvidence, Held, RootView } from "./counting.ts"
import { countEvidence, knownKeys, ownerOf } from "./counting.ts"
import type { VerifySignature } from "./crypto.ts"
import { mappingDigest } from "./mapping.ts"
import type { ModuleFacts } from "./module-facts.ts"
import type { PolicyInForce } from "./policy.ts"
import type { RootVersion } from "./root.ts"
import { holdsRole } from "./root.ts"
import type { ExampleFacts, LedgerFacts, RebuildFacts, RuleContext, VerdictTime } from "./rules.ts"
import { acceptancesOf, foreignRevocationsFault, reviewersNeeded, rules, timeOfReckoning } from "./rules.ts"
import { dayMs, timeOf } from "./time.ts"

/** Everything a Verdict rests on, gathered by whoever asks. Nothing in it is believed before it is checked here. */
export interface VerdictInput {
  readonly mapping: Digest
  /** What the record states; its Digest must be `mapping`, and only a counted Claim makes it hold. */
  readonly claim: Mapping
  readonly held: readonly Held[]
  /** Claims of the Module's other Mappings. */
  readonly siblings: readonly Held[]
  readonly facts: ModuleFacts
  /** Modules that its imports import in turn, and so on. */
  readonly linkedIn: readonly Digest[]
  readonly examples: ExampleFacts
  readonly rebuild: RebuildFacts
  /** Confirmed roots, own first. */
  readonly views: readonly RootView[]
  /** Why the own root is not believed, where it is not. */
  readonly rootProblem: string | null
  readonly policy: PolicyInForce
  readonly time: VerdictTime
  readonly ledger: LedgerFacts
  /** Ledger size this Verdict speaks of. */
  readonly asOf: number
  readonly verify: VerifySignature
}

/** A Verdict with what it rested on, and until when it holds if nothing else changes (milliseconds; Infinity if for ever). */
export interface Weighed {
  readonly verdict: Verdict
  readonly evidence: CountedEvidence
  readonly horizonMs: number
}

const rootWarningDays = 90

/** The Verdict of one Mapping: the best of those under each root whose Publishers claim it, our own tried first. */
export function verdictOn(input: VerdictInput): Weighed {
  if (mappingDigest(input.claim) !== input.mapping) throw new TypeError("expected the Claim whose Digest is the Mapping's")
  const candidates = claimingViews(input)
  const weighed = (candidates.length > 0 ? candidates : [input.views[0] ?? null]).map(view => verdictUnder(input, view))
  for (const state of ["trusted", "pending", "untrusted"] satisfies VerdictState[]) {
    const best = weighed.find(one => one.verdict.state === state)
    if (best) return best
  }
  throw new RangeError("a Verdict has one of three states")
}

/** Roots whose publisher role holds, or held, a key that really signed this Claim. */
function claimingViews(input: VerdictInput): RootView[] {
  return input.views.filter(view => {
    const keyOf = knownKeys(view, [])
    return input.held.some(held => {
      const opened = openAttestation(held.bytes, keyOf, input.verify)
      return (
        opened.kind === "genuine" &&
        opened.statement.predicateType === predicateTypes.claim &&
        subjectOf(opened.statement, "module") === input.claim.module.digest &&
        view.chain.versions.some(version => holdsRole(version, "publisher", opened.keyId))
      )
    })
  })
}

const noEvidence: CountedEvidence = {
  claims: [],
  rivals: [],
  provenances: [],
  tests: [],
  embeddings: [],
  signOffs: [],
  malformed: [],
  ignored: []
}

function verdictUnder(input: VerdictInput, view: RootView | null): Weighed {
  const { mapping, claim, views, policy, time } = input
  const evidence =
    view === null
      ? noEvidence
      : countEvidence({
          mapping,
          module: claim.module.digest,
          held: input.held,
          siblings: input.siblings,
          view,
          views,
          timeMs: timeOfReckoning(time),
          verify: input.verify
        })
  const context: RuleContext = { ...input, policy: policy.policy, evidence, view }
  const answers: RuleResult[] = ruleNames.map(rule => ({ rule, ...rules[rule](context) }))
  const verdict: Verdict = {
    state: stateOf(answers),
    mapping,
    rules: answers,
    notes: notesOf(context, policy),
    ignored: [...evidence.ignored],
    policy: policy.digest,
    root: view === null ? null : { id: view.chain.id, version: view.chain.newest.document.version },
    revocations: view?.revocations?.version ?? 0,
    asOf: input.asOf
  }
  return { verdict, evidence, horizonMs: horizonOf(context) }
}

function stateOf(answers: readonly RuleResult[]): VerdictState {
  if (answers.some(answer => answer.outcome === "fail")) return "untrusted"
  return answers.some(answer => answer.outcome === "missing") ? "pending" : "trusted"
}

function notesOf(context: RuleContext, policy: PolicyInForce): string[] {
  const { evidence, view, time, ledger } = context
  const notes: string[] = []
  const acceptances = acceptancesOf(context)
  if (!policy.believed) notes.push(policy.why)
  if (acceptances.length > 0 && acceptances.every(one => evidence.claims.some(claim => ownerOf(claim.owner) === ownerOf(one.owner))))
    notes.push(`one owner: ${acceptances[0]?.owner} both published and accepted it`)
  if (acceptances.length > 0 && acceptances.every(one => one.decoded.firstStart)) notes.push("accepted at first start, no person reviewed")
  if (reviewersNeeded(context) === 0 && acceptances.length === 0) notes.push("no person reviewed")
  if (view !== null) notes.push(...rootNotes(view, timeOfReckoning(time)))
  const foreign = view === null || view.own ? null : foreignRevocationsFault(view, time)
  if (foreign) notes.push(foreign)
  if (ledger.unproven.length > 0) notes.push(`the consistency of ${ledger.unproven.join(", ")} is not proven`)
  return notes
}

function rootNotes(view: RootView, timeMs: number): string[] {
  const { expires, version } = view.chain.newest.document
  const left = (timeOf(expires) ?? 0) - timeMs
  if (left < 0) return [`root version ${version} expired on ${expires}`]
  return left < rootWarningDays * dayMs ? [`root version ${version} expires on ${expires}`] : []
}

/** The earliest moment at which something this Verdict looked at expires. */
function horizonOf(context: RuleContext): number {
  const { view, views, policy, evidence, time } = context
  const now = timeOfReckoning(time)
  const moments: (number | null)[] = []
  for (const one of view === null ? [] : [view, ...views.filter(other => other.own && other !== view)]) {
    const { newest } = one.chain
    const expires = timeOf(newest.document.expires)
    moments.push(
      expires,
      expires === null ? null : expires + policy.expiredRootDays * dayMs,
      expires === null ? null : expires - rootWarningDays * dayMs
    )
    if (one.revocations !== null) moments.push(timeOf(one.revocations.expires))
    moments.push(...keyExpiries(newest, evidence))
  }
  return Math.min(Number.POSITIVE_INFINITY, ...moments.filter(moment => moment !== null && moment > now).map(Number))
}

function keyExpiries(version: RootVersion, evidence: CountedEvidence): (number | null)[] {
  const signers = [...evidence.claims, ...evidence.provenances, ...evidence.tests, ...evidence.signOffs].map(one => one.keyId)
  return signers.map(keyId => {
    const notAfter = version.document.keys[keyId]?.notAfter
    return notAfter === undefined ? null : timeOf(notAfter)
  })
}
