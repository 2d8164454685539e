/** Closures for the tests, as compiled Modules make them: WebAssembly functions behind descriptors, installed in the runtime's table. */
import wabt from "wabt"
import type { Raw, Runtime } from "./harness.ts"
import { manifest } from "./harness.ts"

const tools = await wabt()

/** One function of a Module: its parameters are values; `body` is text wasm that may use $c (the closure), $0 $1 …, $depth. */
export interface Definition {
  readonly arity: number
  readonly body: string
}

const imports = `
  (import "rt" "b66_3" (func $assoc (param i64 i64 i64) (result i64)))
  (import "rt" "b52_2" (func $conj (param i64 i64) (result i64)))
  (import "rt" "b0_2" (func $add (param i64 i64) (result i64)))
  (import "rt" "b29_2" (func $str (param i64 i64) (result i64)))
  (import "rt" "b13_1" (func $even (param i64) (result i64)))
  (import "rt" "assocOwn" (func $assocOwn (param i32 i64 i64 i64) (result i64)))
  (import "rt" "invoke1" (func $invoke1 (param i64 i64 i32) (result i64)))
  (import "rt" "recursionLimit" (func $recursionLimit))
  (import "rt" "table" (table 1 funcref))
  (import "rt" "memory" (memory 1))`

/** Installs the functions and answers one function value each, without captures. */
export function install(rt: Runtime, definitions: readonly Definition[]): Raw[] {
  const functions = definitions.map(({ arity, body }, i) => {
    const params = Array.from({ length: arity }, (_, k) => `(param $${k} i64)`).join(" ")
    return `(func $f${i} (param $c i64) ${params} (param $depth i32) (result i64)
      (if (i32.eqz (local.get $depth)) (then (call $recursionLimit) unreachable))
      ${body})
    (export "f${i}" (func $f${i}))`
  })
  const parsed = tools.parseWat("closures.wat", `(module ${imports} ${functions.join("\n")})`, { exceptions: true })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(parsed.toBinary({}).buffer as Uint8Array<ArrayBuffer>), {
    rt: rt.exports
  })
  parsed.destroy()
  const base = rt.table.grow(definitions.length)
  return definitions.map(({ arity }, i) => {
    rt.table.set(base + i, instance.exports[`f${i}`])
    const entries = manifest.arityStubs.map((stub, k) => (k === arity && k < 5 ? base + i : stub))
    const descriptor = (rt.raw("alloc", 40) as number) >>> 0
    new Uint32Array(rt.memory.buffer, descriptor, 10).set([0, 0, arity, 0, ...entries])
    return BigInt((rt.raw("closure", descriptor, 0) as number) >>> 0)
  })
}
