/** Proof files and signatures checked a second time by other means: a verifier written apart from core, and the openssl program. */
import { execFileSync, spawnSync } from "node:child_process"
import { createHash, createPublicKey, verify } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { preAuthEncoding } from "../../electron/engine/core/dsse.ts"
import { prove } from "../../electron/engine/proof.ts"
import { scratchFolder } from "../engine/scratch.ts"
import { openTestStore } from "../engine/trust-store.ts"

const hash = (...parts: Uint8Array[]) => parts.reduce((sum, part) => sum.update(part), createHash("sha256")).digest()
const derPrefix = Buffer.from("302a300506032b6570032100", "hex")
const keyFrom = (raw: Uint8Array) => createPublicKey({ key: Buffer.concat([derPrefix, raw]), format: "der", type: "spki" })

/** RFC 9162, 2.1.3.2, by recursion over the tree's shape; shares nothing with core. Answers what is wrong, or "ok". */
function checkProof(file: string, entry: Uint8Array, vkey: string): string {
  const [head, ...noteParts] = file.split("\n\n")
  const [magic, indexLine, ...hashes] = (head ?? "").split("\n")
  if (magic !== "c2sp.org/tlog-proof@v1") return "no proof"
  const index = Number(/^index (\d+)$/.exec(indexLine ?? "")?.[1])
  const [text, signatures] = [`${noteParts[0]}\n`, noteParts[1] ?? ""]
  const [name, keyHash, material] = [vkey.split("+")[0], vkey.split("+")[1], Buffer.from(vkey.split("+").slice(2).join("+"), "base64")]
  const line = signatures.split("\n").find(one => one.startsWith(`\u2014 ${name} `))
  const blob = Buffer.from(line?.split(" ")[2] ?? "", "base64")
  if (blob.subarray(0, 4).toString("hex") !== keyHash) return "another key"
  if (!verify(null, Buffer.from(text), keyFrom(material.subarray(1)), blob.subarray(4))) return "bad signature"
  const [origin, size, root] = text.split("\n")
  if (origin !== name) return "another origin"
  const path = hashes.map(one => Buffer.from(one, "base64"))
  const climb = (at: number, count: number): Buffer | null => {
    if (count === 1) return at === 0 ? hash(Buffer.from([0]), entry) : null
    const left = 2 ** Math.floor(Math.log2(count - 1))
    const sibling = path.pop()
    const own = at < left ? climb(at, left) : climb(at - left, count - left)
    if (sibling === undefined || own === null) return null
    return at < left ? hash(Buffer.from([1]), own, sibling) : hash(Buffer.from([1]), sibling, own)
  }
  const computed = climb(index, Number(size))
  return path.length === 0 && computed?.toString("base64") === root ? "ok" : "not included"
}

async function provenStore() {
  const store = await openTestStore()
  const made = []
  for (let number = 0; number < 9; number++) made.push(await store.publish({ task: `task ${number}` }))
  return { store, made, vkey: store.state.root()!.newest.document.ledgers[0]!.vkey }
}

describe("a second verifier", () => {
  it("accepts our proof of every record, and of no other", async () => {
    const { store, made, vkey } = await provenStore()
    for (const [number, one] of made.entries()) {
      const { proof, sequence } = await prove({ digest: one.mapping }, store.state)
      expect(checkProof(proof, store.ports.ledger.entryBytes(sequence), vkey)).toBe("ok")
      expect(checkProof(proof, store.ports.ledger.entryBytes(sequence === 5 ? 6 : 5), vkey), String(number)).toBe("not included")
      expect(checkProof(proof.replace(/\n(\d+)\n/, "\n99\n"), store.ports.ledger.entryBytes(sequence), vkey)).toBe("bad signature")
    }
  })
})

const program = "openssl"
const hasOpenssl = spawnSync(program, ["version"]).status === 0
if (!hasOpenssl) console.warn("SKIPPED: there is no openssl program, so it checked none of our signatures")

describe.skipIf(!hasOpenssl)("the openssl program", () => {
  it("verifies our signature over the same bytes, and refuses one byte more", async () => {
    const { store, made } = await provenStore()
    const { dsseEnvelope } = JSON.parse(Buffer.from(made[0]!.attestations[0]!).toString())
    const folder = scratchFolder()
    const file = (name: string, bytes: Uint8Array) => {
      const place = path.join(folder, name)
      fs.writeFileSync(place, bytes)
      return place
    }
    const signed = preAuthEncoding(dsseEnvelope.payloadType, Buffer.from(dsseEnvelope.payload, "base64"))
    const key = file(
      "key.pem",
      Buffer.from(keyFrom(store.ports.keyring.publicKey(store.keys.publisher)!).export({ format: "pem", type: "spki" }) as string)
    )
    const signature = file("signature", Buffer.from(dsseEnvelope.signatures[0].sig, "base64"))
    const ask = (message: string) => ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", message, "-sigfile", signature]
    expect(execFileSync(program, ask(file("message", signed))).toString()).toMatch(/Verified Successfully/)
    expect(spawnSync(program, ask(file("other", Buffer.concat([signed, Buffer.from([0])])))).status).not.toBe(0)
  })
})
