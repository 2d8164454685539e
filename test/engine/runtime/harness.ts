/** The runtime as the tests drive it: instantiated from the shipped bytes, values in and out through canonical bytes. */
import { readFileSync } from "node:fs"
import { decodeValue, encodeValue } from "../../../electron/engine/core/codec.ts"
import type { Value } from "../../../shared/value.ts"

const folder = new URL("../../../resources/runtime/", import.meta.url)

export interface Manifest {
  readonly abi: string
  readonly sha256: string
  readonly size: number
  readonly unicode: string
  readonly heapBase: number
  readonly tableBase: number
  readonly arityStubs: readonly number[]
  readonly recursionLimit: number
  readonly errorCategories: readonly string[]
  readonly builtins: readonly { index: number; name: string; min: number; max: number; direct: readonly number[]; depth: boolean }[]
  readonly exports: Readonly<Record<string, string>>
}

export const wasm: Uint8Array<ArrayBuffer> = new Uint8Array(readFileSync(new URL("rtfs-runtime.wasm", folder)))
export const manifest: Manifest = JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8"))

const compiled = new WebAssembly.Module(wasm)
const indices = new Map(manifest.builtins.map(b => [b.name, b.index]))

/** A raised error: its category and message. */
export class Raised extends Error {
  readonly category: string

  constructor(category: string, message: string) {
    super(message)
    this.category = category
  }
}

/** Raw values are the runtime's own i64. */
export type Raw = bigint

export interface Runtime {
  readonly fuel: WebAssembly.Global<"i64">
  readonly reason: WebAssembly.Global<"i32">
  readonly memory: WebAssembly.Memory
  readonly table: WebAssembly.Table
  readonly tag: WebAssembly.Tag
  readonly exports: WebAssembly.ModuleImports
  /** Any export by name, raw. */
  readonly raw: (name: string, ...args: (bigint | number)[]) => never
  readonly toRaw: (value: Value) => Raw
  readonly fromRaw: (raw: Raw) => Value
  readonly builtin: (name: string) => Raw
  /** Calls a function value; raises `Raised`. */
  readonly invoke: (f: Raw, ...args: Raw[]) => Raw
  readonly call: (name: string, ...args: Value[]) => Value
  /** Runs `work`, turning a thrown error value into `Raised`. */
  readonly guard: <T>(work: () => T) => T
}

export function openRuntime(fuelMax = 10n ** 12n): Runtime {
  const exports = new WebAssembly.Instance(compiled).exports as Record<string, unknown>
  const fuel = exports.fuel as WebAssembly.Global<"i64">
  fuel.value = fuelMax
  const memory = exports.memory as WebAssembly.Memory
  const tag = exports.err as WebAssembly.Tag
  const raw = (name: string, ...args: (bigint | number)[]): never => (exports[name] as (...args: (bigint | number)[]) => never)(...args)
  const address = (pointer: number): number => pointer >>> 0

  const place = (bytes: Uint8Array): number => {
    const at = address(raw("alloc", bytes.length))
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes)
    return at
  }
  const toRaw = (value: Value): Raw => {
    const bytes = encodeValue(value)
    return guard(() => raw("decode", place(bytes), bytes.length))
  }
  const fromRaw = (value: Raw): Value => {
    const at = address(guard(() => raw("encode", value) as number))
    const length = new DataView(memory.buffer).getUint32(at, true)
    const decoded = decodeValue(new Uint8Array(memory.buffer, at + 4, length))
    if (decoded.kind === "malformed")
      throw new Error(`the runtime wrote malformed bytes: ${decoded.fault.message} at ${decoded.fault.offset}`)
    return decoded.value
  }
  const guard = <T>(work: () => T): T => {
    try {
      return work()
    } catch (fault) {
      if (!(fault instanceof WebAssembly.Exception) || !fault.is(tag)) throw fault
      const error = fromRaw(fault.getArg(tag, 0) as Raw) as { category: string; message: string }
      throw new Raised(error.category, error.message)
    }
  }
  const builtin = (name: string): Raw => {
    const index = indices.get(name)
    if (index === undefined) throw new Error(`no built-in ${name}`)
    return raw("builtin", index)
  }
  const invoke = (f: Raw, ...args: Raw[]): Raw => {
    const at = address(raw("args", args.length))
    const view = new BigInt64Array(memory.buffer, at, args.length)
    args.forEach((a, i) => {
      view[i] = a
    })
    return guard(() => raw("invokeN", f, args.length, at, manifest.recursionLimit))
  }
  return {
    fuel,
    reason: exports.reason as WebAssembly.Global<"i32">,
    memory,
    table: exports.table as WebAssembly.Table,
    tag,
    exports: exports as WebAssembly.ModuleImports,
    raw,
    toRaw,
    fromRaw,
    builtin,
    invoke,
    call: (name, ...args) => fromRaw(invoke(builtin(name), ...args.map(toRaw))),
    guard
  }
}
