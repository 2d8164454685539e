import { describe, expect, it } from "vitest"
import { signOff } from "../../../electron/engine/sign-off.ts"
import type { Digest } from "../../../shared/digest.ts"
import type { RuleName, Verdict } from "../../../shared/trust.ts"
import { openTestStore, plainModule, type TestStore } from "../trust-store.ts"

const ruleOf = (verdict: Verdict, rule: RuleName) => verdict.rules.find(one => one.rule === rule)
const approve = (store: TestStore, mapping: Digest) => signOff({ digest: mapping, signOff: { decision: "approve", note: "" } }, store.state)

describe("a Mapping that is published and signed off", () => {
  it("is pending until a reviewer accepts it, then trusted, with every rule answered", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish()
    const before = store.state.verdict(mapping)
    expect(before.rules.filter(one => one.outcome === "fail" || one.outcome === "missing")).toEqual([
      { rule: "signed-off", outcome: "missing", why: "0 of 1 reviewers accepted", evidence: [] }
    ])
    expect(before.state).toBe("pending")
    const { verdict } = await approve(store, mapping)
    expect(verdict.state).toBe("trusted")
    expect(verdict.rules).toHaveLength(18)
    expect(ruleOf(verdict, "reproducible")?.outcome).toBe("pass")
    expect(verdict.notes).toEqual(["one owner: alice both published and accepted it"])
    expect(store.state.cachedVerdict(mapping)).toEqual(verdict)
  })

  it("is trusted as a plain Module too", async () => {
    const store = await openTestStore()
    const { mapping } = await store.publish({ source: null, module: plainModule })
    const { verdict } = await approve(store, mapping)
    expect(verdict.rules.filter(one => one.outcome !== "pass").map(one => one.rule)).toEqual(["reproducible", "two-persons"])
    expect(verdict.state).toBe("trusted")
  })
})
