/** The paths of the trust page, each from beginning to end through the command line; what is done in the window goes through its host. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { AnswerOf } from "../../shared/engine-contract.ts"
import type { KeySummary } from "../../shared/trust.ts"
import type { Person } from "./people.ts"
import { inWindow, person } from "./people.ts"

const folder = mkdtempSync(join(tmpdir(), "l4 paths "))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

function written(name: string, text: string): string {
  writeFileSync(at(name), text)
  return at(name)
}

const source = (body: string) => `(defn double [n :int] :int ${body})`
const examples = '[{"args":"[2]","result":"4"}]'
const task = ["--task", "Double a number"]
const asked = ["lookup", ...task, "--interface", "(int) -> int", "--args", "[21]"]
const everything = ["RTFS_L4_VIEWED_SOURCE", "RTFS_L4_VIEWED_EXAMPLES", "RTFS_L4_VIEWED_INTERFACE", "RTFS_L4_VIEWED_DIFF"] as const

let made = 0

async function started(name: string): Promise<Person> {
  const one = person(folder, `${name}-${++made}`)
  expect((await one("init", "--owner", name)).exit).toBe(0)
  return one
}

interface Published {
  readonly digest: string
  readonly mapping: string
  readonly verdict: string
}

async function published(by: Person, body = "(* 2 n)", ...more: readonly string[]): Promise<Published> {
  const number = ++made
  const files = [written(`${number}.rtfs`, source(body)), ...task, "--examples", written(`${number}.json`, examples)]
  const said = await by("publish", ...files, ...more)
  expect([said.exit, said.err.replace(/^l4: .*unprotected.*\n/, "")]).toEqual([0, ""])
  return said.json<Published>()
}

const accept = async (by: Person, mapping: string) => (await by("sign-off", mapping, "--approve", "--note", "read it")).exit
const verdict = async (by: Person, mapping: string) => (await by("verify", mapping)).json<{ state: string }>().state
const keyOf = async (by: Person, purpose: string) =>
  (await by("keys")).json<KeySummary[]>().find(key => key.purpose === purpose && !key.retired)!.id
const rootOf = async (by: Person) => (await by("root")).json<AnswerOf<"root">>().own!

describe("first start with library → hit", () => {
  it("makes keys, root and policy, accepts what ships with the words that no person reviewed it, and answers; a team wants a person", async () => {
    const alice = person(folder, "first start")
    expect((await alice("init", "--owner", "alice", "--with-library")).exit).toBe(0)
    const { lines, checkpoint, size } = (await alice("ledger", "--limit", "500")).json<AnswerOf<"ledger">>()
    const oldest = (await alice("ledger", "--from", String(size - 2))).json<AnswerOf<"ledger">>().lines
    expect(oldest.map(line => line.kind)).toEqual(["policy-changed", "trusted"])
    expect(lines[0]?.kind).toBe("checkpoint")
    expect(Number(checkpoint?.split("\n")[1])).toBe(lines[0]?.sequence)
    const rows = (await alice("list", "--limit", "500")).json<{ task: string; interface: string; mapping: string; verdict: string }[]>()
    expect(rows.every(row => row.verdict === "trusted")).toBe(true)
    // whatever imports another was published after what it imports
    const claims = new Map<string, number>()
    for (const { body, sequence } of lines.toReversed()) {
      const claim = body.claim as { module: { digest: string }; imports?: { digest: string }[] } | undefined
      if (claim === undefined) continue
      for (const { digest } of claim.imports ?? []) expect(claims.get(digest) ?? -1).toBeLessThan(sequence)
      if (!claims.has(claim.module.digest)) claims.set(claim.module.digest, sequence)
    }
    const { task: words, interface: type, mapping } = rows[0]!
    expect((await alice("lookup", "--task", words, "--interface", type)).json()).toMatchObject({ kind: "hit" })
    const { notes } = (await alice("verify", mapping)).json<{ notes: string[] }>()
    expect(notes).toEqual(expect.arrayContaining([expect.stringMatching(/^one owner/), "accepted at first start, no person reviewed"]))
    expect((await alice("policy", "set", "team")).exit).toBe(0)
    expect(await verdict(alice, mapping)).toBe("pending")
    const bob = (await alice("keys", "create", "--purpose", "reviewer", "--name", "Bob", "--owner", "bob")).json<KeySummary>()
    await inWindow(alice, verbs =>
      verbs.signOff({ digest: mapping, key: bob.id, signOff: { decision: "approve", note: "", viewed: [...everything] } })
    )
    expect(await verdict(alice, mapping)).toBe("trusted")
  }, 120_000)
})

describe("publish → pending → sign-off → hit", () => {
  it("answers nothing before a reviewer's word, then the value; a team needs another owner and the window", async () => {
    const alice = await started("alice")
    const draft = await published(alice)
    expect(draft.verdict).toBe("pending")
    const miss = await alice(...asked)
    expect([miss.exit, miss.json<{ reason: string; why: string }>()]).toMatchObject([
      1,
      { reason: "untrusted", why: expect.stringMatching(draft.mapping.slice(0, 19)) }
    ])
    expect(await accept(alice, draft.mapping)).toBe(0)
    expect([(await alice(...asked)).exit, (await alice(...asked)).json()]).toMatchObject([0, { kind: "hit", outcome: { value: "42" } }])

    expect((await alice("policy", "set", "team")).exit).toBe(0)
    expect((await alice(...asked)).exit).toBe(1)
    const bob = await alice("keys", "create", "--purpose", "reviewer", "--name", "Bob", "--owner", "bob")
    const key = bob.json<KeySummary>().id
    const inSight = await inWindow(alice, verbs =>
      verbs.signOff({ digest: draft.mapping, key, signOff: { decision: "approve", note: "read it", viewed: everything.slice(0, 3) } })
    )
    expect(inSight.verdict.state).toBe("trusted")
    expect((await alice(...asked)).exit).toBe(0)
  }, 60_000)

  it("needs no person under automatic, where a caller's Example, tests and a rebuild speak for it", async () => {
    const alice = await started("alice")
    expect((await alice("policy", "set", "automatic")).exit).toBe(0)
    // a caller's Example comes with the Request; one that the author adds (--examples) speaks for nobody but the author
    const byAuthor = await published(alice, "(+ n n)")
    expect(byAuthor.verdict).toBe("pending")
    const request = { instruction: "Double a number", interface: "(int) -> int", examples: [{ args: "[2]", result: "4" }] }
    const draft = await inWindow(alice, verbs => verbs.publish({ request, source: source("(* 2 n)"), examples: [] }))
    if (draft.kind !== "published") throw new Error(draft.kind)
    expect([draft.verdict.state, (await alice(...asked)).exit]).toEqual(["trusted", 0])
    expect((await alice("verify", draft.mapping)).json<{ notes: string[] }>().notes).toContain("no person reviewed")
  }, 60_000)
})

describe("supersede", () => {
  it("keeps the old answer until the new one is signed off, and takes it up again when the new one is revoked", async () => {
    const alice = await started("alice")
    const first = await published(alice)
    await accept(alice, first.mapping)
    const second = await published(alice, "(+ n n)", "--supersedes", first.mapping)
    const answers = async () => (await alice(...asked)).json<{ mapping: string }>().mapping
    expect(await answers()).toBe(first.mapping)
    const shown = (await alice("review", second.mapping)).json<{ difference: { source: { before: string; after: string } } }>()
    expect(shown.difference.source).toEqual({ before: source("(* 2 n)"), after: source("(+ n n)") })
    await accept(alice, second.mapping)
    expect(await answers()).toBe(second.mapping)
    expect([
      await verdict(alice, first.mapping),
      (await alice("run", first.digest, "--mapping", first.mapping, "--args", "[4]")).exit
    ]).toEqual(["trusted", 0])
    const revoked = await alice("revoke", second.mapping, "--reason", "wrong", "--note", "overflows")
    expect([revoked.exit, revoked.json()]).toMatchObject([0, { changed: [{ mapping: second.mapping, after: "untrusted" }] }])
    expect(await answers()).toBe(first.mapping)
    expect((await alice("run", second.digest, "--mapping", second.mapping, "--args", "[4]")).exit).toBe(1)
  }, 60_000)
})

describe("revoke a key", () => {
  it("a publisher's: all it claimed ends at once, and comes back with a new key, sign-offs and all", async () => {
    const alice = await started("alice")
    const draft = await published(alice)
    await accept(alice, draft.mapping)
    const publisher = await keyOf(alice, "publisher")
    expect((await alice("revoke", publisher.slice(0, 16), "--reason", "compromised")).exit).toBe(0)
    expect([await verdict(alice, draft.mapping), (await alice(...asked)).exit]).toEqual(["untrusted", 1])
    expect((await alice("keys", "rotate", publisher)).json<AnswerOf<"rotateKey">>()).toMatchObject({ old: publisher, rootVersion: 2 })
    expect(await verdict(alice, draft.mapping)).toBe("untrusted")
    expect(await published(alice)).toMatchObject({ mapping: draft.mapping, verdict: "trusted" })
    expect((await alice(...asked)).exit).toBe(0)
  }, 60_000)

  it("a reviewer's returns Mappings to the queue; an authority's asks for a new one first; the ledger's opens a new origin", async () => {
    const alice = await started("alice")
    const draft = await published(alice)
    await accept(alice, draft.mapping)
    const authority = await keyOf(alice, "authority")
    expect(await alice("revoke", authority, "--reason", "compromised")).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/not-permitted/)
    })
    expect((await alice("keys", "rotate", authority)).exit).toBe(0)
    expect([(await alice("revoke", authority, "--reason", "compromised")).exit, await verdict(alice, draft.mapping)]).toEqual([
      0,
      "trusted"
    ])
    const before = (await rootOf(alice)).document
    expect((await alice("keys", "rotate", await keyOf(alice, "ledger"))).exit).toBe(0)
    const { ledgers } = JSON.parse((await rootOf(alice)).document)
    expect(ledgers).toMatchObject([{}, { origin: JSON.parse(before).ledgers[0].origin, closedAt: {} }])
    expect(await verdict(alice, draft.mapping)).toBe("trusted")
    expect((await alice("revoke", await keyOf(alice, "reviewer"), "--reason", "compromised")).exit).toBe(0)
    expect(await verdict(alice, draft.mapping)).toBe("pending")
    expect((await alice("review")).json<{ mapping: string }[]>().map(row => row.mapping)).toEqual([draft.mapping])
  }, 60_000)
})

describe("export → import elsewhere → hit", () => {
  it("is trusted under the confirmed root by a solo importer; a team importer's own reviewer decides", async () => {
    const alice = await started("alice")
    const draft = await published(alice)
    await accept(alice, draft.mapping)
    const bundle = at(`${++made}.tar`)
    expect((await alice("export", draft.mapping, "-o", bundle)).exit).toBe(0)
    const fingerprint = (await rootOf(alice)).fingerprints[0]!

    const bob = await started("bob")
    expect((await bob("import", bundle, "--dry-run")).json<AnswerOf<"importBundle">>().roots).toMatchObject([
      { standing: "not-confirmed", fingerprints: [fingerprint] }
    ])
    const rootFile = at(`${++made}.json`)
    expect((await alice("root", "export", "-o", rootFile)).exit).toBe(0)
    expect((await bob("root", "trust", rootFile, "--fingerprint", "0".repeat(64))).exit).toBe(1)
    expect((await bob("root", "trust", rootFile, "--fingerprint", fingerprint)).exit).toBe(0)
    expect((await bob("import", bundle)).exit).toBe(0)
    expect((await bob(...asked)).json()).toMatchObject({ kind: "hit", outcome: { value: "42" } })

    const carol = await started("carol")
    await carol("policy", "set", "team")
    expect((await carol("import", bundle, "--trust-root", fingerprint, "--pending")).exit).toBe(1)
    expect((await carol(...asked)).exit).toBe(1)
    await inWindow(carol, verbs =>
      verbs.signOff({ digest: draft.mapping, signOff: { decision: "approve", note: "", viewed: everything.slice(0, 3) } })
    )
    expect((await carol(...asked)).exit).toBe(0)
  }, 60_000)
})

describe("pending to a second person and back", () => {
  it.each(["approve", "reject"] as const)(
    "travels by Bundle, and the %s comes back the same way",
    async decision => {
      const [alice, bob] = [await started("alice"), await started("bob")]
      const key = at(`${++made}.json`)
      writeFileSync(key, JSON.stringify((await bob("keys", "export", await keyOf(bob, "reviewer"))).json<{ document: object }>().document))
      expect((await alice("keys", "import", key, "--role", "reviewer", "--with-ledger")).exit).toBe(0)
      await alice("policy", "set", "team")
      const draft = await published(alice)
      const [out, back] = [at(`${++made}.tar`), at(`${++made}.tar`)]
      expect((await alice("export", draft.mapping, "-o", out)).exit).toBe(0)
      const fingerprint = (await rootOf(alice)).fingerprints.at(-1)!
      expect((await bob("import", out, "--pending", "--trust-root", fingerprint)).exit).toBe(1)
      expect((await bob("review")).json<unknown[]>()).toHaveLength(1)
      await inWindow(bob, verbs =>
        verbs.signOff({
          digest: draft.mapping,
          signOff: { decision, note: "looked at everything", viewed: decision === "approve" ? everything.slice(0, 3) : [] }
        })
      )
      expect((await bob("export", draft.mapping, "-o", back)).exit).toBe(0)
      expect((await alice(...asked)).exit).toBe(1)
      expect((await alice("import", back)).exit).toBe(decision === "approve" ? 0 : 1)
      expect(await verdict(alice, draft.mapping)).toBe(decision === "approve" ? "trusted" : "untrusted")
      expect((await alice(...asked)).exit).toBe(decision === "approve" ? 0 : 1)
    },
    60_000
  )
})
