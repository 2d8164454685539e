/** Each limit of a Bundle, refused with what was expected and found; and Bundles of newer formats, or half copied. */
import fs from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { createBundleFiles } from "../../electron/engine/adapters/bundle-reader.ts"
import { readContents } from "../../electron/engine/bundle.ts"
import { digestOf } from "../../electron/engine/core/digest.ts"
import type { Descriptor } from "../../electron/engine/core/oci.ts"
import {
  artifactManifestBytes,
  bundleLimits,
  emptyBytes,
  indexPieces,
  layoutBytes,
  mediaTypes,
  moduleManifestBytes,
  tagged,
  wasmConfigBytes
} from "../../electron/engine/core/oci.ts"
import { pathBytesMax, readTarHeader, tarHeader } from "../../electron/engine/core/tar.ts"
import type { BundleSink } from "../../electron/engine/ports.ts"
import { hexOf } from "../../shared/digest.ts"
import { EngineFailure } from "../../shared/failure.ts"
import { scratchFolder, textBytes } from "./scratch.ts"

const mebibyte = 1024 * 1024

/** A directory with a layout, an index of these descriptors and these Blobs. */
function layout(manifests: readonly Descriptor[], blobs: readonly Uint8Array[] = [], version = layoutBytes): string {
  const folder = path.join(scratchFolder(), "b")
  const directory = path.join(folder, "blobs", "sha256")
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(path.join(folder, "oci-layout"), version)
  fs.writeFileSync(path.join(folder, "index.json"), Buffer.concat([...indexPieces(manifests)]))
  for (const bytes of blobs) fs.writeFileSync(path.join(directory, hexOf(digestOf(bytes))), bytes)
  return folder
}

const manifestOf = (bytes: Uint8Array): Descriptor => ({ mediaType: mediaTypes.manifest, digest: digestOf(bytes), size: bytes.length })

async function refusalOf(folder: string, limits: Parameters<typeof createBundleFiles>[0] = bundleLimits): Promise<EngineFailure> {
  try {
    const source = createBundleFiles(limits).open(folder)
    try {
      await readContents(source)
    } finally {
      source.close()
    }
  } catch (failure) {
    if (failure instanceof EngineFailure) return failure
    throw failure
  }
  throw new Error("expected a refusal")
}

const small = artifactManifestBytes("x/y", [], null)
const deep = textBytes(`{"schemaVersion":2,"config":${'{"a":'.repeat(40)}1${"}".repeat(40)},"layers":[]}`)
const missing: Descriptor = { mediaType: "x/y", digest: digestOf(textBytes("gone")), size: 4 }

describe("a directory", () => {
  it.each<[string, () => string, RegExp]>([
    [
      "an index of more than 64 MiB",
      () => {
        const folder = layout([])
        fs.truncateSync(path.join(folder, "index.json"), 64 * mebibyte + 1)
        return folder
      },
      /index\.json is too large: expected at most 67108864 bytes, found 67108865/
    ],
    [
      "a manifest of more than 4 MiB",
      () => layout([{ ...manifestOf(small), size: 4 * mebibyte + 1 }], [small]),
      /expected at most 4194304 bytes in the manifest .*, found 4194305/
    ],
    ["a Blob of more than 16 MiB", withLargeBlob, /too large: expected at most 16777216 bytes, found 16777217/],
    ["a manifest nested deeper than 32", () => layout([manifestOf(deep)], [deep]), /nested at most 32 deep/],
    [
      "an oci-layout of another version",
      () => layout([], [], textBytes('{"imageLayoutVersion":"1.1.0"}')),
      /expected imageLayoutVersion 1\.0\.0, found "1\.1\.0": a newer format/
    ],
    [
      "a layer that is gone",
      () => {
        const manifest = artifactManifestBytes("x/y", [missing], null)
        return layout([manifestOf(manifest)], [manifest, emptyBytes])
      },
      /half copied/
    ],
    [
      "a subject that is gone",
      () => {
        const manifest = artifactManifestBytes("x/y", [], manifestOf(deep))
        return layout([manifestOf(manifest)], [manifest, emptyBytes])
      },
      /half copied/
    ],
    [
      "subjects that are no manifests of the index",
      () => {
        const manifest = artifactManifestBytes("x/y", [], manifestOf(small))
        return layout([manifestOf(manifest)], [manifest, small, emptyBytes])
      },
      /not in index\.json/
    ],
    ["a descriptor of another kind", () => layout([{ ...missing, mediaType: "text/plain" }]), /expected manifests and indexes/],
    [
      "a compressed layer",
      () => {
        const manifest = artifactManifestBytes("x/y", [{ ...manifestOf(emptyBytes), mediaType: "application/x+zstd" }], null)
        return layout([manifestOf(manifest)], [manifest, emptyBytes])
      },
      /compressed .*unpack the layer first/
    ],
    [
      "a manifest of a newer schema",
      () => layout([manifestOf(textBytes('{"schemaVersion":3}'))], [textBytes('{"schemaVersion":3}')]),
      /schema version 2/
    ]
  ])("is refused with %s", async (_, make, why) => {
    const failure = await refusalOf(make())
    expect(failure.code).toBe("bundle-refused")
    expect(failure.message).toMatch(why)
  })

  function withLargeBlob(): string {
    const folder = layout([manifestOf(small)], [small, emptyBytes])
    const file = path.join(folder, "blobs", "sha256", "0".repeat(64))
    fs.writeFileSync(file, "")
    fs.truncateSync(file, 16 * mebibyte + 1)
    return folder
  }

  it("is refused with more in all than fits, however it is spread, and with more entries", async () => {
    const blobs = Array.from({ length: 9 }, (_, at) => new Uint8Array(1_000).fill(at))
    const folder = layout([], blobs)
    expect(await refusalOf(folder, { ...bundleLimits, bytesMax: 8_500 })).toMatchObject({
      code: "bundle-refused",
      message: expect.stringContaining("what it holds in all is too large: expected at most 8500 bytes, found 9000")
    })
    expect(await refusalOf(folder, { ...bundleLimits, entriesMax: 8 })).toMatchObject({ details: { expected: 8, found: 9 } })
  })
})

describe("a tar", () => {
  it("is refused at once where the file is larger than anything that could be in it", async () => {
    const place = path.join(scratchFolder(), "b.tar")
    fs.writeFileSync(place, "")
    fs.truncateSync(place, 5 * 1024 * mebibyte)
    expect(await refusalOf(place)).toMatchObject({
      message: expect.stringMatching(/the archive is too large: expected at most \d+ bytes, found 5368709120/)
    })
  })

  it("is refused with more entries, and with more in all, than fits", async () => {
    const place = path.join(scratchFolder(), "b.tar")
    const sink = createBundleFiles().create(place)
    for (let at = 0; at < 9; at++) sink.put(new Uint8Array(1_000).fill(at))
    await sink.finish(indexPieces([]))
    expect(await refusalOf(place, { ...bundleLimits, entriesMax: 9 })).toMatchObject({ details: { expected: 9, found: 10 } })
    expect(await refusalOf(place, { ...bundleLimits, bytesMax: 5_000 })).toMatchObject({ details: { expected: 5_000, found: 5_118 } })
  })

  it("is refused with a path of more than 255 bytes", () => {
    const block = tarHeader({ kind: "file", name: "x".repeat(100), size: 0 })
    block.set(textBytes("y".repeat(155)), 345)
    block.fill(32, 148, 156)
    const sum = block.reduce((total, byte) => total + byte, 0)
    block.set(textBytes(`${sum.toString(8).padStart(6, "0")}\0 `), 148)
    expect(readTarHeader(block)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining(`expected a path of at most ${pathBytesMax} bytes, found 256`)
    })
  })
})

it("is refused with more than 10,000 Modules", async () => {
  const place = path.join(scratchFolder(), "b.tar")
  const sink = createBundleFiles().create(place)
  sink.put(emptyBytes)
  const index = Array.from({ length: bundleLimits.modulesMax + 1 }, (_, at) => moduleWithReferrer(at, sink)).flat()
  await sink.finish(indexPieces(index))
  expect(await refusalOf(place)).toMatchObject({
    code: "bundle-refused",
    message: expect.stringContaining("expected at most 10000 Modules in a volume, found 10001"),
    details: { expected: 10_000, found: 10_001 }
  })
}, 30_000)

function moduleWithReferrer(number: number, sink: BundleSink): Descriptor[] {
  const module = sink.put(textBytes(`module ${number}`))
  const config = { mediaType: mediaTypes.wasmConfig, ...sink.put(wasmConfigBytes(module.digest, "2026-01-01T00:00:00Z")) }
  const manifest = { mediaType: mediaTypes.manifest, ...sink.put(moduleManifestBytes(config, module)) }
  const referrer = { mediaType: mediaTypes.manifest, ...sink.put(artifactManifestBytes("x/y", [], manifest)) }
  return [tagged("module", manifest), tagged("evidence", referrer)]
}
