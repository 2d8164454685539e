import { createPublicKey, verify as platformVerify } from "node:crypto"
import { describe, expect, it } from "vitest"
import {
  ledgerKeyOf,
  openCheckpoint,
  parseVkey,
  proofFile,
  signCheckpoint,
  verifyProofFile,
  vkeyOf
} from "../../../electron/engine/core/checkpoint.ts"
import { publicKeyOf, signWithSeed, spkiOf, verifySignature } from "../../../electron/engine/core/crypto.ts"
import { inclusionProof, leafHash, merkleRoot } from "../../../electron/engine/core/merkle.ts"
import { utf8Encode } from "../../../electron/engine/core/utf8.ts"

const seed = new Uint8Array(32).fill(9)
const name = "example.invalid/ledger/0123456789abcdef"
const key = ledgerKeyOf(name, publicKeyOf(seed))
const entries = ["one", "two", "three", "four", "five"].map(text => utf8Encode(text))
const leaves = entries.map(entry => leafHash(entry))
const checkpoint = { origin: name, size: 5, root: merkleRoot(leaves) }
const note = signCheckpoint(checkpoint, key, message => signWithSeed(seed, message))
const open = (text: string) => openCheckpoint(text, key, verifySignature)

/** The published example of the Go implementation of signed notes. */
const publishedKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
const publishedNote = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`

describe("verifier keys", () => {
  it("are written and read as the published example is", () => {
    const published = parseVkey(publishedKey)
    expect(published?.name).toBe("PeterNeumann")
    expect(vkeyOf(published!)).toBe(publishedKey)
  })

  it("verify the published note's text", () => {
    const { publicKey, hash } = parseVkey(publishedKey)!
    const [text, line] = publishedNote.split("\n\n") as [string, string]
    const bytes = Uint8Array.from(atob(line.trim().split(" ")[2]!), letter => letter.charCodeAt(0))
    expect(bytes.slice(0, 4)).toEqual(hash)
    expect(verifySignature(bytes.slice(4), utf8Encode(`${text}\n`), publicKey)).toBe(true)
  })

  it.each([
    "",
    "name",
    "a+b+c",
    publishedKey.replace("c74f20a3", "c74f20a4"),
    publishedKey.replace("Peter", "Pieter"),
    `with space${publishedKey}`
  ])("%s is none", text => {
    expect(parseVkey(text)).toBeNull()
  })
})

describe("a checkpoint", () => {
  it("opens under its key, and a second verifier of the same bytes agrees", () => {
    expect(open(note)).toEqual(checkpoint)
    const [text, line] = note.split("\n\n") as [string, string]
    const bytes = Buffer.from(line.trim().split(" ")[2]!, "base64")
    const platformKey = createPublicKey({ key: Buffer.from(spkiOf(key.publicKey)), format: "der", type: "spki" })
    expect(platformVerify(null, Buffer.from(`${text}\n`), platformKey, bytes.subarray(4))).toBe(true)
  })

  it("ignores signatures of other keys and types, wherever they stand", () => {
    const other = signCheckpoint(
      checkpoint,
      ledgerKeyOf("witness.invalid", publicKeyOf(new Uint8Array(32).fill(8))),
      () => new Uint8Array(64)
    )
    const line = other.split("\n\n")[1]!
    expect(open(note + line)).toEqual(checkpoint)
    expect(open(note.replace("\n\n", `\n\n${line}`))).toEqual(checkpoint)
  })

  it.each<[string, string, RegExp]>([
    [
      "a failing signature of the known key",
      note + signCheckpoint(checkpoint, key, () => new Uint8Array(64)).split("\n\n")[1]!,
      /does not hold/
    ],
    ["another size", note.replace("\n5\n", "\n4\n"), /does not hold/],
    [
      "another origin",
      signCheckpoint({ ...checkpoint, origin: "other.invalid" }, key, message => signWithSeed(seed, message)),
      /is of other.invalid/
    ],
    [
      "no signature of the key",
      signCheckpoint(checkpoint, ledgerKeyOf("witness.invalid", key.publicKey), message => signWithSeed(seed, message)),
      /did not sign/
    ],
    ["a size with a leading zero", note.replace("\n5\n", "\n05\n"), /no origin, size and root/],
    ["a root cut short", note.replace(/\n5\n[^\n]+/, "\n5\nAAAA"), /no origin, size and root/],
    ["no blank line", note.replace("\n\n", "\n"), /no signed note/],
    ["a control character", note.replace("ledger", "led\u0007ger"), /control characters/],
    ["17 signatures", note + (note.split("\n\n")[1] ?? "").repeat(16), /at most 16/],
    ["too many bytes", note + "x".repeat(70_000), /at most/]
  ])("is refused with %s", (_what, text, reason) => {
    expect(open(text)).toMatch(reason)
  })
})

describe("a proof file", () => {
  const fileOf = (index: number) => proofFile(index, inclusionProof(leaves, index), note)
  const check = (file: string, entry: Uint8Array) => verifyProofFile(utf8Encode(file), entry, key, verifySignature)

  it("proves each entry at its position and no other entry", () => {
    for (const [index, entry] of entries.entries()) {
      expect(check(fileOf(index), entry)).toEqual({ kind: "included", index, checkpoint })
      expect(check(fileOf(index), utf8Encode("six")).kind).toBe("refused")
    }
  })

  it("never trusts what stands under `extra`", () => {
    expect(check(fileOf(1).replace("\nindex", "\nextra AAAA\nindex"), entries[1]!).kind).toBe("included")
  })

  it.each<[string, (file: string) => string, RegExp]>([
    ["another header", file => file.replace("@v1", "@v2"), /begins with/],
    ["another index", file => file.replace("index 1", "index 2"), /does not lead/],
    ["an index with a leading zero", file => file.replace("index 1", "index 01"), /no index/],
    ["a hash left out", file => file.replace(/(index 1\n)[^\n]+\n/, "$1"), /does not lead/],
    ["a hash too short", file => file.replace(/(index 1\n)[^\n]+/, "$1AAAA"), /malformed/],
    ["no checkpoint", file => file.split("\n\n")[0]!, /./]
  ])("is refused with %s", (_what, change, reason) => {
    expect(check(change(fileOf(1)), entries[1]!)).toMatchObject({ kind: "refused", reason: expect.stringMatching(reason) })
  })
})
