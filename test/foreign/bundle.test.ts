/** Tools we did not write handle our Bundles: skopeo carries one to a registry and back unchanged, sigstore verifies what is in it. */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { createHash, createPublicKey } from "node:crypto"
import fs from "node:fs"
import net from "node:net"
import path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { keyIdOf, spkiOf } from "../../electron/engine/core/crypto.ts"
import { mediaTypes } from "../../electron/engine/core/oci.ts"
import { published, storeInMemory } from "../engine/opened.ts"
import { scratchFolder } from "../engine/scratch.ts"

const here = (program: string) => spawnSync("which", [program]).status === 0
const tools = here("skopeo") && here("docker-registry")
if (!tools) console.warn("SKIPPED: skopeo and docker-registry are not installed, so no Bundle went to a registry and back")

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}
interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly artifactType?: string
}

async function exportedFolder() {
  const { engine, store } = await storeInMemory()
  const { digest } = await published(engine)
  const folder = path.join(scratchFolder(), "bundle")
  await engine.exportBundle({ digests: [digest], target: folder })
  const blob = (digest: string) => fs.readFileSync(path.join(folder, "blobs", "sha256", digest.slice(7)))
  const index = JSON.parse(fs.readFileSync(path.join(folder, "index.json"), "utf8")) as { manifests: Descriptor[] }
  return { store, folder, blob, index }
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function startRegistry(): Promise<string> {
  const folder = scratchFolder()
  const port = await freePort()
  const config = path.join(folder, "config.yml")
  fs.writeFileSync(
    config,
    `version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${path.join(folder, "data")}\nhttp:\n  addr: 127.0.0.1:${port}\n`
  )
  const registry = spawn("docker-registry", ["serve", config], { stdio: "ignore" })
  onTestFinished(() => void registry.kill())
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(`http://127.0.0.1:${port}/v2/`).then(
        answer => answer.ok,
        () => false
      )
    )
      return `127.0.0.1:${port}`
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error("the registry did not start")
}

describe.skipIf(!tools)("skopeo and a registry", () => {
  it("take each manifest by its tag and give every Blob back unchanged", async () => {
    const { folder, index, blob } = await exportedFolder()
    const registry = await startRegistry()
    const manifests = index.manifests.filter(one => one.mediaType === mediaTypes.manifest)
    expect(manifests.length).toBeGreaterThan(7)
    for (const { digest, annotations } of manifests) {
      const tag = annotations?.["org.opencontainers.image.ref.name"] as string
      const remote = `docker://${registry}/l4/bundle:${tag}`
      execFileSync("skopeo", [
        "--insecure-policy",
        "copy",
        "-q",
        "--preserve-digests",
        "--dest-tls-verify=false",
        `oci:${folder}:${tag}`,
        remote
      ])
      const back = path.join(scratchFolder(), "back")
      execFileSync("skopeo", [
        "--insecure-policy",
        "copy",
        "-q",
        "--preserve-digests",
        "--src-tls-verify=false",
        remote,
        `oci:${back}:${tag}`
      ])
      const manifest = JSON.parse(blob(digest).toString()) as Manifest
      for (const one of [{ digest }, manifest.config, ...manifest.layers])
        expect(fs.readFileSync(path.join(back, "blobs", "sha256", one.digest.slice(7))).equals(blob(one.digest))).toBe(true)
    }
  })

  it("take the index of referrers by a plain PUT, as registries without the referrers API need it", async () => {
    const { folder, index, blob } = await exportedFolder()
    const registry = await startRegistry()
    for (const { annotations } of index.manifests.filter(one => one.mediaType === mediaTypes.manifest)) {
      const tag = annotations?.["org.opencontainers.image.ref.name"] as string
      execFileSync("skopeo", [
        "--insecure-policy",
        "copy",
        "-q",
        "--preserve-digests",
        "--dest-tls-verify=false",
        `oci:${folder}:${tag}`,
        `docker://${registry}/l4/bundle:${tag}`
      ])
    }
    const [fallback] = index.manifests.filter(one => one.mediaType === mediaTypes.index)
    const tag = fallback?.annotations?.["org.opencontainers.image.ref.name"] as string
    expect(tag).toMatch(/^sha256-[0-9a-f]{64}$/)
    const url = `http://${registry}/v2/l4/bundle/manifests/${tag}`
    const body = new Uint8Array(blob(fallback!.digest))
    const put = await fetch(url, { method: "PUT", headers: { "content-type": mediaTypes.index }, body })
    expect(put.status).toBe(201)
    const got = new Uint8Array(await (await fetch(url, { headers: { accept: mediaTypes.index } })).arrayBuffer())
    expect(createHash("sha256").update(got).digest("hex")).toBe(fallback!.digest.slice(7))
  })
})

describe("stock @sigstore/verify", () => {
  it("accepts every Attestation of a Bundle as its layer gives it, and none with a byte changed", async () => {
    const names = ["@sigstore/bundle", "@sigstore/verify"]
    const [bundle, verify] = await Promise.all(names.map(name => import(/* @vite-ignore */ name)))
    const { index, blob, store } = await exportedFolder()
    const keys = new Map(store.ports.keyring.list().map(key => [key.id as string, store.ports.keyring.publicKey(key.id) as Uint8Array]))
    const none = {
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [],
      certificateAuthorities: [],
      ctlogs: [],
      timestampAuthorities: []
    }
    const trust = verify.toTrustMaterial(none, (hint: string) => {
      const publicKey = keys.get(hint) as Uint8Array
      expect(keyIdOf(publicKey)).toBe(hint)
      return { publicKey: createPublicKey({ key: Buffer.from(spkiOf(publicKey)), format: "der", type: "spki" }), validFor: () => true }
    })
    const verifier = new verify.Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
    const check = (text: string) => verifier.verify(verify.toSignedEntity(bundle.bundleFromJSON(JSON.parse(text))))
    let accepted = 0
    for (const { digest } of index.manifests.filter(one => one.mediaType === mediaTypes.manifest)) {
      const manifest = JSON.parse(blob(digest).toString()) as Manifest
      if (manifest.artifactType !== mediaTypes.attestation) continue
      const text = blob(manifest.layers[0]!.digest).toString()
      check(text)
      accepted++
      const changed = JSON.parse(text) as { dsseEnvelope: { payload: string } }
      const payload = Buffer.from(changed.dsseEnvelope.payload, "base64")
      payload[payload.length >> 1]! ^= 1
      changed.dsseEnvelope.payload = payload.toString("base64")
      expect(() => check(JSON.stringify(changed))).toThrow(expect.objectContaining({ code: "SIGNATURE_ERROR" }))
    }
    expect(accepted).toBe(5)
  })
})
