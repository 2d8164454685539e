/** The rules a Mapping is weighed by, one function each; all are always asked, and none hides behind another. */
import type { Digest } from "../../../shared/digest.ts"
import { hexOf } from "../../../shared/digest.ts"
import type { Mapping } from "../../../shared/module.ts"
import type { RuleName, RuleResult, TrustPolicy, ViewedProperty } from "../../../shared/trust.ts"
import type { DecodedClaim, DecodedSignOff } from "./attestation.ts"
import type { Counted, CountedEvidence, RootView } from "./counting.ts"
import { ownerOf, revocationsOver } from "./counting.ts"
import { digestOf } from "./digest.ts"
import { isReadable, type ModuleFacts } from "./module-facts.ts"
import { revokedModule } from "./revocations.ts"
import { dayMs, timeOf } from "./time.ts"
import { utf8Encode } from "./utf8.ts"

/** All that the rules look at, for one Mapping under one root. */
export interface RuleContext {
  readonly mapping: Digest
  readonly claim: Mapping
  readonly facts: ModuleFacts
  /** Modules that its imports import in turn, and so on: their code is linked in as well. */
  readonly linkedIn: readonly Digest[]
  readonly evidence: CountedEvidence
  readonly view: RootView | null
  readonly views: readonly RootView[]
  /** Why there is no root, where there is none. */
  readonly rootProblem: string | null
  readonly policy: TrustPolicy
  readonly time: VerdictTime
  readonly ledger: LedgerFacts
  readonly examples: ExampleFacts
  readonly rebuild: RebuildFacts
}

export interface VerdictTime {
  readonly nowMs: number
  /** Highest time this store has seen. */
  readonly highestMs: number
}

/** `problem`: the fork or rollback found; `unproven`: origins of foreign Ledgers whose consistency is not proven. */
export interface LedgerFacts {
  readonly origin: string
  readonly problem: string | null
  readonly unproven: readonly string[]
}

/** The Examples Blob: `callers` of `count` came with a Request. */
export type ExampleFacts =
  | { readonly kind: "intact"; readonly count: number; readonly callers: number }
  | { readonly kind: "damaged" | "absent" | "malformed" }

/** `module`: Digest of what recompiling gave; null where the Source no longer compiles. `compiler` and `runtime` are those at hand. */
export interface RebuildFacts {
  readonly compiler: string
  readonly runtime: Digest | null
  readonly source: "intact" | "absent" | "damaged" | "none"
  readonly module: Digest | null
}

type Answer = Omit<RuleResult, "rule">
type Rule = (context: RuleContext) => Answer

const pass = (why: string, evidence: readonly Digest[] = []): Answer => ({ outcome: "pass", why, evidence: [...evidence] })
const fail = (why: string, evidence: readonly Digest[] = []): Answer => ({ outcome: "fail", why, evidence: [...evidence] })
const missing = (why: string, evidence: readonly Digest[] = []): Answer => ({ outcome: "missing", why, evidence: [...evidence] })
const notRequired = (why: string): Answer => ({ outcome: "not-required", why, evidence: [] })

/** A clock further behind the Ledger than this is not believed. */
const clockBehindMs = dayMs

export const rules: Readonly<Record<RuleName, Rule>> = {
  "blob-intact": ({ facts }) => {
    if (facts.blob === "absent") return fail("the Module's Blob is not in the store")
    if (facts.blob === "damaged") return fail("the Module's bytes do not match its Digest")
    return facts.fault === null ? pass("the bytes match their Digest and validate") : fail(`the bytes are no Module: ${facts.fault}`)
  },

  "runtime-known": ({ claim, facts, policy }) => {
    const { runtime } = facts
    if (claim.runtime === null) return pass("a plain Module needs no runtime")
    if (runtime.kind !== "present") return fail(`the runtime's Blob is ${runtime.kind === "damaged" ? "damaged" : "not in the store"}`)
    if (runtime.imports > 0) return fail("the runtime imports something; a runtime imports nothing")
    if (facts.linked !== null && facts.linked.runtime !== claim.runtime.digest)
      return fail("the Module was linked for another runtime than the Claim names")
    if (policy.runtimes !== null && !policy.runtimes.includes(claim.runtime.digest)) return fail("the policy does not list this runtime")
    return pass("the runtime is in the store and imports nothing")
  },

  "root-current": ({ view, rootProblem, policy, time }) => {
    if (view === null) return fail(rootProblem ?? "there is no root that can be believed")
    if (view.problem !== null) return fail(view.problem)
    const clock = clockFault(time)
    if (clock) return fail(clock)
    const { document } = view.chain.newest
    const late = timeOfReckoning(time) - (timeOf(document.expires) ?? 0)
    if (late > policy.expiredRootDays * dayMs) return fail(`root version ${document.version} expired on ${document.expires}`)
    const foreign = view.own || !policy.demandConsistency ? null : foreignRevocationsFault(view, time)
    if (foreign) return fail(foreign)
    return pass(
      late > 0
        ? `root version ${document.version} expired on ${document.expires}, which the policy still tolerates`
        : `root version ${document.version} is current`
    )
  },

  "envelopes-sound": ({ evidence }) => {
    const first = evidence.malformed[0]
    return first
      ? fail(
          first.reason,
          evidence.malformed.map(one => one.digest)
        )
      : pass("every counted envelope holds a Statement about this Mapping")
  },

  "mapping-signed": ({ claim, mapping, evidence }) => {
    const [first] = evidence.claims
    if (!first) return missing("no Claim of this Mapping by a Publisher within its namespace")
    const rival = evidence.rivals.find(one => one.standing === "valid" && contradicts(claim, mapping, one.decoded))
    if (rival)
      return fail(`Claim ${short(rival.decoded.digest)} answers the same Task and Interface with another entry, runtime or Source`, [
        first.digest,
        rival.digest
      ])
    return pass(
      `signed by ${signersText(evidence.claims)}`,
      evidence.claims.map(one => one.digest)
    )
  },

  "interface-matches": ({ claim, facts }) => {
    if (digestOf(utf8Encode(claim.interface.canonical)) !== claim.interface.hash)
      return fail("the InterfaceHash is not that of the canonical text")
    if (!isReadable(claim, facts)) return missing("the Module cannot be read")
    if (facts.interfaceText === null) return fail(`the Module exports no entry ${JSON.stringify(claim.entry)} with an Interface`)
    return facts.interfaceText === claim.interface.canonical
      ? pass("the entry has the Interface that the Claim states")
      : fail("the entry has another Interface than the Claim states")
  },

  "provenance-signed": context => {
    const { claim, facts, evidence } = context
    const usable = evidence.provenances.filter(one => one.standing === "valid")
    const counted = usable.length > 0 ? usable : evidence.provenances
    if (counted.length === 0) return missing("no provenance by a Publisher")
    for (const one of counted) {
      const difference = provenanceDifference(claim, one.decoded)
      if (difference) return fail(difference, [one.digest])
    }
    if (facts.linked?.source && facts.linked.source !== claim.source?.digest) return fail("the Module names another Source than the Claim")
    return pass(
      `signed by ${signersText(counted)}`,
      counted.map(one => one.digest)
    )
  },

  reproducible,

  "dependencies-sound": context => {
    const { claim, facts, evidence, view, views } = context
    const claimed = claim.imports ?? []
    const documents = view === null ? [] : revocationsOver(view, views)
    const isRevoked = (digest: Digest) => documents.some(document => revokedModule(document, digest))
    const revoked = claimed.find(one => isRevoked(one.digest))
    if (revoked) return fail(`the imported Module ${revoked.name} (${short(revoked.digest)}) is revoked`)
    const deeper = context.linkedIn.find(isRevoked)
    if (deeper) return fail(`the Module ${short(deeper)}, which an import brings with it, is revoked`)
    const different = evidence.provenances.find(one => one.decoded.kind === "rtfs" && !sameImports(claimed, one.decoded.imports))
    if (different) return fail("the provenance names other imports than the Claim", [different.digest])
    if (!isReadable(claim, facts)) return missing("the Module cannot be read")
    if (!sameImports(claimed, facts.imports)) return fail("the Module was linked with other imports than the Claim names")
    return pass(claimed.length === 0 ? "it imports nothing" : `it imports ${claimed.map(one => one.name).join(", ")}`)
  },

  "capabilities-allowed": ({ claim, facts, policy }) => {
    const effects = effectsOf(claim.interface.canonical)
    if (effects === null) return fail("the canonical Interface has no list of effects")
    if (!isReadable(claim, facts)) return missing("the Module cannot be read")
    if (!sameList(effects, facts.capabilities)) return fail("the effects of the Interface and the section rtfs.caps differ")
    if (facts.reachesHost !== effects.length > 0)
      return fail(facts.reachesHost ? "the Module can reach the host and declares no effect" : "the Module declares effects it cannot have")
    const refused = policy.capabilities === null ? undefined : effects.find(one => !policy.capabilities?.includes(one))
    if (refused !== undefined) return fail(`the policy does not allow the capability ${JSON.stringify(refused)}`)
    return pass(effects.length === 0 ? "it asks for no capability" : `it may ask for ${effects.join(", ")}`)
  },

  "tests-passed": context => testsAnswer(context),

  "signed-off": context => {
    const needed = reviewersNeeded(context)
    if (needed === 0) return notRequired("the policy asks for no person here")
    const acceptances = acceptancesOf(context)
    const owners = new Set(acceptances.map(one => ownerOf(one.owner)))
    const evidence = acceptances.map(one => one.digest)
    if (owners.size < needed) return missing(`${owners.size} of ${needed} reviewers accepted${withoutCount(context)}`, evidence)
    return pass(`accepted by ${signersText(acceptances)}`, evidence)
  },

  "two-persons": context => {
    const { policy, evidence } = context
    const needed = reviewersNeeded(context)
    if (policy.reviewerMayBePublisher || needed === 0) return notRequired("the policy lets a Publisher's owner sign off")
    const acceptances = acceptancesOf(context)
    const best = Math.max(0, ...evidence.claims.map(claim => othersThan(claim.owner, acceptances)))
    if (best < needed) return missing(`${best} of ${needed} reviewers are of another owner than the Publisher`)
    return pass(
      "a person other than the Publisher accepted it",
      acceptances.map(one => one.digest)
    )
  },

  "not-refused": context => {
    const refusals = lastWords(context).filter(one => one.decoded.decision === "refuse")
    const [first] = refusals
    return first
      ? fail(
          `refused by ${first.name} (${first.keyId.slice(0, 8)})${first.decoded.note === "" ? "" : `: ${first.decoded.note}`}`,
          refusals.map(one => one.digest)
        )
      : pass("no valid reviewer refused it")
  },

  "keys-valid": context => {
    const clock = clockFault(context.time)
    if (clock) return fail(clock)
    return lostOnly(context, "expired") ?? pass("the keys were valid when what they signed was logged")
  },

  "not-revoked": context => {
    const { view, views, claim, mapping } = context
    for (const document of view === null ? [] : revocationsOver(view, views)) {
      const line = revokedModule(document, mapping) ?? revokedModule(document, claim.module.digest)
      if (line)
        return fail(
          `${line.digest === mapping ? "the Mapping" : "the Module"} is revoked: ${line.reason}${line.note ? ` (${line.note})` : ""}`
        )
    }
    return lostOnly(context, "revoked") ?? pass("nothing here is revoked")
  },

  "ledger-included": ({ evidence, view, views }) => {
    const own = views.find(one => one.own)?.chain.newest.document.ledgers ?? []
    const listed = new Set([...(view?.chain.newest.document.ledgers ?? []), ...own].map(one => one.origin))
    const counted = [...evidence.claims, ...evidence.provenances, ...evidence.tests, ...evidence.signOffs]
    const placesOf = (one: (typeof counted)[number]) =>
      one.held.places.filter(place => place.proven && place.imported !== true && listed.has(place.origin))
    const unproven = counted.find(one => placesOf(one).length === 0)
    if (unproven)
      return fail(`Attestation ${short(unproven.digest)} has no valid proof from a ledger that the root lists`, [unproven.digest])
    return counted.length === 0
      ? missing("there is nothing that could be included")
      : pass(`in the ledger ${[...new Set(counted.flatMap(placesOf).map(place => place.origin))].join(", ")}`)
  },

  "ledger-consistent": ({ ledger, policy }) => {
    if (ledger.problem !== null) return fail(ledger.problem)
    if (ledger.unproven.length > 0 && policy.demandConsistency)
      return missing(`no consistency proof from the ledger ${ledger.unproven.join(", ")}`)
    return pass(
      ledger.unproven.length > 0
        ? `not proven for ${ledger.unproven.join(", ")}, which the policy does not demand`
        : "the ledger extends every checkpoint kept of it"
    )
  }
}

/** Reviewers demanded: none where *automatic* applies to this Module. */
export function reviewersNeeded(context: RuleContext): number {
  return context.policy.automatic && needsNoPerson(context) ? 0 : context.policy.reviewers
}

function needsNoPerson(context: RuleContext): boolean {
  const { facts, examples } = context
  return (
    facts.blob === "intact" &&
    facts.capabilities.length === 0 &&
    !facts.reachesHost &&
    examples.kind === "intact" &&
    examples.callers > 0 &&
    testsAnswer(context).outcome === "pass" &&
    reproducible(context).outcome === "pass"
  )
}

/** Acceptances that count: the last word of a valid key, with every piece of evidence viewed that the policy asks for. */
export function acceptancesOf(context: RuleContext): Counted<DecodedSignOff>[] {
  const viewed = viewedNeeded(context)
  return lastWords(context).filter(one => one.decoded.decision === "accept" && viewed.every(property => one.decoded.viewed.has(property)))
}

/** The last sign-off of each valid reviewer key. */
function lastWords({ evidence }: RuleContext): Counted<DecodedSignOff>[] {
  const last = new Map(evidence.signOffs.filter(one => one.standing === "valid").map(one => [one.keyId, one]))
  return [...last.values()]
}

function viewedNeeded({ claim, policy }: RuleContext): ViewedProperty[] {
  return policy.viewed.filter(property => {
    if (property === "RTFS_L4_VIEWED_SOURCE") return claim.source !== null
    if (property === "RTFS_L4_VIEWED_DIFF") return (claim.supersedes ?? []).length > 0
    return true
  })
}

/** Why sign-offs that are there do not count, for the person who wonders. */
function withoutCount(context: RuleContext): string {
  const lost = context.evidence.signOffs.find(one => one.standing !== "valid")
  if (lost) return `; one no longer counts, because ${lost.why}`
  const needed = viewedNeeded(context)
  const blind = lastWords(context).find(
    one => one.decoded.decision === "accept" && needed.some(property => !one.decoded.viewed.has(property))
  )
  return blind ? `; one lacks ${needed.filter(property => !blind.decoded.viewed.has(property)).join(", ")}` : ""
}

function othersThan(publisher: string, acceptances: readonly Counted<DecodedSignOff>[]): number {
  const owners = new Set(acceptances.map(one => ownerOf(one.owner)))
  owners.delete(ownerOf(publisher))
  return owners.size
}

function testsAnswer({ claim, evidence, examples }: RuleContext): Answer {
  const valid = evidence.tests.filter(one => one.standing === "valid")
  if (valid.length === 0) return missing("no test result by a Publisher")
  for (const { decoded, digest } of valid) {
    if (decoded.examples !== claim.examples.digest) return fail("the test result is about other Examples", [digest])
    if (decoded.result !== "PASSED" || decoded.failed.size > 0) return fail(`the test result is ${decoded.result}`, [digest])
    for (let position = 1; position <= claim.examples.count; position++) {
      if (!decoded.passed.has(String(position))) return fail(`Example ${position} is not among those that passed`, [digest])
    }
  }
  if (examples.kind === "absent") return missing("the Examples' Blob is not in the store")
  if (examples.kind !== "intact") return fail(`the Examples' Blob is ${examples.kind}`)
  if (examples.count !== claim.examples.count)
    return fail(`the Claim says ${claim.examples.count} Examples, the Blob holds ${examples.count}`)
  return pass(
    `all ${claim.examples.count} Examples passed`,
    valid.map(one => one.digest)
  )
}

function reproducible({ claim, evidence, rebuild }: RuleContext): Answer {
  if (claim.source === null) return notRequired("a plain Module has no Source to recompile")
  const compilers = evidence.provenances.flatMap(one => (one.decoded.kind === "rtfs" ? [one.decoded.compiler] : []))
  if (compilers.length === 0) return missing("no provenance says which compiler made it")
  if (!compilers.includes(rebuild.compiler)) return notRequired(`it would take compiler ${compilers[0]}, this one is ${rebuild.compiler}`)
  if (claim.runtime?.digest !== rebuild.runtime)
    return notRequired(`it would take the runtime ${claim.runtime === null ? "of none" : short(claim.runtime.digest)}`)
  if (rebuild.source === "damaged") return fail("the Source's bytes do not match its Digest")
  if (rebuild.source !== "intact") return missing("the Source is not in the store")
  if (rebuild.module === null) return fail("the Source no longer compiles with the compiler that its provenance names")
  return rebuild.module === claim.module.digest
    ? pass("recompiling the Source gives the same bytes")
    : fail(`recompiling the Source gives ${short(rebuild.module)}`)
}

type Provenance = RuleContext["evidence"]["provenances"][number]["decoded"]

function provenanceDifference(claim: Mapping, provenance: Provenance): string | null {
  if (provenance.kind === "foreign") {
    if (claim.source !== null) return "the provenance says foreign, the Claim names a Source"
    return claim.runtime === null ? null : "the provenance says foreign, the Claim names a runtime"
  }
  if (provenance.source !== claim.source?.digest) return "the provenance names another Source than the Claim"
  if (provenance.runtime !== claim.runtime?.digest) return "the provenance names another runtime than the Claim"
  return sameImports(claim.imports ?? [], provenance.imports) ? null : "the provenance names other imports than the Claim"
}

function contradicts(claim: Mapping, mapping: Digest, rival: DecodedClaim): boolean {
  const other = rival.mapping
  if (other.task.text !== claim.task.text || other.interface.hash !== claim.interface.hash) return false
  if (other.supersedes?.includes(mapping) || claim.supersedes?.includes(rival.digest)) return false
  return other.entry !== claim.entry || other.runtime?.digest !== claim.runtime?.digest || other.source?.digest !== claim.source?.digest
}

/** The failure where Claim or provenance stand by keys lost in this way only; null where a valid one of each is there, or none at all. */
function lostOnly({ evidence }: RuleContext, standing: "expired" | "revoked"): Answer | null {
  for (const [what, counted] of [
    ["Claim", evidence.claims],
    ["provenance", evidence.provenances]
  ] as const) {
    const lost = counted.find(one => one.standing === standing)
    if (lost && !counted.some(one => one.standing === "valid"))
      return fail(`the ${what} stands only by ${lost.name} (${lost.keyId.slice(0, 8)}): ${lost.why}`, [lost.digest])
  }
  return null
}

/** The time by which things expire: a clock set back gains nothing. */
export function timeOfReckoning(time: VerdictTime): number {
  return Math.max(time.nowMs, time.highestMs)
}

export function isClockBehind(time: VerdictTime): boolean {
  return time.highestMs - time.nowMs > clockBehindMs
}

function clockFault(time: VerdictTime): string | null {
  return isClockBehind(time) ? "the clock is behind the ledger by more than a day" : null
}

/** What a foreign root's revocations lack, in words. */
export function foreignRevocationsFault(view: RootView, time: VerdictTime): string | null {
  if (view.revocations === null) return "the foreign root came without revocations"
  const ends = timeOf(view.revocations.expires) ?? 0
  return timeOfReckoning(time) > ends ? `the foreign root's revocations expired on ${view.revocations.expires}` : null
}

/** Effects in a canonical Interface text; null where it does not end in such a list. */
export function effectsOf(canonical: string): string[] | null {
  const list = /\[((?:"(?:[^"\\]|\\.)*"(?: (?="))?)*)\]\)$/.exec(canonical)
  if (!list) return null
  return [...(list[1] as string).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(found => (found[1] as string).replace(/\\(.)/g, "$1"))
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((one, index) => one === right[index])
}

function sameImports(
  left: readonly { readonly name: string; readonly digest: Digest }[],
  right: readonly { readonly name: string; readonly digest: Digest }[]
): boolean {
  const text = (imports: typeof left) => imports.map(one => `${one.digest} ${one.name}`).sort()
  return sameList(text(left), text(right))
}

function signersText(counted: readonly { readonly name: string; readonly keyId: string }[]): string {
  return [...new Set(counted.map(one => `${one.name} (${one.keyId.slice(0, 8)})`))].join(", ")
}

export function short(digest: Digest): string {
  return hexOf(digest).slice(0, 12)
}
