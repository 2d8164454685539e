/** Bundles as files: equal bytes for equal content, and every hostile archive refused with what was expected and found. */
import fs from "node:fs"
import path from "node:path"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { createBundleFiles } from "../../electron/engine/adapters/bundle-reader.ts"
import { createDigestTable } from "../../electron/engine/adapters/digest-table.ts"
import { concatBytes, digestOf, sha256 } from "../../electron/engine/core/digest.ts"
import { readIndex } from "../../electron/engine/core/index-json.ts"
import { consistencyProof, inclusionProof, leafHash, merkleRoot } from "../../electron/engine/core/merkle.ts"
import { createMerkleTree } from "../../electron/engine/core/merkle-tree.ts"
import { indexPieces, layoutBytes } from "../../electron/engine/core/oci.ts"
import { tarEnd, tarHeader, tarPadding } from "../../electron/engine/core/tar.ts"
import type { BundleSource } from "../../electron/engine/ports.ts"
import { hexOf } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { scratchFolder, textBytes } from "./scratch.ts"

const files = createBundleFiles()
const hello = textBytes("hello")
const emptyIndex = textBytes('{"manifests":[],"schemaVersion":2}')

/** A header whose name is spelled past the writer's checks, with any type flag and any size claim. */
function header(name: string, size: number, flag = "0", change: (block: Uint8Array) => void = () => {}): Uint8Array {
  const block = tarHeader({ kind: "file", name: "x", size })
  block.fill(0, 0, 100)
  block.set(textBytes(name).subarray(0, 100), 0)
  block[156] = flag.charCodeAt(0)
  change(block)
  block.fill(32, 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.set(textBytes(`${sum.toString(8).padStart(6, "0")}\0 `), 148)
  return block
}

function file(name: string, content: Uint8Array, flag = "0"): Uint8Array {
  return concatBytes(header(name, content.length, flag), content, new Uint8Array(tarPadding(content.length)))
}

const base = concatBytes(file("oci-layout", layoutBytes), file("index.json", emptyIndex))
const blobName = `blobs/sha256/${hexOf(digestOf(hello))}`

function openTar(bytes: Uint8Array): BundleSource {
  const place = path.join(scratchFolder(), "b.tar")
  fs.writeFileSync(place, bytes)
  return files.open(place)
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (failure) {
    if (failure instanceof EngineFailure && failure.code === "bundle-refused") return failure.message
    throw failure
  }
  return "accepted"
}

describe("a tar that is no honest Bundle", () => {
  const whole = concatBytes(base, tarEnd)
  it.each<[string, () => Uint8Array, RegExp]>([
    ["a symbolic link", () => concatBytes(base, header("blobs", 0, "2"), tarEnd), /symbolic link/],
    ["a hard link", () => concatBytes(base, header("blobs", 0, "1"), tarEnd), /hard link/],
    ["a character device", () => concatBytes(base, header("blobs", 0, "3"), tarEnd), /character device/],
    ["a FIFO", () => concatBytes(base, header("blobs", 0, "6"), tarEnd), /FIFO/],
    ["a sparse entry", () => concatBytes(base, header("blobs", 0, "S"), tarEnd), /sparse/],
    ["a pax extension", () => concatBytes(base, file("p", textBytes("12 path=../x\n"), "x"), tarEnd), /pax/],
    ["a GNU long name", () => concatBytes(base, file("p", textBytes("../x"), "L"), tarEnd), /GNU/],
    ["an absolute path", () => concatBytes(base, file("/etc/passwd", hello), tarEnd), /absolute/],
    ["a path that climbs", () => concatBytes(base, file("blobs/../../x", hello), tarEnd), /climbs/],
    [
      "a climbing prefix",
      () =>
        concatBytes(
          base,
          header("x", 0, "0", block => block.set(textBytes(".."), 345)),
          tarEnd
        ),
      /climbs/
    ],
    ["a backslash", () => concatBytes(base, file("blobs\\sha256\\x", hello), tarEnd), /backslash/],
    ["a NUL", () => concatBytes(base, file("oci-layout\0x", hello), tarEnd), /NUL/],
    ["a drive letter", () => concatBytes(base, file("C:x", hello), tarEnd), /drive letter/],
    [
      "ill-formed UTF-8",
      () =>
        concatBytes(
          base,
          header("x", 0, "0", block => block.set([0xff, 0xfe], 0)),
          tarEnd
        ),
      /UTF-8/
    ],
    ["another path than those of the layout", () => concatBytes(base, file("readme", hello), tarEnd), /expected oci-layout, index\.json/],
    ["one name twice", () => concatBytes(base, file("index.json", hello), tarEnd), /twice/],
    ["one name twice after folding", () => concatBytes(base, file("INDEX.json", hello), tarEnd), /twice/],
    [
      "an oversized Blob",
      () => concatBytes(base, header(blobName, 16 * 1024 * 1024 + 1), tarEnd, new Uint8Array(17 * 1024 * 1024)),
      /expected at most 16777216 bytes, found 16777217/
    ],
    ["a size beyond the file", () => concatBytes(base, header(blobName, 5000), hello), /expected 5000 bytes, found 5/],
    ["no end", () => base, /half copied/],
    ["a header cut short", () => whole.subarray(0, whole.length - 1500), /cut short|half copied|checksum/],
    ["a changed header", () => whole.map((byte, at) => (at === 3 ? byte ^ 1 : byte)), /checksum/],
    ["no index.json", () => concatBytes(file("oci-layout", layoutBytes), tarEnd), /no index\.json/],
    ["gzip", () => gzipSync(whole), /compressed with gzip.*gunzip/],
    ["zstd", () => zstdCompressSync(whole), /compressed with zstd/],
    ["xz", () => new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]), /compressed with xz/],
    ["zip", () => new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0, 0]), /compressed with zip/]
  ])("is refused: %s", (_, make, why) => {
    expect(refusal(() => openTar(new Uint8Array(make())))).toMatch(why)
  })

  it("is refused when a Blob's bytes are not those of its name, at every read", () => {
    const source = openTar(concatBytes(base, file(blobName, textBytes("jello")), tarEnd))
    expect(refusal(() => source.blob(digestOf(hello)))).toMatch(/do not match its name/)
    expect(refusal(() => source.blob(digestOf(hello), 4))).toMatch(/has 5 bytes, its descriptor says 4/)
    expect(refusal(() => source.blob(digestOf(textBytes("absent"))))).toMatch(/half copied/)
  })
})

describe("a Bundle written", () => {
  async function write(place: string) {
    const sink = files.create(place)
    for (const text of ["one", "two", "one"]) sink.put(textBytes(text))
    return sink.finish([emptyIndex])
  }

  it("has equal bytes each time, and reads back from directory and tar", async () => {
    const folder = scratchFolder()
    const places = ["a.tar", "b.tar", "c"].map(name => path.join(folder, name))
    for (const place of places) await write(place)
    expect(fs.readFileSync(places[0]!)).toEqual(fs.readFileSync(places[1]!))
    for (const place of places) {
      const source = files.open(place)
      expect([...source.unchecked()].length).toBe(2)
      expect(source.blob(digestOf(textBytes("two")))).toEqual(textBytes("two"))
      source.close()
    }
    expect(fs.readdirSync(folder).sort()).toEqual(["a.tar", "b.tar", "c"])
  })

  it("leaves nothing behind when it is abandoned, and takes no place that is taken", () => {
    const folder = scratchFolder()
    const sink = files.create(path.join(folder, "x.tar"))
    sink.put(hello)
    sink.abandon()
    expect(fs.readdirSync(folder)).toEqual([])
    fs.writeFileSync(path.join(folder, "x.tar"), "mine")
    expect(() => files.create(path.join(folder, "x.tar"))).toThrow(/something at/)
  })

  it("follows no link in a directory, and overlooks what does not belong to the layout", async () => {
    const folder = scratchFolder()
    const place = path.join(folder, "b")
    await write(place)
    fs.writeFileSync(path.join(place, "README"), "extra")
    const source = files.open(place)
    expect([...source.unchecked()].length).toBe(2)
    const blob = path.join(place, "blobs", "sha256", hexOf(digestOf(textBytes("two"))))
    fs.rmSync(blob)
    fs.symlinkSync("/etc/hostname", blob)
    expect(refusal(() => files.open(place).blob(digestOf(textBytes("two"))))).toMatch(/link/)
  })
})

describe("index.json", () => {
  const descriptor = (text: string) => ({ mediaType: "text/x", digest: digestOf(textBytes(text)), size: text.length })
  const read = (text: string, piece: number) => {
    const bytes = textBytes(text)
    const pieces: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += piece) pieces.push(bytes.subarray(at, at + piece))
    return [...readIndex(pieces)].map(one => one.digest)
  }

  it.each([1, 2, 7, 64, 10_000])("is read the same in pieces of %d bytes", piece => {
    const all = [descriptor("b"), descriptor('a "quoted" \\ {[')]
    const bytes = concatBytes(...indexPieces(all))
    expect(read(new TextDecoder().decode(bytes), piece).sort()).toEqual(all.map(one => one.digest).sort())
    expect(read(JSON.stringify({ schemaVersion: 2, annotations: { a: "]}" }, manifests: all }, null, 2), piece)).toEqual(
      all.map(one => one.digest)
    )
  })

  it.each([
    ['{"manifests":[],"schemaVersion":2', /ends at byte/],
    ['{"manifests":[],"schemaVersion":2,}', /unexpected/],
    ['{"manifests":[],"schemaVersion":2}x', /unexpected/],
    ['{"schemaVersion":2}', /no manifests/],
    ['{"manifests":[]}', /no schemaVersion/],
    ['{"manifests":[],"manifests":[],"schemaVersion":2}', /twice/],
    ['{"manifests":[],"schemaVersion":3}', /schemaVersion 2/],
    ['{"manifests":{},"schemaVersion":2}', /unexpected/],
    ['{"manifests":[,],"schemaVersion":2}', /unexpected/],
    ['{"manifests":[{"mediaType":"x","digest":"sha256:1","size":1}],"schemaVersion":2}', /sha256/],
    [`{"manifests":[{"mediaType":"a+gzip","digest":"sha256:${"0".repeat(64)}","size":1}],"schemaVersion":2}`, /compressed/],
    [`{"a":${"[".repeat(60)}${"]".repeat(60)},"manifests":[],"schemaVersion":2}`, /depth/]
  ])("is refused: %s", (text, why) => {
    expect(() => read(text, 5)).toThrow(why)
  })
})

it("answers the proofs that the plain functions answer, at every size", () => {
  const leaves = Array.from({ length: 33 }, (_, at) => leafHash(new Uint8Array([at])))
  for (let size = 1; size <= leaves.length; size++) {
    const some = leaves.slice(0, size)
    const tree = createMerkleTree(some, sha256)
    expect(tree.root()).toEqual(merkleRoot(some))
    for (let at = 0; at < size; at++) expect(tree.inclusion(at)).toEqual(inclusionProof(some, at))
  }
  expect(consistencyProof(leaves, 7).length).toBeGreaterThan(0)
})

it("finds every Blob's place in flat memory, in the order of the Digests, and none twice", () => {
  const table = createDigestTable()
  const all = Array.from({ length: 5_000 }, (_, at) => hexOf(digestOf(textBytes(String(at)))))
  for (const [at, hex] of all.entries()) expect(table.add(hex, at * 2 ** 33, at)).toBe(at)
  expect(table.add(all[17]!, 1, 1)).toBe(-1)
  expect(table.size).toBe(all.length)
  for (const [at, hex] of all.entries()) {
    const number = table.find(hex)
    expect([number, table.hex(number), table.start(number), table.length(number)]).toEqual([at, hex, at * 2 ** 33, at])
  }
  expect(table.find(hexOf(digestOf(textBytes("absent"))))).toBe(-1)
  expect([...table.sorted()].map(number => table.hex(number))).toEqual(all.toSorted())
})
