// Builds the runtime reproducibly: `node build.mjs [folder]` writes rtfs-runtime.wasm and manifest.json (by default into resources/runtime/).
// AssemblyScript cannot throw, so the compiler's output is rewritten: its one import becomes a defined function that throws the tag `err`.
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import asc from "assemblyscript/asc"
import { builtins, builtinsSource } from "./builtins.mjs"

export const FLAGS = [
  "--runtime",
  "stub",
  "--noAssert",
  "-O3",
  "--exportTable",
  "--initialMemory",
  "3",
  "--maximumMemory",
  "4096",
  "--memoryBase",
  "64",
  "--use",
  "abort="
]
const HEAP_BASE = 65536

export const ERROR_CATEGORIES = [
  "undefined-symbol",
  "arity-mismatch",
  "type-error",
  "type-validation",
  "match-error",
  "division-by-zero",
  "index-out-of-bounds",
  "invalid-argument",
  "invalid-arguments",
  "integer-overflow",
  "recursion-limit",
  "runtime-error"
]

async function compile(entry) {
  let wasm
  const { error, stderr } = await asc.main([entry, "-o", "out.wasm", ...FLAGS], {
    // Files are read by path relative to the entry; the compiler's output stays in memory.
    writeFile: (name, data) => {
      if (name === "out.wasm") wasm = data
    }
  })
  if (error || !wasm) throw new Error(`the AssemblyScript compiler failed:\n${stderr?.toString() ?? error}`)
  return wasm
}

function varint(n) {
  const out = []
  do {
    const more = n > 127
    out.push((n & 127) | (more ? 128 : 0))
    n >>>= 7
  } while (n > 0)
  return out
}

/** Reader over bytes of a module. */
function reader(bytes) {
  let at = 0
  const u32 = () => {
    let n = 0
    for (let shift = 0; ; shift += 7) {
      const b = bytes[at++]
      n += (b & 127) * 2 ** shift
      if (b < 128) return n
    }
  }
  const take = n => bytes.subarray(at, (at += n))
  return {
    u32,
    take,
    byte: () => bytes[at++],
    name: () => new TextDecoder().decode(take(u32())),
    done: () => at >= bytes.length,
    rest: () => bytes.subarray(at)
  }
}

function sectionsOf(wasm) {
  const r = reader(wasm)
  r.take(8)
  const sections = new Map()
  while (!r.done()) {
    const id = r.byte()
    const body = r.take(r.u32())
    if (id !== 0) sections.set(id, body)
  }
  return sections
}

/** The module without its import: function 0 throws the tag, which is exported as `err`. */
function withThrow(wasm) {
  const s = sectionsOf(wasm)
  const imports = reader(s.get(2))
  if (imports.u32() !== 1) throw new Error("the runtime must have exactly one import")
  imports.name()
  imports.name()
  if (imports.byte() !== 0) throw new Error("the one import must be a function")
  const type = imports.u32()
  s.delete(2)
  const prepend = (id, item) => {
    const r = reader(s.get(id))
    const count = r.u32()
    s.set(id, Uint8Array.from([...varint(count + 1), ...item, ...r.rest()]))
  }
  prepend(3, varint(type))
  prepend(10, [6, 0, 0x20, 0, 0x08, 0, 0x0b])
  s.set(13, Uint8Array.from([1, 0, ...varint(type)]))
  prepend(7, [3, ...new TextEncoder().encode("err"), 4, 0])
  if (s.has(8)) throw new Error("the runtime must have no start section")
  const out = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  for (const id of [1, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11]) {
    const body = s.get(id)
    if (body) out.push(id, ...varint(body.length), ...body)
  }
  return Uint8Array.from(out)
}

const TYPES = { 127: "i32", 126: "i64", 125: "f32", 124: "f64" }

/** Exports with their types, and the end of the static data. */
function describe(wasm) {
  const s = sectionsOf(wasm)
  const t = reader(s.get(1))
  const types = Array.from({ length: t.u32() }, () => {
    t.byte()
    const list = () => Array.from({ length: t.u32() }, () => TYPES[t.byte()])
    return { params: list(), results: list() }
  })
  const f = reader(s.get(3))
  const functions = Array.from({ length: f.u32() }, () => types[f.u32()])
  const g = reader(s.get(6))
  const globals = Array.from({ length: g.u32() }, () => {
    const type = TYPES[g.byte()]
    const mutable = g.byte() === 1
    const op = g.byte()
    if (op === 0x44) g.take(8)
    else if (op === 0x41 || op === 0x42) while (g.byte() > 127);
    else throw new Error("a global must start as a literal")
    g.byte()
    return { type, mutable }
  })
  const e = reader(s.get(7))
  const exports = {}
  for (let n = e.u32(); n > 0; n--) {
    const name = e.name()
    const kind = e.byte()
    const index = e.u32()
    if (kind === 0) exports[name] = `(${functions[index].params.join(" ")}) -> ${functions[index].results.join(" ") || "()"}`
    else if (kind === 3) exports[name] = `global ${globals[index].mutable ? "mut " : ""}${globals[index].type}`
    else exports[name] = kind === 1 ? "table funcref" : kind === 2 ? "memory" : "tag (i64)"
  }
  const d = reader(s.get(11))
  let dataEnd = 0
  for (let n = d.u32(); n > 0; n--) {
    if (d.u32() !== 0) throw new Error("data segments must be active")
    d.byte()
    const offset = d.u32()
    d.byte()
    dataEnd = Math.max(dataEnd, offset + d.take(d.u32()).length)
  }
  const table = reader(s.get(4))
  table.u32()
  table.byte()
  table.byte()
  return { exports, dataEnd, tableBase: table.u32() }
}

/** Wasm bytes and manifest of the sources beside this file. */
export async function build() {
  writeFileSync(new URL("assembly/builtins.ts", import.meta.url), builtinsSource())
  const entry = fileURLToPath(new URL("assembly/index.ts", import.meta.url))
  process.chdir(fileURLToPath(new URL(".", import.meta.url)))
  const wasm = withThrow(await compile(entry.slice(process.cwd().length + 1)))
  const { exports, dataEnd, tableBase } = describe(wasm)
  if (dataEnd > HEAP_BASE) throw new Error(`static data ends at ${dataEnd}, past the heap base`)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm))
  instance.exports.fuel.value = 1000n
  const heapBase = instance.exports.alloc(0)
  if (heapBase !== HEAP_BASE) throw new Error(`the heap starts at ${heapBase}`)
  const unicode = /from Unicode (\S+);/.exec(readFileSync(new URL("assembly/unicode-tables.ts", import.meta.url), "utf8"))?.[1]
  const manifest = {
    abi: "rtfs-wasm-abi/1",
    sha256: createHash("sha256").update(wasm).digest("hex"),
    size: wasm.length,
    unicode,
    compiler: `assemblyscript ${asc.version}`,
    flags: FLAGS.join(" "),
    heapBase,
    tableBase,
    staticEnd: dataEnd,
    arityStubs: [0, 1, 2, 3, 4, 5].map(k => instance.exports.arityStub(k)),
    recursionLimit: 10000,
    errorCategories: ERROR_CATEGORIES,
    builtins: builtins.map(({ index, name, min, max, direct, depth }) => ({
      index,
      name,
      min,
      max,
      direct: Object.keys(direct).map(Number),
      depth
    })),
    exports: Object.fromEntries(Object.entries(exports).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return { wasm, manifest }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL("../../../resources/runtime/", import.meta.url))
  const { wasm, manifest } = await build()
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/rtfs-runtime.wasm`, wasm)
  writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
  console.log(`${manifest.size} bytes, ${Object.keys(manifest.exports).length} exports, sha256 ${manifest.sha256}`)
}
