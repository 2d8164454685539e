/** Attacks on who is believed: roots, revocations, policy, keys and names, by their verbs and with keys in the wrong hands. */
import fs from "node:fs"
import path from "node:path"
import { sealAcceptance } from "../../../electron/engine/core/acceptance.ts"
import { canonicalBytes } from "../../../electron/engine/core/canonical.ts"
import { toBase64 } from "../../../electron/engine/core/digest.ts"
import type { Signer } from "../../../electron/engine/core/dsse.ts"
import { envelopeBytes, payloadTypes, sealDocument, sealEnvelope } from "../../../electron/engine/core/dsse.ts"
import { sealPolicy } from "../../../electron/engine/core/policy.ts"
import { sealRevocations } from "../../../electron/engine/core/revocations.ts"
import type { Engine } from "../../../electron/engine/index.ts"
import { nameDoubts } from "../../../shared/name-doubts.ts"
import { policyPresets } from "../../../shared/policy-presets.ts"
import type { TrustRoot } from "../../../shared/trust.ts"
import {
  accepted,
  adding,
  attempt,
  copyStore,
  distrusts,
  folder,
  freshStore,
  note,
  open,
  type Places,
  published,
  refuses,
  stolen,
  stranger
} from "./kit.ts"

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const documentOf = async (engine: Engine): Promise<TrustRoot> => JSON.parse((await engine.root({})).own!.document)
const rootText = (document: object, signers: readonly Signer[]) => text(sealDocument(payloadTypes.root, document, signers))

/** Root versions that somebody hands in to be put in force. */
async function roots(a: Places): Promise<void> {
  const engine = await open(a)
  const document = await documentOf(engine)
  const previous = (await engine.root({})).own!.fingerprints.at(-1)!
  const root = stolen(a, "root")
  const next = { ...document, version: document.version + 1, previous }
  const [publisher] = document.roles.publisher.keyids as [string]
  const [reviewer] = document.roles.reviewer.keyids as [string]
  const strangerKey = { ...document.keys[publisher]!, public: publicOf(stranger), name: "stranger", owner: "stranger" }
  const taken = {
    ...next,
    keys: { ...next.keys, [stranger.keyId]: strangerKey },
    roles: { ...next.roles, root: { keyids: [stranger.keyId], threshold: 1 } }
  }
  const shared = {
    ...next,
    keys: { ...next.keys, [stranger.keyId]: strangerKey },
    roles: { ...next.roles, root: { keyids: [root.keyId, stranger.keyId], threshold: 2 } }
  }
  const twice = (signer: Signer) => {
    const sealed = sealEnvelope(payloadTypes.root, canonicalBytes(shared), [signer])
    return text(envelopeBytes({ ...sealed, signatures: [...sealed.signatures, ...sealed.signatures] }))
  }
  const underTwoNames = () => {
    const sealed = sealEnvelope(payloadTypes.root, canonicalBytes(shared), [root])
    return text(envelopeBytes({ ...sealed, signatures: [...sealed.signatures, { ...sealed.signatures[0]!, keyid: stranger.keyId }] }))
  }
  const handed: readonly (readonly [name: string, code: string, document: () => string, why: RegExp])[] = [
    ["new root signed by its new keys only", "trust-damaged", () => rootText(taken, [stranger]), /threshold of version/],
    [
      "new root signed by its old keys only, where new ones take over",
      "trust-damaged",
      () => rootText(taken, [root]),
      /own root threshold/
    ],
    ["new root without a signature", "trust-damaged", () => rootText(next, []), /threshold/],
    ["version of the root skipped", "trust-damaged", () => rootText({ ...next, version: next.version + 1 }, [root]), /expected version/],
    ["old version of the root handed in again", "trust-damaged", () => rootText(document, [root]), /expected version/],
    [
      "new root that names another predecessor",
      "trust-damaged",
      () => rootText({ ...next, previous: "0".repeat(64) }, [root]),
      /predecessor/
    ],
    ["one key twice for a threshold of two", "trust-damaged", () => twice(root), /threshold/],
    ["one signature under two KeyIds for a threshold of two", "trust-damaged", underTwoNames, /threshold/],
    [
      "root that lists one key twice in a role",
      "wrong-usage",
      () => rootText({ ...next, roles: { ...next.roles, root: { keyids: [root.keyId, root.keyId], threshold: 2 } } }, [root]),
      /twice/
    ],
    [
      "root with a threshold above its keys",
      "wrong-usage",
      () => rootText({ ...next, roles: { ...next.roles, reviewer: { keyids: [reviewer], threshold: 2 } } }, [root]),
      /threshold 2; expected 1 to 1/
    ],
    [
      "root with a role without keys",
      "wrong-usage",
      () => rootText({ ...next, roles: { ...next.roles, authority: { keyids: [], threshold: 0 } } }, [root]),
      /threshold 0/
    ],
    [
      "root with a role nobody knows",
      "wrong-usage",
      () => rootText({ ...next, roles: { ...next.roles, admin: { keyids: [root.keyId], threshold: 1 } } }, [root]),
      /unknown role/
    ],
    [
      "root whose Publisher is its reviewer too",
      "wrong-usage",
      () => rootText({ ...next, roles: { ...next.roles, reviewer: { keyids: [publisher], threshold: 1 } } }, [root]),
      /both publisher and reviewer/
    ],
    [
      "root that lists a key under another's KeyId",
      "wrong-usage",
      () => rootText({ ...next, keys: { ...next.keys, [reviewer]: { ...next.keys[reviewer]!, public: publicOf(stranger) } } }, [root]),
      /another key than its KeyId/
    ],
    [
      "root with a key of small order",
      "wrong-usage",
      () =>
        rootText({ ...next, keys: { ...next.keys, [reviewer]: { ...next.keys[reviewer]!, public: toBase64(new Uint8Array(32)) } } }, [
          root
        ]),
      /no admissible/
    ],
    [
      "root whose Publisher is the ledger's key",
      "wrong-usage",
      () => {
        const ledger = stolen(a, "ledger")
        const keys = { ...next.keys, [ledger.keyId]: { ...strangerKey, public: publicOf(ledger) } }
        return rootText({ ...next, keys, roles: { ...next.roles, publisher: { keyids: [ledger.keyId], threshold: 1 } } }, [root])
      },
      /ledger's key/
    ],
    [
      "root with its members given twice",
      "wrong-usage",
      () => {
        const payload = text(canonicalBytes(next)).replace("{", '{"version":1,')
        return text(envelopeBytes(sealEnvelope(payloadTypes.root, new TextEncoder().encode(payload), [root])))
      },
      /no JSON we accept/
    ],
    [
      "policy signed by the root key instead of the authority",
      "trust-damaged",
      () => text(sealPolicy(9, policyPresets.automatic, [root])),
      /authority/
    ],
    [
      "policy's signature used for revocations",
      "trust-damaged",
      () => {
        const envelope = JSON.parse(text(sealPolicy(9, policyPresets.automatic, [stolen(a, "authority")])))
        const payload = Buffer.from(canonicalBytes({ version: 2, expires: "2099-01-01T00:00:00Z", keys: [], modules: [] })).toString(
          "base64"
        )
        return JSON.stringify({ ...envelope, payload, payloadType: payloadTypes.revocations })
      },
      /did not sign/
    ],
    [
      "revocations' signature used for a policy",
      "trust-damaged",
      () => {
        const lines = sealRevocations({ version: 9, expires: "2099-01-01T00:00:00Z", keys: [], modules: [] }, [stolen(a, "authority")])
        return JSON.stringify({ ...JSON.parse(text(lines)), payloadType: payloadTypes.policy })
      },
      /refused/
    ],
    [
      "older policy, rightly signed, handed in again",
      "trust-damaged",
      () => text(sealPolicy(1, policyPresets.automatic, [stolen(a, "authority")])),
      /in force already/
    ],
    [
      "revocations that take a line back, rightly signed",
      "trust-damaged",
      () => text(sealRevocations({ version: 3, expires: "2099-01-01T00:00:00Z", keys: [], modules: [] }, [stolen(a, "authority")])),
      /taken back|expected version/
    ],
    [
      "revocations signed by a stranger",
      "trust-damaged",
      () => text(sealRevocations({ version: 3, expires: "2099-01-01T00:00:00Z", keys: [], modules: [] }, [stranger])),
      /did not sign/
    ],
    [
      "acceptance of a root by a stranger",
      "trust-damaged",
      () => text(sealAcceptance({ root: "0".repeat(64), fingerprint: "0".repeat(64) }, [stranger])),
      /did not accept/
    ]
  ]
  for (const [name, code, made, why] of handed) {
    const documents = [made()]
    await refuses(name, a, code, () => engine.assembleRoot({ documents }), why)
  }
  await engine.close()
}

function publicOf(signer: Signer): string {
  return publics.get(signer.keyId) ?? ""
}
const publics = new Map<string, string>()

/** Keys and names handed to a person who is to enrol them. */
async function names(a: Places, b: Places): Promise<void> {
  const bob = await open(b)
  const reviewer = (await bob.keys({})).keys.find(key => key.purpose === "reviewer")!
  const { document } = await bob.exportKey({ key: reviewer.id })
  await bob.close()
  const engine = await open(a)
  const publisher = (await engine.keys({})).keys.find(key => key.purpose === "publisher")!
  const own = await engine.exportKey({ key: publisher.id })
  const handed: readonly (readonly [string, string, object | string, "reviewer" | "publisher"])[] = [
    ["public key under another KeyId", "wrong-usage", { ...document, id: "0".repeat(64) }, "reviewer"],
    ["public key of small order", "wrong-usage", { ...document, public: toBase64(new Uint8Array(32)) }, "reviewer"],
    ["public key encoded another way", "wrong-usage", { ...document, public: toBase64(new Uint8Array(33).fill(1)) }, "reviewer"],
    ["public key whose owner is given twice", "wrong-usage", JSON.stringify(document).replace("{", '{"owner":"alice",'), "reviewer"],
    [
      "ledger's verifier key that is another's",
      "wrong-usage",
      { ...document, ledger: { ...document.ledger!, origin: "elsewhere" } },
      "reviewer"
    ],
    ["Publisher's own key enrolled as its reviewer", "not-permitted", own.document, "reviewer"],
    ["key file of a newer format", "wrong-usage", { version: 2, seed: "x", slots: [] }, "reviewer"],
    ["key file that asks for 2^40 of scrypt", "wrong-usage", keyFileWith(b, { N: 2 ** 40 }), "reviewer"]
  ]
  for (const [name, code, file, role] of handed) {
    const text = typeof file === "string" ? file : JSON.stringify(file)
    const secret = text.includes('"seed"')
    await refuses(name, a, code, () => engine.importKey({ file: text, ...(secret ? {} : { role }) }))
  }
  await refuses("wrong passphrase", a, "wrong-passphrase", () => engine.unlock({ passphrase: "guess" }))
  await engine.close()

  // names that pass for another's: each is flagged beside its KeyId, and counts as the person it imitates
  for (const [name, owner] of [
    ["owner in Cyrillic letters", "\u0430lice"],
    ["owner in fullwidth letters", "\uff21lice"],
    ["owner with a zero-width space", "ali\u200bce"],
    ["owner with a mark that turns the writing", "alice\u202e"],
    ["owner in capitals with a blank", "ALICE "]
  ] as const) {
    const places = copyStore(a, `named-${owner.length}-${owner.codePointAt(owner.length - 1)}-${owner.codePointAt(0)}`)
    const copy = await open(places)
    const { mapping } = await published(copy, adding(`add, reviewed by ${owner.length} ${owner.codePointAt(0)}`))
    const key = await copy.createKey({ purpose: "reviewer", name: owner, owner })
    await copy.setPolicy({ policy: "team" })
    await copy.signOff({ digest: mapping, key: key.id, signOff: { decision: "approve", note: "", viewed: [...viewed] } })
    const rule = (await copy.verify({ digest: mapping })).rules.find(one => one.rule === "two-persons")
    await copy.close()
    const flagged = owner === "ALICE " || nameDoubts(owner).length > 0
    note(
      `second person who is the first: ${name}`,
      rule?.outcome === "missing" ? "two-persons" : "accepted",
      rule?.outcome === "missing" && flagged
    )
  }
}

const viewed = ["RTFS_L4_VIEWED_SOURCE", "RTFS_L4_VIEWED_EXAMPLES", "RTFS_L4_VIEWED_INTERFACE"] as const

function keyFileWith({ home }: Places, change: object): string {
  const [name] = fs.readdirSync(path.join(home, "keys"))
  const file = JSON.parse(fs.readFileSync(path.join(home, "keys", name!), "utf8"))
  const slot = { kind: "passphrase", kdf: "scrypt", N: 1024, r: 8, p: 1, salt: toBase64(new Uint8Array(16)), box: "AA==", ...change }
  return JSON.stringify({ ...file, slots: [slot] })
}

/** k of n reviewers, counted as people. */
async function quorum(a: Places): Promise<void> {
  const places = copyStore(a, "quorum")
  const engine = await open(places)
  const { mapping } = await published(engine, adding("add, for two reviewers"))
  const second = await engine.createKey({ purpose: "reviewer", name: "second key", owner: "alice" })
  const first = (await engine.keys({})).keys.find(key => key.purpose === "reviewer" && key.id !== second.id)!
  const { policy } = await engine.policy({})
  await engine.setPolicy({ policy: { ...policy, reviewers: 2 } })
  for (const key of [first.id, first.id, second.id])
    await engine.signOff({ digest: mapping, key, signOff: { decision: "approve", note: `again ${key}` } })
  await engine.close()
  await distrusts("two keys and three sign-offs of one person for two reviewers", places, mapping, "signed-off", "add, for two reviewers")
}

/** Revocation reaches what is already here, whatever arrives later. */
async function revoked(a: Places, b: Places, c: Places): Promise<void> {
  const alice = await open(a)
  const fingerprint = (await alice.root({})).own!.fingerprints[0]!
  const library = await accepted(alice, {
    ...adding("add, as a part of others"),
    source: "(module num.parts (:exports [plus]) (defn plus [a :int b :int] :int (+ a b)))"
  })
  const importer = await alice.publish({
    ...adding("add, with a part"),
    source: "(import num.parts :as p) (defn add [a :int b :int] :int (p/plus a b))",
    imports: [{ name: "num.parts", digest: library.digest as never }]
  })
  if (importer.kind !== "published") throw new Error(importer.kind)
  await alice.signOff({ digest: importer.mapping, signOff: { decision: "approve", note: "" } })
  const before = path.join(folder, "before-revocation")
  await alice.exportBundle({ digests: [library.mapping, importer.mapping], target: before })
  const bob = await open(b)
  await bob.importBundle({ path: before, trustRoot: fingerprint })
  await bob.close()
  await alice.revoke({ what: library.digest, reason: "harmful", note: "found out" })
  await alice.close()
  await distrusts("revoked Module, in its own store", a, library.mapping, "not-revoked", "add, as a part of others")
  await distrusts("revoked Module, linked into another", a, importer.mapping, "dependencies-sound", "add, with a part")

  const reopened = await open(a)
  const unrelated = await accepted(reopened, adding("add, after the revocation"))
  const after = path.join(folder, "after-revocation")
  await reopened.exportBundle({ digests: [unrelated.mapping], target: after })
  await reopened.close()
  const importing = await open(b)
  await importing.importBundle({ path: after })
  await importing.close()
  await distrusts(
    "revoked Module that was imported before, once any newer Bundle came",
    b,
    library.mapping,
    "not-revoked",
    "add, as a part of others"
  )
  const again = await open(b)
  await refuses("older Bundle that holds revocations back", b, "not-trusted", async () => {
    const { mappings } = await again.importBundle({ path: before })
    return mappings.some(row => row.verdict.state === "trusted" || row.written) ? "accepted" : "not-trusted"
  })
  await again.close()

  const carol = await open(c)
  const told = await carol.importBundle({ path: before, dryRun: true })
  note(
    "Bundle from before, where nobody confirmed its root",
    told.counts.trusted === 0 ? "mapping-signed" : "accepted",
    told.counts.trusted === 0
  )
  await carol.close()

  const places = copyStore(a, "compromised")
  const engine = await open(places)
  const signed = await accepted(engine, adding("add, by a key that was stolen"))
  const publisher = (await engine.keys({})).keys.find(key => key.purpose === "publisher")!
  const authority = (await engine.keys({})).keys.find(key => key.purpose === "authority")!
  await refuses("authority made to revoke itself", places, "not-permitted", () =>
    engine.revoke({ what: authority.id, reason: "compromised" })
  )
  await refuses("key revoked for a Module's reason", places, "wrong-usage", () => engine.revoke({ what: publisher.id, reason: "harmful" }))
  await engine.revoke({ what: publisher.id, reason: "compromised" })
  await engine.close()
  await distrusts("Mapping by a compromised key", places, signed.mapping, "not-revoked", "add, by a key that was stolen")
}

/** What is shown and what is signed; who may sign; which of several keys. */
async function signing(a: Places): Promise<void> {
  const places = copyStore(a, "signing")
  const engine = await open(places)
  const { mapping } = await published(engine, adding("add, to be reviewed"))
  const other = await published(engine, adding("add, something else", "(+ b a)"))
  const approve = { decision: "approve", note: "" } as const
  const shown = await engine.reviewStatement({ digest: mapping, signOff: approve })
  await refuses("reviewer shown one Mapping and made to sign another", places, "not-permitted", () =>
    engine.signOff({ digest: other.mapping, signOff: approve, statement: shown.statement })
  )
  await refuses("reviewer shown one note and made to sign another", places, "not-permitted", () =>
    engine.signOff({ digest: mapping, signOff: { ...approve, note: "and more" }, statement: shown.statement })
  )
  await refuses("refusal without a reason", places, "wrong-usage", () =>
    engine.signOff({ digest: mapping, signOff: { decision: "reject", note: " " } })
  )
  await refuses("sign-off by a key that is no reviewer", places, "unknown-key", async () =>
    engine.signOff({ digest: mapping, signOff: approve, key: (await engine.keys({})).keys.find(key => key.purpose === "publisher")!.id })
  )
  await refuses("import of a Module that nobody signed off", places, "not-permitted", async () => {
    const made = await engine.publish({
      ...adding("add, with an unread part"),
      source: "(import num.parts :as p) (defn add [a :int b :int] :int (p/add a b))",
      imports: [{ name: "num.parts", digest: other.digest as never }]
    })
    return made.kind === "published" ? "accepted" : made.kind
  })
  await refuses("foreign WebAssembly that imports from outside", places, "refused", async () => {
    const wasm = new Blob([new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 9, 1, 3, 101, 110, 118, 1, 102, 0, 0])])
    const made = await engine.publish({ request: { instruction: "reach out", interface: "() -> int" }, wasm, examples: [] })
    return made.kind === "published" ? "accepted" : "refused"
  })
  await engine.close()
}

export async function trustAttacks(): Promise<void> {
  const a = await freshStore("trust-a", "alice")
  const b = await freshStore("trust-b", "bob")
  const c = await freshStore("trust-c", "carol")
  const { publicKeyOf } = await import("../../../electron/engine/core/crypto.ts")
  const { createHash } = await import("node:crypto")
  publics.set(stranger.keyId, toBase64(publicKeyOf(new Uint8Array(createHash("sha256").update("stranger").digest()))))
  const engine = await open(a)
  const ledger = (await engine.keys({})).keys.find(key => key.purpose === "ledger")!
  publics.set(ledger.id, (await engine.exportKey({ key: ledger.id })).document.public)
  const wrong = await accepted(engine, adding("add, to be revoked"))
  await engine.revoke({ what: wrong.mapping, reason: "wrong" })
  const line = await engine.revoke({ what: (await accepted(engine, adding("add, to be revoked too"))).mapping, reason: "wrong" })
  if (line.version !== 2) throw new Error("expected two revocations")
  await engine.close()
  await roots(a)
  await names(a, b)
  await quorum(a)
  await signing(a)
  await revoked(a, b, c)
  const code = await attempt(async () => {
    const writer = await open(a)
    try {
      await open(a)
    } finally {
      await writer.close()
    }
  })
  note("second writer of one store", code, code === "store-locked")
}
