/** The algorithms the interpreter borrows from the pinned runtime, as plain functions over one instance of it. */
import type { Value } from "../../../shared/value.ts"
import { decodeValue, encodeValue } from "../core/codec.ts"
import { builtinIndex } from "../core/compiler/builtins.ts"
import type { RuntimeFunctions } from "../core/interpreter/runtime-functions.ts"

interface RuntimeExports {
  readonly memory: WebAssembly.Memory
  readonly fuel: WebAssembly.Global<"i64">
  alloc(bytes: number): number
  callEncoded(index: number, pointer: number, length: number): number
}

/** The runtime never frees, so an instance is given up once it has grown this far. Bytes. */
const instanceBytesMax = 33_554_432

/** Enough for any text the interpreter may hold; units of the runtime. */
const fuelOfOneCall = 1_000_000_000n

/** `bytes`: the pinned runtime, already held against its Digest. */
export function createRuntimeFunctions(bytes: Uint8Array): RuntimeFunctions {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)
  let runtime: RuntimeExports | null = null

  /** A pure built-in on these arguments; undefined where it raised. */
  const call = (name: string, args: readonly Value[]): Value | undefined => {
    if (!runtime || runtime.memory.buffer.byteLength > instanceBytesMax)
      runtime = new WebAssembly.Instance(module).exports as unknown as RuntimeExports
    const { memory, fuel, alloc, callEncoded } = runtime
    fuel.value = fuelOfOneCall
    const encoded = encodeValue(args)
    const room = alloc(encoded.length) >>> 0
    new Uint8Array(memory.buffer).set(encoded, room)
    let answer: number
    try {
      answer = callEncoded(builtinIndex(name), room, encoded.length) >>> 0
    } catch (fault) {
      runtime = null
      if (fault instanceof WebAssembly.Exception) return undefined
      throw fault
    }
    const length = new DataView(memory.buffer).getUint32(answer, true)
    const decoded = decodeValue(new Uint8Array(memory.buffer, answer + 4, length))
    if (decoded.kind === "malformed") throw new Error(`the runtime answered malformed bytes to ${name}: ${decoded.fault.message}`)
    return decoded.value
  }

  const text = (name: string, args: readonly Value[]): string => {
    const answer = call(name, args)
    if (typeof answer !== "string") throw new Error(`the runtime answered no string to ${name}`)
    return answer
  }

  return {
    displayFloat: value => text("str", [value]),
    parseFloat: decimal => {
      const answer = call("parse-float", [decimal])
      return typeof answer === "number" ? answer : null
    },
    power: (base, exponent) => {
      const answer = call("pow", [base, exponent])
      if (typeof answer !== "number") throw new Error("the runtime answered no float to pow")
      return answer
    },
    upper: one => text("string-upper", [one]),
    lower: one => text("string-lower", [one]),
    trim: one => text("string-trim", [one]),
    matches: (pattern, searched, limit) => {
      if (limit === 1) {
        const first = call("re-find", [pattern, searched])
        return first === undefined ? null : typeof first === "string" ? [first] : []
      }
      const all = call("re-seq", [pattern, searched])
      return Array.isArray(all) ? (all.slice(0, limit) as string[]) : null
    }
  }
}
