/** Verdicts on Mappings of a foreign root: what reaches across roots, and what does not. */
import { beforeAll, describe, expect, it } from "vitest"
import { sealAttestation, signOffStatement } from "../../../electron/engine/core/attestation.ts"
import { canonicalBytes } from "../../../electron/engine/core/canonical.ts"
import type { Held, RootView } from "../../../electron/engine/core/counting.ts"
import { digestOf } from "../../../electron/engine/core/digest.ts"
import { moduleFactsOf } from "../../../electron/engine/core/module-facts.ts"
import { policyDigest } from "../../../electron/engine/core/policy.ts"
import type { RootChain } from "../../../electron/engine/core/root.ts"
import type { VerdictInput } from "../../../electron/engine/core/trust.ts"
import { verdictOn } from "../../../electron/engine/core/trust.ts"
import { signOff } from "../../../electron/engine/sign-off.ts"
import type { KeyId } from "../../../shared/digest.ts"
import { policyPresets } from "../../../shared/policy-presets.ts"
import type { Revocations, RuleName, TrustPolicy } from "../../../shared/trust.ts"
import { compiled, compilerVersion, openTestStore, runtime, startMs, type TestStore } from "../trust-store.ts"

let ours: TestStore
let theirs: TestStore
let third: TestStore
let published: Awaited<ReturnType<TestStore["publish"]>>
/** Their four Attestations, then their reviewer's word. */
let theirHeld: Held[]

const source = "(defn main [x :int] :int (+ x 1)) ; add one"

beforeAll(async () => {
  ours = await openTestStore({ owner: "us", seedsFrom: 0 })
  theirs = await openTestStore({ owner: "them", seedsFrom: 20 })
  third = await openTestStore({ owner: "third", seedsFrom: 40 })
  published = await theirs.publish({ source })
  await signOff({ digest: published.mapping, signOff: { decision: "approve", note: "" } }, theirs.state)
  theirHeld = heldFrom(theirs)
})

function heldFrom(store: TestStore): Held[] {
  return store.state.attestationsOf(published.mapping).map(one => ({
    bytes: one.bytes,
    sequence: 100,
    places: [{ origin: store.state.origin(), index: one.sequence, seenMs: null, proven: true }]
  }))
}

/** A word on their Mapping by a reviewer of another store, logged there. */
function wordOf(store: TestStore, decision: "accept" | "refuse" = "accept"): Held {
  const reviewer = store.keys.reviewer as KeyId
  const statement = signOffStatement({
    module: published.module,
    mapping: published.mapping,
    reviewer,
    decision,
    viewed: ["RTFS_L4_VIEWED_SOURCE", "RTFS_L4_VIEWED_EXAMPLES", "RTFS_L4_VIEWED_INTERFACE"],
    firstStart: false,
    note: decision === "refuse" ? "no" : "",
    policy: null,
    timeCreated: "2026-11-22T12:00:00Z"
  })
  const bytes = sealAttestation(statement, reviewer, message => store.ports.keyring.sign(reviewer, message))
  return { bytes, sequence: 101, places: [{ origin: store.state.origin(), index: 50, seenMs: null, proven: true }] }
}

const fresh: Revocations = { version: 1, expires: "2030-01-01T00:00:00Z", keys: [], modules: [] }
const view = (store: TestStore, own: boolean, change: Partial<RootView> = {}): RootView => ({
  chain: store.state.root() as RootChain,
  own,
  revocations: fresh,
  problem: null,
  ...change
})

function judged(change: Partial<VerdictInput> & { readonly preset?: Partial<TrustPolicy> } = {}) {
  const policy = { ...policyPresets.solo, ...change.preset }
  const examples = canonicalBytes([{ args: "[1]", result: "2", origin: "caller" }])
  const { verdict } = verdictOn({
    mapping: published.mapping,
    claim: published.claim,
    held: theirHeld,
    siblings: [],
    facts: moduleFactsOf(published.claim, { module: compiled({ source }), runtime }, { validates: () => true }),
    linkedIn: [],
    examples: {
      kind: digestOf(examples) === published.claim.examples.digest ? "intact" : "malformed",
      count: 1,
      callers: 1
    } as VerdictInput["examples"],
    rebuild: { compiler: compilerVersion, runtime: digestOf(runtime), source: "intact", module: published.module },
    views: [view(ours, true), view(theirs, false)],
    rootProblem: null,
    policy: { policy, digest: policyDigest(policy), version: 1, believed: true, why: "" },
    time: { nowMs: startMs, highestMs: startMs },
    ledger: { origin: ours.state.origin(), problem: null, unproven: [] },
    asOf: 200,
    verify: ours.ports.crypto.verify,
    ...change
  })
  const ruleOf = (name: RuleName) => verdict.rules.find(one => one.rule === name)
  return { ...verdict, outcomeOf: (name: RuleName) => ruleOf(name)?.outcome, whyOf: (name: RuleName) => ruleOf(name)?.why }
}

describe("a Mapping of a foreign root", () => {
  it("is trusted under that root, and the Verdict names it", () => {
    const verdict = judged()
    expect(verdict.rules.filter(one => one.outcome === "fail" || one.outcome === "missing")).toEqual([])
    expect(verdict).toMatchObject({ state: "trusted", root: { id: theirs.state.root()?.id, version: 1 } })
  })

  it("is untrusted while its root is not confirmed", () => {
    const verdict = judged({ views: [view(ours, true)] })
    expect(verdict.state).toBe("pending")
    expect(verdict.outcomeOf("mapping-signed")).toBe("missing")
    expect(verdict.ignored).toHaveLength(5)
  })

  it("may be completed by our own reviewer, and is then by two persons", () => {
    const held = [...theirHeld.slice(0, 4), wordOf(ours)]
    expect(judged({ held }).state).toBe("trusted")
    expect(judged({ held, preset: policyPresets.team }).state).toBe("trusted")
    expect(judged({ preset: policyPresets.team }).state).toBe("pending")
  })

  it("is never completed by another foreign root's reviewer", () => {
    const verdict = judged({
      held: [...theirHeld.slice(0, 4), wordOf(third)],
      views: [view(ours, true), view(theirs, false), view(third, false)]
    })
    expect(verdict.state).toBe("pending")
    expect(verdict.ignored[0]?.reason).toBe("its key is in no confirmed root")
  })

  it("is not spoilt by another foreign root's refusal, but by our own reviewer's", () => {
    const views = [view(ours, true), view(theirs, false), view(third, false)]
    expect(judged({ held: [...theirHeld, wordOf(third, "refuse")], views }).state).toBe("trusted")
    expect(judged({ held: [...theirHeld, wordOf(ours, "refuse")], views }).outcomeOf("not-refused")).toBe("fail")
  })

  it("falls with our own revocations as with its root's", () => {
    const line = { digest: published.module, reason: "harmful" }
    const struck: Revocations = { ...fresh, modules: [line] }
    expect(judged({ views: [view(ours, true, { revocations: struck }), view(theirs, false)] }).outcomeOf("not-revoked")).toBe("fail")
    expect(judged({ views: [view(ours, true), view(theirs, false, { revocations: struck })] }).outcomeOf("not-revoked")).toBe("fail")
    // a stranger's revocations reach no further than a stranger's root
    expect(judged({ views: [view(ours, true), view(theirs, false), view(third, false, { revocations: struck })] }).state).toBe("trusted")
  })

  it("needs a proof from a ledger that its root lists", () => {
    const unproven = theirHeld.map(one => ({ ...one, places: one.places.map(place => ({ ...place, proven: false })) }))
    const elsewhere = theirHeld.map(one => ({ ...one, places: one.places.map(place => ({ ...place, origin: third.state.origin() })) }))
    for (const held of [unproven, elsewhere, theirHeld.map(one => ({ ...one, places: [] }))]) {
      expect(judged({ held }).outcomeOf("ledger-included")).toBe("fail")
    }
  })

  it("falls with a fork, and waits under strict for a consistency proof", () => {
    const ledger = { origin: ours.state.origin(), problem: null, unproven: [theirs.state.origin()] }
    expect(judged({ ledger }).notes.join()).toMatch(/consistency of .* is not proven/)
    expect(judged({ ledger }).state).toBe("trusted")
    expect(judged({ ledger, preset: { demandConsistency: true } }).outcomeOf("ledger-consistent")).toBe("missing")
    expect(judged({ ledger: { ...ledger, problem: "a fork" } }).outcomeOf("ledger-consistent")).toBe("fail")
  })

  it.each<[string, Revocations | null, RegExp]>([
    ["absent", null, /without revocations/],
    ["expired", { ...fresh, expires: "2026-01-01T00:00:00Z" }, /expired on 2026-01-01/]
  ])("is noted, and under strict fails, where its root's revocations are %s", (_what, revocations, why) => {
    const views = [view(ours, true), view(theirs, false, { revocations })]
    expect(judged({ views }).state).toBe("trusted")
    expect(judged({ views }).notes.join()).toMatch(why)
    expect(judged({ views, preset: { demandConsistency: true } }).whyOf("root-current")).toMatch(why)
  })

  it("counts nobody as reviewer who publishes in any confirmed root", () => {
    const { document } = theirs.state.root()!.newest
    const publisherOfOurs = ours.keys.reviewer
    const chain = { ...(theirs.state.root() as RootChain) }
    const newest = {
      ...chain.newest,
      document: {
        ...document,
        roles: { ...document.roles, publisher: { keyids: [...document.roles.publisher.keyids, publisherOfOurs], threshold: 1 } }
      }
    }
    const views = [view(ours, true), view(theirs, false, { chain: { ...chain, newest, versions: [newest] } })]
    expect(judged({ held: [...theirHeld.slice(0, 4), wordOf(ours)], views }).outcomeOf("signed-off")).toBe("missing")
  })

  it("takes equal owner names for one person across roots", async () => {
    const sameName = await openTestStore({ owner: " THEM ", seedsFrom: 60 })
    const held = [...theirHeld.slice(0, 4), wordOf(sameName)]
    expect(judged({ held, views: [view(sameName, true), view(theirs, false)], preset: policyPresets.team }).outcomeOf("two-persons")).toBe(
      "missing"
    )
  })
})
