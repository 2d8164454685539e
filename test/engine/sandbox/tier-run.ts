/** Prints value and fuel of a few programs; started under different flags of V8 by `portable.test.ts`. */
import { loadPinnedRuntime } from "../../../electron/engine/adapters/pinned-runtime.ts"
import { fuelExport, initExport } from "../../../electron/engine/core/admission.ts"
import { decodeValue, encodeValue } from "../../../electron/engine/core/codec.ts"
import { compile } from "../../../electron/engine/core/compiler/compile.ts"
import { printValue } from "../../../electron/engine/core/print.ts"

const programs = [
  "(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 22)",
  "(count (reduce (fn [m i] (assoc m (str i) (* i 0.1))) {} (range 0 5000)))",
  "(count (str (map (fn [x] (/ x 7.0)) (range 0 3000))))",
  "(- (/ 0.0 1) ##NaN)",
  "(nth (sort (map (fn [i] (mod (* i 7919) 10007)) (range 0 10000))) 5000)"
]

interface Runtime {
  readonly memory: WebAssembly.Memory
  readonly fuel: WebAssembly.Global
  alloc(bytes: number): number
  decode(pointer: number, length: number): bigint
  encode(value: bigint): number
}

const runtime = loadPinnedRuntime()
const runtimeModule = new WebAssembly.Module(runtime.bytes as Uint8Array<ArrayBuffer>)
const fuelMax = 10n ** 12n

for (const source of programs) {
  const compiled = compile(source, { mode: "program", runtime: runtime.abi })
  if (compiled.kind === "rejected") throw new Error(source)
  const exports = new WebAssembly.Instance(runtimeModule).exports
  const rt = exports as unknown as Runtime
  rt.fuel.value = fuelMax
  const own = new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes as Uint8Array<ArrayBuffer>), { rt: exports }).exports
  const fuel = own[fuelExport] as WebAssembly.Global
  fuel.value = fuelMax
  ;(own[initExport] as () => void)()
  const args = encodeValue([])
  const room = rt.alloc(args.length)
  new Uint8Array(rt.memory.buffer).set(args, room)
  const at = rt.encode((own[compiled.entry] as (args: bigint) => bigint)(rt.decode(room, args.length)))
  const length = new DataView(rt.memory.buffer).getUint32(at, true)
  const decoded = decodeValue(new Uint8Array(rt.memory.buffer, at + 4, length).slice())
  if (decoded.kind === "malformed") throw new Error(decoded.fault.message)
  console.log(`${printValue(decoded.value)} ${2n * fuelMax - (fuel.value as bigint) - (rt.fuel.value as bigint)}`)
}
