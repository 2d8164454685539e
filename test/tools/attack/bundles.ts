/** Attacks on real stores and Bundles: each must be refused with a code, and leave nothing written. Prints `{attempted, refused, cases}`. */
import { createHash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { sealAttestation } from "../../electron/engine/core/attestation.ts"
import { canonicalBytes } from "../../electron/engine/core/canonical.ts"
import { keyIdOf, publicKeyOf, signWithSeed } from "../../electron/engine/core/crypto.ts"
import { tarHeader } from "../../electron/engine/core/tar.ts"
import type { Engine } from "../../electron/engine/index.ts"
import { forkLaunch, initStore, openEngine } from "../../electron/engine/index.ts"
import { EngineFailure } from "../../shared/failure.ts"
import type { Statement } from "../../shared/trust.ts"

interface Case {
  readonly name: string
  readonly code: string
  readonly ok: boolean
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "l4-attack-"))
const cases: Case[] = []
const adding = {
  request: { instruction: "add two numbers", interface: "(int, int) -> int" },
  source: "(defn add [a :int b :int] :int (+ a b))",
  examples: [{ args: "[1 2]", result: "3" }]
}

async function freshStore(name: string, owner: string) {
  const places = { store: path.join(folder, name), home: path.join(folder, `${name}-home`) }
  await initStore({ ...places, owner })
  return places
}

const open = (places: { store: string; home: string }): Promise<Engine> => openEngine({ ...places, launch: forkLaunch })

/** A Bundle taken apart: manifests by number, so that one can be changed and all that names it follows. */
interface Layer {
  mediaType: string
  bytes: Buffer
}
interface Artifact {
  artifactType: string | null
  config: Layer
  layers: Layer[]
  subject: Artifact | null
}

const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

function takeApart(place: string): Artifact[] {
  const blob = (digest: string) => fs.readFileSync(path.join(place, "blobs", "sha256", digest.slice(7)))
  const index = JSON.parse(fs.readFileSync(path.join(place, "index.json"), "utf8"))
  const artifacts = new Map<string, Artifact>()
  const subjects = new Map<Artifact, string>()
  for (const { mediaType, digest } of index.manifests) {
    if (mediaType.includes("index")) continue
    const manifest = JSON.parse(blob(digest).toString())
    const layer = (one: { mediaType: string; digest: string }): Layer => ({ mediaType: one.mediaType, bytes: blob(one.digest) })
    const artifact: Artifact = {
      artifactType: manifest.artifactType ?? null,
      config: layer(manifest.config),
      layers: manifest.layers.map(layer),
      subject: null
    }
    artifacts.set(digest, artifact)
    if (manifest.subject) subjects.set(artifact, manifest.subject.digest)
  }
  for (const [artifact, digest] of subjects) artifact.subject = artifacts.get(digest) ?? null
  return [...artifacts.values()]
}

function putTogether(artifacts: readonly Artifact[], place: string): void {
  const blobs = path.join(place, "blobs", "sha256")
  fs.mkdirSync(blobs, { recursive: true })
  const put = (mediaType: string, bytes: Buffer) => {
    fs.writeFileSync(path.join(blobs, hex(bytes)), bytes)
    return { mediaType, digest: `sha256:${hex(bytes)}`, size: bytes.length }
  }
  const describe = (artifact: Artifact): ReturnType<typeof put> =>
    put(
      "application/vnd.oci.image.manifest.v1+json",
      Buffer.from(
        canonicalBytes({
          schemaVersion: 2,
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          ...(artifact.artifactType === null ? {} : { artifactType: artifact.artifactType }),
          config: put(artifact.config.mediaType, artifact.config.bytes),
          layers: artifact.layers.map(layer => put(layer.mediaType, layer.bytes)),
          ...(artifact.subject === null ? {} : { subject: describe(artifact.subject) })
        })
      )
    )
  fs.writeFileSync(path.join(place, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: artifacts.map(describe) }))
  fs.writeFileSync(path.join(place, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}')
}

let made = 0
const newPlace = (suffix = "") => path.join(folder, `bundle-${++made}${suffix}`)

function copyOf(place: string): string {
  const to = newPlace()
  fs.cpSync(place, to, { recursive: true })
  return to
}

/** Everything that a refused import must leave as it was. */
function stateOf(store: string): string {
  const sum = createHash("sha256")
  for (const part of ["ledger", "oci/blobs", "trust"]) {
    const top = path.join(store, part)
    for (const entry of fs.existsSync(top) ? fs.readdirSync(top, { recursive: true, withFileTypes: true }) : []) {
      if (!entry.isFile()) continue
      const file = path.join(entry.parentPath, entry.name)
      sum.update(file).update(fs.readFileSync(file))
    }
  }
  return sum.digest("hex")
}

function note(name: string, code: string, ok: boolean): void {
  cases.push({ name, code, ok })
}

interface Expected {
  /** Failure code, or the rule that must not pass. */
  readonly code: string
}

/** The import must fail with this code, or give no trusted Mapping because of this rule, and write nothing either way. */
async function attackImport(
  name: string,
  place: string,
  expected: Expected,
  target: { engine: Engine; store: string; trustRoot?: string }
): Promise<void> {
  const before = stateOf(target.store)
  let code = "accepted"
  try {
    const report = await target.engine.importBundle({
      path: place,
      ...(target.trustRoot ? { trustRoot: target.trustRoot, dryRun: true } : {})
    })
    const failing = report.mappings.flatMap(row => row.verdict.rules.filter(rule => rule.outcome === "fail" || rule.outcome === "missing"))
    const stopped = report.mappings.every(row => row.verdict.state !== "trusted" && !row.written)
    const named = failing.find(rule => rule.rule === expected.code) ?? failing[0]
    if (stopped) code = named?.rule ?? (report.mappings.length === 0 ? "no-mapping" : "not-trusted")
  } catch (failure) {
    code = failure instanceof EngineFailure ? failure.code : `internal: ${String(failure)}`
  }
  note(name, code, code === expected.code && stateOf(target.store) === before)
}

function flip(file: string, at = -1): void {
  const bytes = fs.readFileSync(file)
  bytes[at < 0 ? bytes.length >> 1 : at]! ^= 1
  fs.writeFileSync(file, bytes)
}

type Target = { readonly engine: Engine; readonly store: string; readonly trustRoot?: string }

async function flipEveryKind(bundle: string, target: Target): Promise<void> {
  for (const name of ["oci-layout", "index.json"]) {
    const place = copyOf(bundle)
    flip(path.join(place, name), name === "oci-layout" ? 3 : 5)
    await attackImport(`byte flipped in ${name}`, place, { code: "bundle-refused" }, target)
  }
  const index = JSON.parse(fs.readFileSync(path.join(bundle, "index.json"), "utf8"))
  const kinds = new Map<string, string>()
  for (const { mediaType, digest } of index.manifests) {
    const bytes = fs.readFileSync(path.join(bundle, "blobs", "sha256", digest.slice(7)), "utf8")
    const manifest = JSON.parse(bytes)
    kinds.set(mediaType.includes("index") ? "index of referrers" : `manifest of ${manifest.artifactType ?? "a Module"}`, digest)
    for (const one of [manifest.config, ...(manifest.layers ?? [])]) if (one) kinds.set(one.mediaType, one.digest)
  }
  for (const [kind, digest] of kinds) {
    const place = copyOf(bundle)
    flip(path.join(place, "blobs", "sha256", digest.slice(7)))
    await attackImport(`byte flipped in ${kind}`, place, { code: "bundle-refused" }, target)
  }
}

function entry(name: string, content: Uint8Array, flag = "0", prefix = ""): Buffer {
  const block = Buffer.from(tarHeader({ kind: "file", name: "x", size: content.length }))
  block.fill(0, 0, 100)
  block.write(name, 0, 100)
  block.write(prefix, 345)
  block.write(flag, 156)
  block.fill(" ", 148, 156)
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148
  )
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

async function hostileArchives(tar: string, target: Target): Promise<void> {
  const honest = fs.readFileSync(tar)
  const body = honest.subarray(0, honest.length - 1024)
  const end = Buffer.alloc(1024)
  const some = Buffer.from("x")
  const archives: Readonly<Record<string, Buffer>> = {
    "symbolic link in the archive": Buffer.concat([body, entry("blobs/l", Buffer.alloc(0), "2"), end]),
    "hard link in the archive": Buffer.concat([body, entry("blobs/l", Buffer.alloc(0), "1"), end]),
    "device in the archive": Buffer.concat([body, entry("blobs/d", Buffer.alloc(0), "3"), end]),
    "FIFO in the archive": Buffer.concat([body, entry("blobs/f", Buffer.alloc(0), "6"), end]),
    "sparse entry": Buffer.concat([body, entry("blobs/s", Buffer.alloc(0), "S"), end]),
    "pax extension that renames": Buffer.concat([body, entry("p", Buffer.from("14 path=../../x\n"), "x"), end]),
    "GNU long name": Buffer.concat([body, entry("p", Buffer.from("../../x"), "L"), end]),
    "absolute path": Buffer.concat([body, entry("/absolute/x", some), end]),
    "path that climbs": Buffer.concat([body, entry("blobs/../../x", some), end]),
    "path that climbs by its prefix": Buffer.concat([body, entry("x", some, "0", "../.."), end]),
    "backslash in a path": Buffer.concat([body, entry("..\\x", some), end]),
    "drive letter in a path": Buffer.concat([body, entry("C:x", some), end]),
    "NUL in a path": Buffer.concat([body, entry("oci-layout\0/../x", some), end]),
    "one name twice": Buffer.concat([body, entry("index.json", some), end]),
    "one name twice in other case": Buffer.concat([body, entry("Index.JSON", some), end]),
    "unexpected file": Buffer.concat([body, entry("install.sh", some), end]),
    "archive cut short": honest.subarray(0, honest.length >> 1),
    "gzip bomb": gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    "zstd bomb": zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)),
    "zip archive": Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0])
  }
  for (const [name, bytes] of Object.entries(archives)) {
    const place = newPlace(".tar")
    fs.writeFileSync(place, bytes)
    await attackImport(name, place, { code: "bundle-refused" }, target)
  }
}

interface LooseBundle {
  readonly dsseEnvelope: { payload: string; payloadType: string; signatures: { keyid: string; sig: string }[] }
  readonly verificationMaterial: { readonly publicKey: { hint: string } }
}

interface LooseStatement {
  readonly predicate: { readonly task: { text: string }; entry: string; readonly properties: string[] }
}

const isType = (artifact: Artifact, word: string) => artifact.artifactType?.includes(word) ?? false
const predicateOf = (artifact: Artifact): string =>
  JSON.parse(Buffer.from(JSON.parse(artifact.layers[0]!.bytes.toString()).dsseEnvelope.payload, "base64").toString()).predicateType

function attestationOf(artifacts: readonly Artifact[], predicate: string): Artifact {
  return artifacts.find(one => isType(one, "sigstore") && predicateOf(one).includes(predicate))!
}

function edit(layer: Layer, change: (bundle: LooseBundle) => void): void {
  const json = JSON.parse(layer.bytes.toString())
  change(json)
  layer.bytes = Buffer.from(canonicalBytes(json))
}

function editPayload(layer: Layer, change: (statement: LooseStatement) => void): void {
  edit(layer, ({ dsseEnvelope }) => {
    const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, "base64").toString())
    change(statement)
    dsseEnvelope.payload = Buffer.from(canonicalBytes(statement)).toString("base64")
  })
}

const strangerSeed = createHash("sha256").update("stranger").digest()
const strangerId = keyIdOf(publicKeyOf(strangerSeed))

/** The same Statement, signed by somebody else, under that one's name or under the honest one's. */
function resign(layer: Layer, asHonest: boolean): void {
  const json = JSON.parse(layer.bytes.toString())
  const statement = JSON.parse(Buffer.from(json.dsseEnvelope.payload, "base64").toString()) as Statement
  const keyId = asHonest ? json.dsseEnvelope.signatures[0].keyid : strangerId
  layer.bytes = Buffer.from(sealAttestation(statement, keyId, message => signWithSeed(strangerSeed, message)))
}

const claim = (artifacts: Artifact[]) => attestationOf(artifacts, "urn:rtfs:l4:module").layers[0]!
const proofs = (artifacts: Artifact[]) => artifacts.find(one => isType(one, "l4.ledger"))!
const evidence = (artifacts: Artifact[], word: string) =>
  artifacts.find(one => isType(one, "evidence"))!.layers.find(one => one.mediaType.includes(word))!
const without = (artifacts: Artifact[], gone: Artifact) => artifacts.splice(artifacts.indexOf(gone), 1)

/** Changes to a Bundle whose Digests all fit again afterwards: only signatures, proofs and rules are left to notice. */
const resealed: readonly (readonly [string, string, (artifacts: Artifact[]) => void])[] = [
  [
    "Task words changed under the signature",
    "mapping-signed",
    all => editPayload(claim(all), one => void (one.predicate.task.text = "subtract"))
  ],
  ["entry changed under the signature", "mapping-signed", all => editPayload(claim(all), one => void (one.predicate.entry = "other"))],
  ["Claim signed by a stranger", "mapping-signed", all => resign(claim(all), false)],
  ["Claim signed by a stranger under the Publisher's KeyId", "mapping-signed", all => resign(claim(all), true)],
  [
    "Claim with two signatures",
    "mapping-signed",
    all => edit(claim(all), one => one.dsseEnvelope.signatures.push(one.dsseEnvelope.signatures[0]!))
  ],
  [
    "Claim whose hint is another key",
    "mapping-signed",
    all => edit(claim(all), one => void (one.verificationMaterial.publicKey.hint = strangerId))
  ],
  [
    "Claim under another payload type",
    "no-mapping",
    all => edit(claim(all), one => void (one.dsseEnvelope.payloadType = "application/vnd.rtfs.l4.root.v1+json"))
  ],
  ["Claim without a signature", "mapping-signed", all => edit(claim(all), one => void (one.dsseEnvelope.signatures = []))],
  ["sign-off by a stranger", "signed-off", all => resign(attestationOf(all, "svr").layers[0]!, false)],
  ["sign-off left out", "signed-off", all => void without(all, attestationOf(all, "svr"))],
  [
    "refusal turned into acceptance",
    "signed-off",
    all => editPayload(attestationOf(all, "svr").layers[0]!, one => one.predicate.properties.push("RTFS_L4_VIEWED_DIFF"))
  ],
  ["test results left out", "tests-passed", all => void without(all, attestationOf(all, "test-result"))],
  ["test results by a stranger", "tests-passed", all => resign(attestationOf(all, "test-result").layers[0]!, true)],
  ["provenance left out", "provenance-signed", all => void without(all, attestationOf(all, "slsa"))],
  ["provenance by a stranger", "provenance-signed", all => resign(attestationOf(all, "slsa").layers[0]!, true)],
  ["Ledger proofs left out", "ledger-included", all => void without(all, proofs(all))],
  [
    "record of a proof changed",
    "ledger-included",
    all => void (proofs(all).layers[0]!.bytes = Buffer.from(proofs(all).layers[0]!.bytes.toString().replace("published", "Published")))
  ],
  [
    "proof of another position",
    "ledger-included",
    all =>
      void (proofs(all).layers[1]!.bytes = Buffer.from(
        proofs(all)
          .layers[1]!.bytes.toString()
          .replace(/index \d+/, "index 0")
      ))
  ],
  [
    "checkpoint of another size",
    "ledger-included",
    all => {
      for (const layer of proofs(all).layers)
        layer.bytes = Buffer.from(layer.bytes.toString().replace(/^(l4-workbench.*\n)(\d+)$/m, "$1999"))
    }
  ],
  [
    "checkpoint without its signature",
    "ledger-included",
    all => {
      for (const layer of proofs(all).layers) layer.bytes = Buffer.from(layer.bytes.toString().replace(/^— .*\n/m, ""))
    }
  ],
  ["Source replaced", "reproducible", all => void (evidence(all, "source").bytes = Buffer.from("(defn add [a :int b :int] :int (- a b))"))],
  ["Examples replaced", "tests-passed", all => void (evidence(all, "examples").bytes = Buffer.from("[]"))],
  [
    "Module replaced under the same evidence",
    "no-mapping",
    all => {
      const module = all.find(one => one.artifactType === null && one.layers[0]!.bytes.length < 60_000)!
      module.layers[0]!.bytes = Buffer.concat([module.layers[0]!.bytes, Buffer.from([0, 2, 1, 65])])
    }
  ],
  [
    "root replaced by a stranger's signature",
    "mapping-signed",
    all => {
      const root = all.find(one => isType(one, "l4.root"))!.layers[0]!
      const json = JSON.parse(root.bytes.toString())
      json.signatures[0].sig = Buffer.from(signWithSeed(strangerSeed, root.bytes)).toString("base64")
      root.bytes = Buffer.from(canonicalBytes(json))
    }
  ],
  [
    "root with one more reviewer, unsigned",
    "mapping-signed",
    all => {
      const root = all.find(one => isType(one, "l4.root"))!.layers[0]!
      const json = JSON.parse(root.bytes.toString())
      const document = JSON.parse(Buffer.from(json.payload, "base64").toString())
      document.expires = "2099-01-01T00:00:00Z"
      json.payload = Buffer.from(canonicalBytes(document)).toString("base64")
      root.bytes = Buffer.from(canonicalBytes(json))
    }
  ],
  [
    "two Modules in one manifest",
    "bundle-refused",
    all => {
      const module = all.find(one => one.artifactType === null)!
      module.layers.push(module.layers[0]!)
    }
  ],
  ["compressed layer", "bundle-refused", all => void (evidence(all, "source").mediaType += "+gzip")],
  ["attestation that is no JSON", "no-mapping", all => void (claim(all).bytes = Buffer.from("{"))],
  [
    "attestation with a member given twice",
    "no-mapping",
    all => void (claim(all).bytes = Buffer.from(claim(all).bytes.toString().replace('{"dsseEnvelope"', '{"mediaType":"x","dsseEnvelope"')))
  ],
  [
    "attestation a thousand levels deep",
    "no-mapping",
    all => void (claim(all).bytes = Buffer.from(`{"x":${"[".repeat(1000)}${"]".repeat(1000)}}`))
  ]
]

async function resealedAttacks(bundle: string, target: Target): Promise<void> {
  for (const [name, code, change] of resealed) {
    const artifacts = takeApart(bundle)
    change(artifacts)
    const place = newPlace()
    putTogether(artifacts, place)
    await attackImport(name, place, { code }, target)
  }
}

async function structureAttacks(bundle: string, target: Target): Promise<void> {
  const index = JSON.parse(fs.readFileSync(path.join(bundle, "index.json"), "utf8"))
  const changes: readonly (readonly [string, (place: string) => void])[] = [
    ["Blob missing", place => fs.rmSync(path.join(place, "blobs", "sha256", index.manifests[0].digest.slice(7)))],
    [
      "Blob is a link",
      place => {
        const file = path.join(place, "blobs", "sha256", index.manifests[0].digest.slice(7))
        fs.renameSync(file, `${file}.real`)
        fs.symlinkSync(`${file}.real`, file)
      }
    ],
    [
      "size in a descriptor is another",
      place =>
        fs.writeFileSync(
          path.join(place, "index.json"),
          JSON.stringify({ ...index, manifests: index.manifests.map((one: object, at: number) => (at === 0 ? { ...one, size: 7 } : one)) })
        )
    ],
    [
      "index.json gives manifests twice",
      place =>
        fs.writeFileSync(
          path.join(place, "index.json"),
          `{"manifests":[],"manifests":${JSON.stringify(index.manifests)},"schemaVersion":2}`
        )
    ],
    ["index.json is very deep", place => fs.writeFileSync(path.join(place, "index.json"), `{"a":${"[".repeat(100_000)}`)],
    ["layout of a newer format", place => fs.writeFileSync(path.join(place, "oci-layout"), '{"imageLayoutVersion":"2.0.0"}')],
    ["blobs folder missing", place => fs.rmSync(path.join(place, "blobs"), { recursive: true })]
  ]
  for (const [name, change] of changes) {
    const place = copyOf(bundle)
    change(place)
    await attackImport(name, place, { code: "bundle-refused" }, target)
  }
}

async function main(): Promise<void> {
  const a = await freshStore("a", "alice")
  let alice = await open(a)
  const draft = await alice.publish(adding)
  if (draft.kind !== "published") throw new Error(`expected a published Module, found ${draft.kind}`)
  await alice.signOff({ digest: draft.digest, signOff: { decision: "approve", note: "read" } })
  const bundle = newPlace()
  const tar = newPlace(".tar")
  await alice.exportBundle({ digests: [draft.digest], target: bundle })
  await alice.exportBundle({ digests: [draft.digest], target: tar })
  const fingerprint = (await alice.root({})).own!.fingerprints[0]!

  const b = await freshStore("b", "bob")
  const bob = await open(b)
  await attackImport("honest Bundle, root not confirmed", bundle, { code: "mapping-signed" }, { engine: bob, store: b.store })
  await attackImport(
    "honest Bundle, another fingerprint confirmed",
    bundle,
    { code: "mapping-signed" },
    { engine: bob, store: b.store, trustRoot: "0".repeat(64) }
  )
  const target = { engine: bob, store: b.store, trustRoot: fingerprint }
  const control = await bob.importBundle({ path: bundle, dryRun: true, trustRoot: fingerprint })
  if (control.counts.trusted !== 1) throw new Error("the honest Bundle is not trusted: no attack would prove anything")
  await flipEveryKind(bundle, target)
  await hostileArchives(tar, target)
  await structureAttacks(bundle, target)
  await resealedAttacks(bundle, target)
  await storeAttacks(a, b, bundle, fingerprint, draft, alice, bob)
  alice = await open(a)
  await alice.close()
}

const attempt = async (act: () => Promise<unknown>): Promise<string> => {
  try {
    const answer = await act()
    return typeof answer === "string" ? answer : "accepted"
  } catch (failure) {
    return failure instanceof EngineFailure ? failure.code : `internal: ${String(failure)}`
  }
}

/** A store that was copied, rolled back, forked or edited. Closes both engines. */
async function storeAttacks(
  a: { store: string; home: string },
  b: { store: string; home: string },
  bundle: string,
  fingerprint: string,
  { digest, mapping }: { readonly digest: string; readonly mapping: string },
  alice: Engine,
  bob: Engine
): Promise<void> {
  await alice.close()
  const twin = { store: path.join(folder, "twin"), home: path.join(folder, "twin-home") }
  fs.cpSync(a.store, twin.store, { recursive: true })
  fs.cpSync(a.home, twin.home, { recursive: true })
  // both go on from the same past: whoever sees one and then the other must notice
  const histories: string[] = []
  for (const [at, places] of [a, twin].entries()) {
    const engine = await open(places)
    const another = await engine.publish({ ...adding, request: { ...adding.request, instruction: `add, history ${at}` } })
    if (another.kind !== "published") throw new Error(another.kind)
    await engine.signOff({ digest: another.digest, mapping: another.mapping, signOff: { decision: "approve", note: "" } })
    const place = newPlace()
    await engine.exportBundle({ digests: [another.mapping], target: place })
    histories.push(place)
    await engine.close()
  }
  await bob.importBundle({ path: histories[0]!, trustRoot: fingerprint })
  const forked = stateOf(b.store)
  const code = await attempt(() => bob.importBundle({ path: histories[1]! }))
  note("Ledger forked: a second history of the same origin", code, code === "ledger-forked" && stateOf(b.store) === forked)
  await bob.importBundle({ path: bundle })
  await bob.close()

  const verdictIn = async (places: { store: string; home: string }) => {
    const engine = await open(places)
    try {
      return (await engine.verify({ digest: mapping })).state
    } finally {
      await engine.close()
    }
  }
  const copy = (name: string) => {
    const places = { store: path.join(folder, name), home: path.join(folder, `${name}-home`) }
    fs.cpSync(b.store, places.store, { recursive: true })
    fs.cpSync(b.home, places.home, { recursive: true })
    return places
  }
  /** A pending Mapping is not served either. */
  const editions: readonly (readonly [string, "pending" | "untrusted", (store: string) => void])[] = [
    ["acceptance of a foreign root removed", "pending", store => fs.rmSync(inForeign(store, "acceptance.json"))],
    ["acceptance of a foreign root changed", "pending", store => flip(inForeign(store, "acceptance.json"))],
    ["foreign root changed on disk", "pending", store => flip(inForeign(store, "root.1.json"))],
    ["foreign revocations removed from disk", "untrusted", store => fs.rmSync(inForeign(store, "revocations.json"))],
    ["foreign revocations changed on disk", "untrusted", store => flip(inForeign(store, "revocations.json"))],
    ["own root changed on disk", "untrusted", store => flip(path.join(store, "trust", "own", "root.1.json"))],
    [
      "Module's Blob changed on disk",
      "untrusted",
      store => {
        const file = path.join(store, "oci", "blobs", "sha256", digest.slice(7))
        fs.chmodSync(file, 0o644)
        flip(file)
      }
    ]
  ]
  for (const [at, [name, expected, change]] of editions.entries()) {
    const places = copy(`edited-${at}`)
    change(places.store)
    const state = await attempt(() => verdictIn(places))
    note(name, state, state === expected)
  }
  const honest = await attempt(() => verdictIn(copy("honest")))
  if (honest !== "trusted") throw new Error(`the unedited copy is ${honest}: no edit would prove anything`)
  const rolled = copy("rolled")
  const log = path.join(rolled.store, "ledger", "00000001.log")
  const taken = path.join(folder, "rolled.log")
  fs.copyFileSync(log, taken)
  const engine = await open(rolled)
  const grown = newPlace()
  await engine.exportBundle({ all: true, target: grown })
  await engine.close()
  fs.copyFileSync(taken, log)
  const after = await attempt(async () => {
    const reopened = await open(rolled)
    try {
      return (await reopened.publish({ ...adding, request: { ...adding.request, instruction: "written over what others saw" } })).kind
    } finally {
      await reopened.close()
    }
  })
  note("own Ledger rolled back to before its checkpoint", after, after === "ledger-rolled-back")
}

function inForeign(store: string, name: string): string {
  const top = path.join(store, "trust", "foreign")
  return path.join(top, fs.readdirSync(top)[0]!, name)
}

try {
  await main()
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}
const refused = cases.filter(one => one.ok).length
const report = { attempted: cases.length, refused, cases }
if (process.argv.includes("--json")) console.log(JSON.stringify(report))
else {
  for (const { name, code, ok } of cases) console.log(`${ok ? "refused " : "ACCEPTED"}  ${code.padEnd(20)}  ${name}`)
  console.log(`${refused} of ${cases.length} refused`)
}
process.exitCode = refused === cases.length ? 0 : 1
