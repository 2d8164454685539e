/** The shipped runtime: rebuilt to the same bytes, closed, and as its manifest says. */
import { createHash } from "node:crypto"
import { expect, test } from "vitest"
// @ts-expect-error the build script is plain JavaScript
import { build } from "../../../electron/engine/runtime/build.mjs"
import { manifest, wasm } from "./harness.ts"

test("a rebuild gives the shipped bytes and manifest", async () => {
  const folder = process.cwd()
  const rebuilt = (await build()) as { wasm: Uint8Array; manifest: typeof manifest }
  process.chdir(folder)
  expect(createHash("sha256").update(rebuilt.wasm).digest("hex")).toBe(manifest.sha256)
  expect(rebuilt.manifest).toEqual(manifest)
})

test("the manifest names the bytes beside it", () => {
  expect(createHash("sha256").update(wasm).digest("hex")).toBe(manifest.sha256)
  expect(wasm.length).toBe(manifest.size)
  expect(manifest.abi).toBe("rtfs-wasm-abi/1")
})

test("it imports nothing, starts nothing and is below 150 kB", () => {
  const module = new WebAssembly.Module(wasm)
  expect(WebAssembly.Module.imports(module)).toEqual([])
  expect(wasm.length).toBeLessThan(150_000)
  const sections: number[] = []
  for (let at = 8; at < wasm.length; ) {
    sections.push(wasm[at] as number)
    let length = 0
    let shift = 0
    at++
    for (;;) {
      const b = wasm[at++] as number
      length |= (b & 127) << shift
      shift += 7
      if (b < 128) break
    }
    at += length
  }
  expect(sections).toEqual([1, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11].filter(id => sections.includes(id)))
  expect(sections).not.toContain(8)
})

test("exports are those of the manifest", () => {
  const names = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(e => e.name)
  expect(names.toSorted()).toEqual(Object.keys(manifest.exports).toSorted())
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm))
  expect((exports.alloc as (n: number) => number)(0)).toBe(manifest.heapBase)
  expect((exports.table as WebAssembly.Table).length).toBe(manifest.tableBase)
})
