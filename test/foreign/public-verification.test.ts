/** The recipe for servers without our code: verify.sh accepts an honest Bundle and runs its Module, and refuses each tampering with its reason. */
import { execFile, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { mediaTypes } from "../../electron/engine/core/oci.ts"
import { published, storeInMemory } from "../engine/opened.ts"
import { scratchFolder } from "../engine/scratch.ts"

const script = fileURLToPath(new URL("../../resources/public-verification/verify.sh", import.meta.url))
const missing = ["openssl", "jq", "sha256sum", "tar"].filter(program => spawnSync("which", [program]).status !== 0)
if (missing.length > 0) console.warn(`SKIPPED: ${missing.join(", ")} not installed, so the public verification was not tried`)

const wasmtime = spawnSync("python3", ["-c", "import wasmtime"]).status === 0
if (!wasmtime) console.warn("SKIPPED: no python3 with wasmtime on this machine, so no exported Module ran there with its exported runtime")

interface Descriptor {
  digest: string
  size: number
  artifactType?: string
}

const hexOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const fileOf = (folder: string, digest: string) => path.join(folder, "blobs", "sha256", digest.replace("sha256:", ""))
const indexOf = (folder: string) => JSON.parse(fs.readFileSync(path.join(folder, "index.json"), "utf8")) as { manifests: Descriptor[] }
const writeIndex = (folder: string, index: object) => fs.writeFileSync(path.join(folder, "index.json"), JSON.stringify(index))

/** Puts other bytes in a Blob's place and lets every manifest and the index follow: digests and sizes are right again. */
function replaceBlob(folder: string, digest: string, bytes: Uint8Array): void {
  const fresh = `sha256:${hexOf(bytes)}`
  fs.writeFileSync(fileOf(folder, fresh), bytes)
  const follow = (text: string) =>
    JSON.stringify(
      JSON.parse(text, (_, value: unknown) =>
        typeof value === "object" && value !== null && (value as Descriptor).digest === digest
          ? { ...value, digest: fresh, size: bytes.length }
          : value
      )
    )
  for (const { digest: manifest } of indexOf(folder).manifests) {
    const text = fs.readFileSync(fileOf(folder, manifest), "utf8")
    if (manifest !== digest && text.includes(digest)) replaceBlob(folder, manifest, Buffer.from(follow(text)))
  }
  writeIndex(folder, JSON.parse(follow(fs.readFileSync(path.join(folder, "index.json"), "utf8"))))
}

/** The layers of manifests of a type, as their Digest and text. */
function layersOf(folder: string, type: string): { digest: string; text: string }[] {
  return indexOf(folder).manifests.flatMap(one => {
    if (one.artifactType !== type) return []
    const { layers } = JSON.parse(fs.readFileSync(fileOf(folder, one.digest), "utf8")) as { layers: Descriptor[] }
    return layers.map(({ digest }) => ({ digest, text: fs.readFileSync(fileOf(folder, digest), "utf8") }))
  })
}

const payloadOf = (text: string) =>
  Buffer.from((JSON.parse(text) as { dsseEnvelope: { payload: string } }).dsseEnvelope.payload, "base64").toString()

function withPayload(text: string, change: (payload: string) => string): Buffer {
  const json = JSON.parse(text) as { dsseEnvelope: { payload: string } }
  json.dsseEnvelope.payload = Buffer.from(change(payloadOf(text))).toString("base64")
  return Buffer.from(JSON.stringify(json))
}

function leaveOut(folder: string, drop: (manifest: Descriptor) => boolean): void {
  const index = indexOf(folder)
  writeIndex(folder, { ...index, manifests: index.manifests.filter(one => !drop(one)) })
}

function attestationSaying(folder: string, word: string) {
  const found = layersOf(folder, mediaTypes.attestation).find(({ text }) => payloadOf(text).includes(word))
  if (found === undefined) throw new Error(`no Attestation says ${word}`)
  return found
}

type Tampering = readonly [name: string, tamper: (folder: string) => void, why: RegExp]

const tamperings: readonly Tampering[] = [
  [
    "a byte of the Module changed",
    folder => {
      const [file] = fs.readdirSync(path.join(folder, "blobs", "sha256")).map(name => fileOf(folder, name))
      const bytes = fs.readFileSync(file!)
      bytes[bytes.length >> 1]! ^= 1
      fs.writeFileSync(file!, bytes)
    },
    /do not match their names/
  ],
  [
    "another entry in the Claim",
    folder => {
      const { digest, text } = attestationSaying(folder, '"urn:rtfs:l4:module:v1"')
      replaceBlob(
        folder,
        digest,
        withPayload(text, payload => payload.replace('"entry":"add"', '"entry":"bad"'))
      )
    },
    /no Claim of this Module/
  ],
  [
    "failed Examples called passed",
    folder => {
      const { digest, text } = attestationSaying(folder, "PASSED")
      replaceBlob(
        folder,
        digest,
        withPayload(text, payload => payload.replace('["1","2"]', '["1","3"]'))
      )
    },
    /no test result/
  ],
  [
    "the sign-off left out",
    folder => {
      const { digest } = attestationSaying(folder, "RTFS_L4_SIGNED_OFF")
      leaveOut(folder, one => fs.readFileSync(fileOf(folder, one.digest), "utf8").includes(digest))
    },
    /0 of 1 reviewers/
  ],
  ["the ledger's proofs left out", folder => leaveOut(folder, one => one.artifactType === mediaTypes.ledger), /no Claim of this Module/],
  [
    "another head in a checkpoint",
    folder => {
      for (const { digest, text } of layersOf(folder, mediaTypes.ledger)) {
        const at = text.indexOf("\n\n")
        if (text.startsWith("c2sp.org/tlog-proof"))
          replaceBlob(folder, digest, Buffer.from(`${text.slice(0, at - 8)}AAAAAAA=${text.slice(at)}`))
      }
    },
    /no Claim of this Module/
  ],
  [
    "the root left out",
    folder => leaveOut(folder, one => one.artifactType === mediaTypes.root),
    /no root in the Bundle has the fingerprint/
  ],
  [
    "a Blob that is a link",
    folder => {
      const { digest } = attestationSaying(folder, "PASSED")
      fs.rmSync(fileOf(folder, digest))
      fs.symlinkSync("/etc/hostname", fileOf(folder, digest))
    },
    /no plain file/
  ],
  ["half of it gone", folder => fs.rmSync(fileOf(folder, indexOf(folder).manifests[0]!.digest)), /missing|half copied/]
]

interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

function run(words: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  return new Promise(resolve => {
    execFile("sh", [script, ...words], { env: { ...process.env, NODE: process.execPath, ...environment } }, (failure, out, err) =>
      resolve({ exit: failure === null ? 0 : Number(failure.code), out, err })
    )
  })
}

async function bundle(
  then: (engine: Awaited<ReturnType<typeof storeInMemory>>["engine"], digest: string) => Promise<unknown> = async () => {}
) {
  const { engine } = await storeInMemory()
  const { digest } = await published(engine)
  await then(engine, digest)
  const folder = path.join(scratchFolder(), "bundle")
  await engine.exportBundle({ digests: [digest], target: folder })
  await engine.exportBundle({ digests: [digest], target: `${folder}.tar` })
  return { folder, fingerprint: (await engine.root({})).own?.fingerprints.at(-1) ?? "", module: digest.slice(7) }
}

it.skipIf(missing.length > 0)(
  "accepts an honest Bundle and runs its Module, and refuses each tampering with its reason",
  async () => {
    const { folder, fingerprint, module } = await bundle()
    const [directory, tar, more, stranger] = await Promise.all([
      run([folder, fingerprint, module, "[2, 3]"]),
      run([`${folder}.tar`, fingerprint, module]),
      run([folder, fingerprint, module], { REVIEWERS: "2" }),
      run([folder, "0".repeat(64), module])
    ])
    expect(directory, directory.err).toMatchObject({ exit: 0, out: expect.stringMatching(/VERIFIED: Mapping [0-9a-f]{64}\n5\n$/) })
    expect(tar, tar.err).toMatchObject({ exit: 0, out: expect.stringContaining("VERIFIED") })
    expect(more).toMatchObject({ exit: 1, err: expect.stringContaining("1 of 2 reviewers") })
    expect(stranger).toMatchObject({ exit: 1, err: expect.stringContaining("no root in the Bundle has the fingerprint") })
    const refused = await Promise.all(
      tamperings.map(async ([name, tamper, why], at) => {
        const copy = path.join(scratchFolder(), String(at))
        fs.cpSync(folder, copy, { recursive: true })
        tamper(copy)
        return { name, why, ...(await run([copy, fingerprint, module])) }
      })
    )
    for (const { name, why, exit, out, err } of refused) {
      expect(err, name).toMatch(why)
      expect(exit, name).toBe(1)
      expect(out, name).not.toContain("VERIFIED")
    }
    const names = path.join(scratchFolder(), "names.tar")
    spawnSync("tar", ["-cf", names, "-C", path.dirname(folder), "--transform", "s:^bundle/oci-layout:../escaped:", "bundle/oci-layout"])
    expect(await run([names, fingerprint, module])).toMatchObject({
      exit: 1,
      err: expect.stringContaining("the archive holds these names")
    })
    expect((await run([folder, "short", module])).exit).toBe(2)
    const elsewhere = await run([folder, fingerprint, module, "[2, 3]"], { NODE: "/nowhere/node", RUNNER: "wasmtime" })
    if (wasmtime) expect(elsewhere, elsewhere.err).toMatchObject({ exit: 0, out: expect.stringMatching(/VERIFIED.*\n5\n$/) })
    else expect(elsewhere).toMatchObject({ exit: 3, err: expect.stringContaining("NOT RUN") })
  },
  300_000
)

it.skipIf(missing.length > 0)(
  "refuses what a reviewer refused and what the authority revoked",
  async () => {
    const refusing = await bundle((engine, digest) => engine.signOff({ digest, signOff: { decision: "reject", note: "it overflows" } }))
    const revoking = await bundle((engine, digest) => engine.revoke({ what: digest, reason: "harmful" }))
    const ran = await Promise.all([refusing, revoking].map(({ folder, fingerprint, module }) => run([folder, fingerprint, module])))
    expect(ran.map(one => one.exit)).toEqual([1, 1])
    expect(ran[0]?.err).toContain("a reviewer refused this Mapping")
    expect(ran[1]?.err).toContain("the Module is revoked")
  },
  300_000
)
