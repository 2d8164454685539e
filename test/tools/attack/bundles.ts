/** Attacks by Bundle: bytes, archives, layout, statements, proofs and roots changed on their way to a store that knows the sender, and to one that does not. */
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { sealAttestation } from "../../../electron/engine/core/attestation.ts"
import { canonicalBytes } from "../../../electron/engine/core/canonical.ts"
import type { Signer } from "../../../electron/engine/core/dsse.ts"
import { tarHeader } from "../../../electron/engine/core/tar.ts"
import type { Engine } from "../../../electron/engine/index.ts"
import { EngineFailure } from "../../../shared/failure.ts"
import type { Statement } from "../../../shared/trust.ts"
import {
  accepted,
  adding,
  copyStore,
  flip,
  folder,
  freshStore,
  note,
  open,
  type Places,
  published,
  stateOf,
  stolen,
  stranger
} from "./kit.ts"

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

interface Expected {
  /** Failure code, or the rule that must not pass. */
  readonly code: string
  /** What the refusal must say. */
  readonly why?: RegExp
}

/** A real import: it must fail with this code, or give no trusted Mapping because of this rule; and every byte stays as it was. */
async function attackImport(name: string, place: string, { code: expected, why = /./ }: Expected, target: Target): Promise<void> {
  const before = stateOf(target.places)
  let code = "accepted"
  let words = "x"
  try {
    const report = await target.engine.importBundle({ path: place, ...(target.trustRoot ? { trustRoot: target.trustRoot } : {}) })
    const failing = report.mappings.flatMap(row => row.verdict.rules.filter(rule => rule.outcome === "fail" || rule.outcome === "missing"))
    const stopped = report.mappings.every(row => row.verdict.state !== "trusted" && !row.written)
    const named = failing.find(rule => rule.rule === expected) ?? failing[0]
    if (stopped) code = named?.rule ?? (report.mappings.length === 0 ? "no-mapping" : "not-trusted")
  } catch (failure) {
    code = failure instanceof EngineFailure ? failure.code : `internal: ${String(failure)}`
    words = failure instanceof Error ? failure.message : ""
    if (process.env.ATTACK_WORDS) console.error(`${name}: ${words}`)
  }
  note(name, code, code === expected && why.test(words) && stateOf(target.places) === before)
}

interface Target {
  readonly engine: Engine
  readonly places: Places
  readonly trustRoot?: string
}

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
    "zip archive": Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]),
    "path in letters that look like others": Buffer.concat([body, entry("bl\u043ebs/sha256/x", some), end]),
    "name that is one after composing": Buffer.concat([body, entry("oci-layout\u0301", some), end]),
    "path of 400 bytes": Buffer.concat([body, entry(`${"a/".repeat(50)}x`, some, "0", "blobs/".repeat(20)), end]),
    "size in a header beyond the end": Buffer.concat([honest.subarray(0, honest.length - 1024 - 512), end]),
    "nothing at all": Buffer.alloc(0)
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

/** The same Statement, signed by somebody else, under that one's name or under the honest one's. */
function resign(layer: Layer, asHonest: boolean): void {
  const json = JSON.parse(layer.bytes.toString())
  const statement = JSON.parse(Buffer.from(json.dsseEnvelope.payload, "base64").toString()) as Statement
  const keyId = asHonest ? json.dsseEnvelope.signatures[0].keyid : stranger.keyId
  layer.bytes = Buffer.from(sealAttestation(statement, keyId, stranger.sign))
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
    all => edit(claim(all), one => void (one.verificationMaterial.publicKey.hint = stranger.keyId))
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

/** The same for whoever does not know the sender's root yet, and was told its fingerprint. */
const forStrangers: typeof resealed = [
  [
    "root replaced by a stranger's signature",
    "mapping-signed",
    all => {
      const root = all.find(one => isType(one, "l4.root"))!.layers[0]!
      const json = JSON.parse(root.bytes.toString())
      json.signatures[0].sig = Buffer.from(stranger.sign(root.bytes)).toString("base64")
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
  ]
]

function resealedAs(bundle: string, change: (artifacts: Artifact[]) => void): string {
  const artifacts = takeApart(bundle)
  change(artifacts)
  const place = newPlace()
  putTogether(artifacts, place)
  return place
}

async function resealedAttacks(changes: typeof resealed, bundle: string, target: Target): Promise<void> {
  for (const [name, code, change] of changes) await attackImport(name, resealedAs(bundle, change), { code }, target)
}

/** Signed again by a key that the store knows, in a role it has not. */
function signedBy(layer: Layer, signer: Signer, change: (statement: Statement) => Statement = one => one): void {
  const json = JSON.parse(layer.bytes.toString())
  const statement = JSON.parse(Buffer.from(json.dsseEnvelope.payload, "base64").toString()) as Statement
  layer.bytes = Buffer.from(sealAttestation(change(statement), signer.keyId, signer.sign))
}

/** What a key in the wrong hands, or a Statement about something else, can make of an honest Bundle. */
function swapped(a: Places, other: string, sibling: string): typeof resealed {
  const publisher = stolen(a, "publisher")
  const reviewer = stolen(a, "reviewer")
  const from = (place: string, predicate: string) => attestationOf(takeApart(place), predicate).layers[0]!.bytes
  return [
    ["sign-off by the Publisher's key", "signed-off", all => signedBy(attestationOf(all, "svr").layers[0]!, publisher)],
    ["Claim by the reviewer's key", "mapping-signed", all => signedBy(claim(all), reviewer)],
    [
      "sign-off of the Module's other Mapping",
      "signed-off",
      all => void (attestationOf(all, "svr").layers[0]!.bytes = from(sibling, "svr"))
    ],
    ["Claim of another Module", "no-mapping", all => void (claim(all).bytes = from(other, "urn:rtfs:l4:module"))],
    ["provenance of another Module", "envelopes-sound", all => void (attestationOf(all, "slsa").layers[0]!.bytes = from(other, "slsa"))],
    [
      "test results of another Module",
      "envelopes-sound",
      all => void (attestationOf(all, "test-result").layers[0]!.bytes = from(other, "test-result"))
    ],
    [
      "sign-off back-dated by its own reviewer and logged nowhere",
      "ledger-included",
      all =>
        signedBy(attestationOf(all, "svr").layers[0]!, reviewer, one => ({
          ...one,
          predicate: { ...one.predicate, timeCreated: "2020-01-01T00:00:00Z" }
        }))
    ],
    [
      "test results that say FAILED and are called passed",
      "tests-passed",
      all =>
        signedBy(attestationOf(all, "test-result").layers[0]!, publisher, one => ({
          ...one,
          predicate: { ...one.predicate, result: "FAILED" }
        }))
    ],
    [
      "Statement that a Publisher signed and nobody can read",
      "envelopes-sound",
      all => signedBy(attestationOf(all, "test-result").layers[0]!, publisher, one => ({ ...one, subject: [] }))
    ],
    ["Source larger than its limit", "bundle-refused", all => void (evidence(all, "source").bytes = Buffer.alloc(300 * 1024, " "))],
    ["Blob larger than 16 MiB", "bundle-refused", all => void (evidence(all, "source").bytes = Buffer.alloc(16 * 1024 * 1024 + 1))],
    ["attestation larger than 4 MiB", "bundle-refused", all => void (claim(all).bytes = Buffer.alloc(4 * 1024 * 1024 + 1, " "))]
  ]
}

/** What must not spoil an honest Mapping: it stays trusted, and nothing of the stranger's is written. */
async function spoilers(bundle: string, a: Places, b: Places): Promise<void> {
  const changes: readonly (readonly [string, (artifacts: Artifact[]) => void])[] = [
    [
      "refusal by a stranger, attached to spoil a Module",
      all => {
        const honest = attestationOf(all, "svr")
        const layer = { ...honest.layers[0]! }
        signedBy(layer, stranger, one => ({ ...one, predicate: { ...one.predicate, properties: ["RTFS_L4_REFUSED"] } }))
        all.push({ ...honest, layers: [layer] })
      }
    ],
    [
      "junk attached to spoil a Module",
      all =>
        void all.push({ ...attestationOf(all, "svr"), layers: [{ ...attestationOf(all, "svr").layers[0]!, bytes: Buffer.from("{}") }] })
    ],
    [
      "refusal in the Publisher's name, attached to spoil a Module",
      all => {
        const honest = attestationOf(all, "svr")
        const layer = { ...honest.layers[0]! }
        signedBy(layer, { keyId: stolen(a, "reviewer").keyId, sign: stranger.sign }, one => ({
          ...one,
          predicate: { ...one.predicate, properties: ["RTFS_L4_REFUSED"] }
        }))
        all.push({ ...honest, layers: [layer] })
      }
    ],
    ["vector replaced by one that nobody attested", all => void (evidence(all, "embedding").bytes = Buffer.alloc(1536, 7))]
  ]
  for (const [at, [name, change]] of changes.entries()) {
    const places = copyStore(b, `spoilt-${at}`)
    const engine = await open(places)
    const report = await engine.importBundle({ path: resealedAs(bundle, change) })
    const kinds = (await engine.ledger({})).lines.slice(0, 3).flatMap(line => line.parts.map(part => part.kind))
    const [row] = report.mappings
    const clean = name.startsWith("vector") ? !kinds.includes("embedding") : (row?.attestations.new ?? 9) <= 5
    note(name, clean ? "not-counted" : "written", row?.verdict.state === "trusted" && row.written && clean)
    await engine.close()
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
    [
      "index.json is a link",
      place => {
        fs.renameSync(path.join(place, "index.json"), path.join(place, "real.json"))
        fs.symlinkSync("real.json", path.join(place, "index.json"))
      }
    ],
    [
      "blobs folder is a link",
      place => {
        fs.renameSync(path.join(place, "blobs"), `${place}-elsewhere`)
        fs.symlinkSync(`${place}-elsewhere`, path.join(place, "blobs"))
      }
    ],
    ["blobs folder missing", place => fs.rmSync(path.join(place, "blobs"), { recursive: true })]
  ]
  for (const [name, change] of changes) {
    const place = copyOf(bundle)
    change(place)
    await attackImport(name, place, { code: "bundle-refused" }, target)
  }
}

/** Alice sends, Bob knows her root and has something of hers already, Carol was only told a fingerprint. */
export async function bundleAttacks(a: Places): Promise<void> {
  const alice = await open(a)
  // nothing of it is the victim's: what an attack takes away must not be here already
  const control = await accepted(alice, {
    ...adding("the control: add two numbers", "(+ b a)"),
    examples: [{ args: "[2 2]", result: "4" }]
  })
  const victim = await accepted(alice)
  const sibling = await accepted(alice, adding("sum two numbers"))
  const places = { control: newPlace(), bundle: newPlace(), sibling: newPlace(), tar: newPlace(".tar") }
  const exportAs = (mapping: string, target: string) => alice.exportBundle({ digests: [mapping], target })
  await exportAs(control.mapping, places.control)
  await exportAs(victim.mapping, places.bundle)
  await exportAs(sibling.mapping, places.sibling)
  await exportAs(victim.mapping, places.tar)
  const trustRoot = (await alice.root({})).own!.fingerprints[0]!
  await alice.close()

  const c = await freshStore("carol", "carol")
  const carol = { engine: await open(c), places: c }
  await attackImport("honest Bundle, root not confirmed", places.bundle, { code: "mapping-signed" }, carol)
  await attackImport(
    "honest Bundle, another fingerprint confirmed",
    places.bundle,
    { code: "mapping-signed" },
    { ...carol, trustRoot: "0".repeat(64) }
  )
  await resealedAttacks(forStrangers, places.bundle, { ...carol, trustRoot })
  const told = await carol.engine.importBundle({ path: places.bundle, dryRun: true, trustRoot })
  await carol.engine.close()

  const b = await freshStore("bob", "bob")
  const bob = { engine: await open(b), places: b }
  await bob.engine.importBundle({ path: places.control, trustRoot })
  const known = await bob.engine.importBundle({ path: places.bundle, dryRun: true })
  if (told.counts.trusted !== 1 || known.counts.trusted !== 1)
    throw new Error("the honest Bundle is not trusted: no attack would prove anything")
  await flipEveryKind(places.bundle, bob)
  await hostileArchives(places.tar, bob)
  await structureAttacks(places.bundle, bob)
  await resealedAttacks(resealed, places.bundle, bob)
  await resealedAttacks(swapped(a, places.control, places.sibling), places.bundle, bob)
  const pending = await open(a).then(async engine => {
    const made = await published(engine, adding("add two numbers, unread"))
    const target = newPlace()
    await engine.exportBundle({ digests: [made.mapping], target })
    await engine.close()
    return target
  })
  await bob.engine.close()
  await spoilers(places.bundle, a, b)
  const again = { engine: await open(b), places: b }
  const unread = newPlace()
  const artifacts = takeApart(pending)
  const module = artifacts.find(one => one.subject !== null)!.subject!
  artifacts.push({ ...attestationOf(takeApart(places.bundle), "svr"), subject: module })
  putTogether(artifacts, unread)
  // the newer checkpoint it comes under is kept, and nothing else of it
  await again.engine.importBundle({ path: pending })
  await attackImport("sign-off of a Mapping given to one that nobody read", unread, { code: "signed-off" }, again)
  await again.engine.close()
}
