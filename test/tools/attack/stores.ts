/** Attacks on a store's own folder: copied, put back, cut, rewritten, edited, opened by another user, read under a clock that was moved. */
import fs from "node:fs"
import path from "node:path"
import { parseVkey, signCheckpoint } from "../../../electron/engine/core/checkpoint.ts"
import { payloadTypes, sealDocument } from "../../../electron/engine/core/dsse.ts"
import { sealPolicy } from "../../../electron/engine/core/policy.ts"
import { sealRevocations } from "../../../electron/engine/core/revocations.ts"
import type { Engine } from "../../../electron/engine/index.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import { policyPresets } from "../../../shared/policy-presets.ts"
import {
  accepted,
  adding,
  attempt,
  copyStore,
  distrusts,
  flip,
  folder,
  freshStore,
  note,
  open,
  type Places,
  refuses,
  stateOf,
  stolen,
  stranger
} from "./kit.ts"

const inTrust = (places: Places, name: string) => path.join(places.store, "trust", name)
const inForeign = (places: Places, name: string) => {
  const top = inTrust(places, "foreign")
  return path.join(top, fs.readdirSync(top)[0]!, name)
}
const segment = (places: Places) => path.join(places.store, "ledger", "00000001.log")

/** A user's own store, and what of a foreign one it took in. */
interface Scene {
  readonly a: Places
  readonly b: Places
  readonly own: { readonly digest: string; readonly mapping: string }
  readonly foreign: { readonly digest: string; readonly mapping: string }
  readonly runtime: string
}

async function scene(): Promise<Scene> {
  const a = await freshStore("store-a", "alice")
  const alice = await open(a)
  const foreign = await accepted(alice, adding())
  const bundle = path.join(folder, "scene")
  await alice.exportBundle({ digests: [foreign.mapping], target: bundle })
  const trustRoot = (await alice.root({})).own!.fingerprints[0]!
  await alice.close()
  const b = await freshStore("store-b", "bob")
  const bob = await open(b)
  await bob.importBundle({ path: bundle, trustRoot })
  const own = await accepted(bob, { ...adding("add two numbers here", "(+ b a)"), examples: [{ args: "[2 2]", result: "4" }] })
  await bob.revoke({ what: (await accepted(bob, adding("add, to be revoked"))).mapping, reason: "wrong" })
  const { digest } = (await bob.show({ digest: own.mapping })).mappings[0]!.mapping.runtime!
  await bob.close()
  return { a, b, own, foreign, runtime: digest }
}

const blob = (places: Places, digest: string) => path.join(places.store, "oci", "blobs", "sha256", digest.slice(7))

/** Files changed by whoever can write the folder and has no key. */
async function edited({ b, own, foreign, runtime }: Scene): Promise<void> {
  const engine = await open(b)
  const claim = (await engine.show({ digest: own.mapping })).mappings[0]!.mapping
  await engine.close()
  const theirs = [foreign.mapping, "add two numbers"] as const
  const ours = [own.mapping, "add two numbers here"] as const
  const edits: readonly (readonly [name: string, of: typeof theirs | typeof ours, rule: string, change: (places: Places) => void])[] = [
    ["acceptance of a foreign root removed", theirs, "mapping-signed", at => fs.rmSync(inForeign(at, "acceptance.json"))],
    ["acceptance of a foreign root changed", theirs, "mapping-signed", at => flip(inForeign(at, "acceptance.json"))],
    [
      "acceptance of a foreign root signed by a stranger",
      theirs,
      "mapping-signed",
      at => {
        const id = path.basename(path.dirname(inForeign(at, "x")))
        fs.writeFileSync(inForeign(at, "acceptance.json"), sealDocument(payloadTypes.acceptance, { root: id, fingerprint: id }, [stranger]))
      }
    ],
    ["foreign root changed on disk", theirs, "mapping-signed", at => flip(inForeign(at, "root.1.json"))],
    ["foreign revocations removed from disk", theirs, "root-current", at => fs.rmSync(inForeign(at, "revocations.json"))],
    ["foreign revocations changed on disk", theirs, "root-current", at => flip(inForeign(at, "revocations.json"))],
    ["own root changed on disk", ours, "root-current", at => flip(inTrust(at, "own/root.1.json"))],
    ["own root removed from disk", ours, "root-current", at => fs.rmSync(inTrust(at, "own/root.1.json"))],
    ["own revocations removed from disk", ours, "root-current", at => fs.rmSync(inTrust(at, "own/revocations.json"))],
    ["own revocations changed on disk", ours, "root-current", at => flip(inTrust(at, "own/revocations.json"))],
    [
      "own revocations replaced by a stranger's, with fewer lines",
      ours,
      "root-current",
      at =>
        fs.writeFileSync(
          inTrust(at, "own/revocations.json"),
          sealRevocations({ version: 9, expires: "2099-01-01T00:00:00Z", keys: [], modules: [] }, [stranger])
        )
    ],
    ["change announced by a file that a stranger signed", ours, "root-current", at => announced(at)],
    ["Module's Blob changed on disk", ours, "blob-intact", at => flip(blob(at, own.digest))],
    ["Module's Blob removed from disk", ours, "blob-intact", at => fs.rmSync(blob(at, own.digest))],
    ["runtime's Blob changed on disk", ours, "runtime-known", at => flip(blob(at, runtime))],
    ["Source's Blob changed on disk", ours, "reproducible", at => flip(blob(at, claim.source!.digest))],
    ["Examples' Blob changed on disk", ours, "tests-passed", at => flip(blob(at, claim.examples.digest))],
    [
      "another store's Module under this one's Digest",
      ours,
      "blob-intact",
      at => fs.copyFileSync(blob(at, foreign.digest), writable(blob(at, own.digest)))
    ],
    [
      "time seen set beyond the clock, as by a clock set back",
      ours,
      "root-current",
      at => fs.writeFileSync(inTrust(at, "time"), `${Date.now() + 3 * 86_400_000}\n`)
    ],
    ["time seen that is no number", ours, "root-current", at => fs.writeFileSync(inTrust(at, "time"), "soon\n")]
  ]
  for (const [at, [name, [mapping, words], rule, change]] of edits.entries()) {
    const places = copyStore(b, `edited-${at}`)
    change(places)
    await distrusts(name, places, mapping, rule, words, name.startsWith("change announced") ? ["trust/"] : [])
  }
  // without a policy that the authority signed, strict applies: one reviewer of the Publisher's owner is not enough any more
  const policies: readonly (readonly [string, (places: Places) => void])[] = [
    ["policy changed on disk", at => flip(inTrust(at, "policy.json"))],
    ["policy removed from disk", at => fs.rmSync(inTrust(at, "policy.json"))],
    [
      "laxer policy signed by a stranger",
      at => fs.writeFileSync(inTrust(at, "policy.json"), sealPolicy(9, policyPresets.automatic, [stranger]))
    ],
    [
      "older policy put back",
      at => fs.writeFileSync(inTrust(at, "policy.json"), sealPolicy(0, { ...policyPresets.solo, reviewers: 0 }, [stolen(at, "authority")]))
    ]
  ]
  for (const [at, [name, change]] of policies.entries()) {
    const places = copyStore(b, `policy-${at}`)
    change(places)
    await distrusts(name, places, own.mapping, "signed-off", "add two numbers here")
  }
}

function writable(file: string): string {
  fs.chmodSync(file, 0o644)
  return file
}

function announced(places: Places): void {
  const lines = sealRevocations({ version: 9, expires: "2099-01-01T00:00:00Z", keys: [], modules: [] }, [stranger])
  fs.writeFileSync(inTrust(places, "change.json"), JSON.stringify({ revocations: Buffer.from(lines).toString("base64") }))
}

/** The Ledger cut, put back and rewritten; the whole store put back; two histories. */
async function histories({ a, b, own }: Scene): Promise<void> {
  const writes = async (places: Places) => {
    const engine = await open(places)
    try {
      return (await engine.publish(adding("written over what others saw"))).kind
    } finally {
      await engine.close()
    }
  }
  const grown = copyStore(b, "grown")
  const before = copyStore(b, "before")
  const growing = await open(grown)
  await accepted(growing, adding("add, seen by others"))
  await growing.signCheckpoint({})
  await growing.close()

  const ledgerOnly = copyStore(grown, "ledger-put-back")
  fs.rmSync(path.join(ledgerOnly.store, "ledger"), { recursive: true })
  fs.cpSync(path.join(before.store, "ledger"), path.join(ledgerOnly.store, "ledger"), { recursive: true })
  await refuses("own Ledger put back to before its checkpoint", ledgerOnly, "ledger-rolled-back", () => writes(ledgerOnly))
  await distrusts("Mapping of a Ledger that was put back", ledgerOnly, own.mapping, "ledger-consistent", "add two numbers here")

  const whole = { store: path.join(folder, "whole-put-back"), home: copyStore(grown, "whole").home }
  fs.cpSync(before.store, whole.store, { recursive: true })
  await refuses("whole store put back, the user's folder not", whole, "ledger-rolled-back", () => writes(whole))

  const cut = copyStore(grown, "cut")
  fs.truncateSync(segment(cut), fs.statSync(segment(cut)).size - 1_000)
  const code = await attempt(() => writes(cut))
  note("own Ledger cut in its last records", code, code === "ledger-rolled-back")

  for (const [name, at] of [
    ["byte flipped in an old record of the Ledger", 0.2],
    ["byte flipped in a part of a record", 0.45]
  ] as const) {
    const places = copyStore(grown, `flipped-${at}`)
    flip(segment(places), Math.floor(fs.statSync(segment(places)).size * at))
    const state = fs.readFileSync(segment(places))
    const found = await attempt(() => writes(places))
    const kept = fs.readFileSync(segment(places)).equals(state)
    note(name, found, ["ledger-damaged", "store-read-only"].includes(found) && kept)
  }

  const stranger = { store: copyStore(b, "strange").store, home: (await freshStore("other-user", "mallory")).home }
  await distrusts("another person's store opened as one's own", stranger, own.mapping, "root-current", "add two numbers here")

  const rootBack = copyStore(b, "root-put-back")
  const rotating = await open(rootBack)
  await rotating.createKey({ purpose: "publisher", name: "second", owner: "bob" })
  await rotating.close()
  fs.rmSync(inTrust(rootBack, "own/root.2.json"))
  await distrusts("old version of the own root put back", rootBack, own.mapping, "root-current", "add two numbers here")

  await forks(a)
}

async function forks(a: Places): Promise<void> {
  const twin = copyStore(a, "twin")
  const bundles: string[] = []
  let trustRoot = ""
  for (const [at, places] of [a, twin].entries()) {
    const engine = await open(places)
    const made = await accepted(engine, adding(`add, history ${at}`))
    const target = path.join(folder, `history-${at}`)
    await engine.exportBundle({ digests: [made.mapping], target })
    trustRoot = (await engine.root({})).own!.fingerprints[0]!
    bundles.push(target)
    await engine.close()
  }
  const c = await freshStore("store-c", "carol")
  const carol = await open(c)
  await carol.importBundle({ path: bundles[0]!, trustRoot })
  const state = stateOf(c, ["trust/forks"])
  const code = await attempt(() => carol.importBundle({ path: bundles[1]! }))
  const { forks: kept } = await carol.ledger({})
  const both = kept.length === 1 && kept[0]!.kept !== kept[0]!.found
  note(
    "Ledger forked: a second history of the same origin",
    code,
    code === "ledger-forked" && both && stateOf(c, ["trust/forks"]) === state
  )
  await carol.close()

  const alice = await open(a)
  const { ledgers } = JSON.parse((await alice.root({})).own!.document)
  const key = parseVkey(ledgers[0].vkey)!
  const signer = stolen(a, "ledger")
  const signed = (size: number, sign = signer.sign) => signCheckpoint({ origin: key.name, size, root: new Uint8Array(32) }, key, sign)
  const standing = async (engine: Engine, checkpoint: string) => (await engine.checkLedger({ checkpoint })).standing
  const found = await attempt(() => standing(alice, signed(3)))
  note("checkpoint of another history, signed with the stolen ledger key", found, found === "forked")
  const ahead = await attempt(() => standing(alice, signed(100_000)))
  note("checkpoint of more records than there are", ahead, ahead === "ahead")
  await refuses("checkpoint signed by a stranger", a, "not-permitted", () => standing(alice, signed(3, stranger.sign)))
  await refuses("checkpoint of a ledger that no root lists", a, "not-permitted", () =>
    standing(alice, signed(3).replaceAll(key.name, "elsewhere.invalid/ledger"))
  )
  await refuses("checkpoint that is no signed note", a, "wrong-usage", () => standing(alice, "three records"))
  await alice.close()
}

/** What expired, and what comes from a clock that lies. */
async function times(): Promise<void> {
  const d = await freshStore("store-d", "dora")
  const engine = await open(d)
  const signed = await accepted(engine, adding())
  const document = JSON.parse((await engine.root({})).own!.document)
  const previous = (await engine.root({})).own!.fingerprints[0]!
  const [publisher] = document.roles.publisher.keyids
  const root = stolen(d, "root")
  const next = (change: object) =>
    new TextDecoder().decode(sealDocument(payloadTypes.root, { ...document, version: 2, previous, ...change }, [root]))
  const past = "2020-01-01T00:00:00Z"
  await refuses("root that is prepared to have expired", d, "wrong-usage", () => engine.prepareRoot({ expires: past }))
  await engine.close()
  const expired: readonly (readonly [string, string, object])[] = [
    ["root that expired", "root-current", { expires: past }],
    [
      "Publisher's key that expired before it signed",
      "keys-valid",
      { keys: { ...document.keys, [publisher]: { ...document.keys[publisher], notAfter: past } } }
    ]
  ]
  for (const [at, [name, rule, change]] of expired.entries()) {
    const places = copyStore(d, `expired-${at}`)
    const copy = await open(places)
    await copy.assembleRoot({ documents: [next(change)] })
    await copy.close()
    await distrusts(name, places, signed.mapping, rule)
  }
}

/** A group of an import without its end counts for nothing. */
async function halfImported({ a, foreign }: Scene): Promise<void> {
  const e = await freshStore("store-e", "eve")
  const alice = await open(a)
  const target = path.join(folder, "half")
  await alice.exportBundle({ digests: [foreign.mapping], target })
  const trustRoot = (await alice.root({})).own!.fingerprints[0]!
  await alice.close()
  const engine = await open(e)
  await engine.importBundle({ path: target, trustRoot })
  const [last] = (await engine.ledger({ limit: 1 })).lines
  await engine.close()
  if (last?.kind !== "imported") throw new Error(`expected the end of the import, found ${last?.kind}`)
  const bytes = fs.readFileSync(segment(e))
  fs.truncateSync(segment(e), bytes.length - 40)
  const code = await attempt(async () => {
    const reopened = await open(e)
    try {
      return (await reopened.verify({ digest: foreign.mapping })).state
    } finally {
      await reopened.close()
    }
  })
  note("import cut off before its end", code, code === "unknown-digest")
}

/** A foreign root reaches no further than its own. */
async function reach({ b, own }: Scene): Promise<void> {
  const f = await freshStore("store-f", "frank")
  const frank = await open(f)
  const bobs = await open(b)
  const mine = path.join(folder, "reach-1")
  await bobs.exportBundle({ digests: [own.mapping], target: mine })
  const bobRoot = (await bobs.root({})).own!.fingerprints[0]!
  await frank.importBundle({ path: mine, trustRoot: bobRoot })
  const over = await accepted(frank, { ...adding("add two numbers here", "(+ a b)"), supersedes: [own.mapping as never] })
  const theirs = path.join(folder, "reach-2")
  await frank.exportBundle({ digests: [over.mapping], target: theirs })
  const frankRoot = (await frank.root({})).own!.fingerprints[0]!
  await frank.close()
  await bobs.close()
  // to a third person both are foreign, and Bob's is the newer: only that it is superseded could put the other one first
  const george = await open(await freshStore("store-g", "george"))
  await george.importBundle({ path: theirs, trustRoot: frankRoot })
  const answer = await george.importBundle({ path: mine, trustRoot: bobRoot })
  const served = await george.lookup({ request: adding("add two numbers here").request as never })
  const kept = served.kind === "hit" && served.mapping === own.mapping
  note("Mapping under another root that supersedes", kept ? "not-displaced" : served.kind, kept && answer.counts.trusted === 1)
  await george.close()
}

export async function storeAttacks(): Promise<void> {
  const made = await scene()
  const honest = await open(made.b)
  for (const mapping of [made.own.mapping, made.foreign.mapping])
    if ((await honest.verify({ digest: mapping })).state !== "trusted")
      throw new EngineFailure("internal", "the unedited store is not trusted: no edit would prove anything")
  await honest.close()
  await edited(made)
  await histories(made)
  await times()
  await halfImported(made)
  await reach(made)
}
