// Runs an exported Module with its exported runtime: node run.mjs MODULE.wasm RUNTIME.wasm ENTRY '[ARGUMENTS]'
// No package is needed. A Module imports nothing but its runtime, which imports nothing; values cross as CBOR. Whole numbers are
// integers, others 64-bit floats; maps, keywords and errors are printed in words. There is no wall here: give the process limits.
import { readFileSync } from "node:fs"

const [, , modulePath, runtimePath, entry, text] = process.argv
const module = await WebAssembly.compile(readFileSync(modulePath))
for (const one of WebAssembly.Module.imports(module)) {
  if (one.module === "rt") continue
  console.error(`NOT RUN: the Module asks for ${one.module}.${one.name}, and nothing answers here`)
  process.exit(3)
}
const rt = (await WebAssembly.instantiate(await WebAssembly.compile(readFileSync(runtimePath)))).exports
const fuel = 200_000_000n

function encode(value) {
  const head = (major, count) => {
    const number = BigInt(count)
    if (number < 24n) return [Buffer.of((major << 5) | Number(number))]
    const size = number < 0x100n ? 1 : number < 0x10000n ? 2 : number < 0x100000000n ? 4 : 8
    const bytes = Buffer.alloc(1 + size, (major << 5) | (23 + Math.log2(size) + 1))
    for (let at = 0; at < size; at++) bytes[size - at] = Number((number >> BigInt(8 * at)) & 255n)
    return [bytes]
  }
  if (value === null || typeof value === "boolean") return [Buffer.of(value === null ? 0xf6 : value ? 0xf5 : 0xf4)]
  if (Number.isSafeInteger(value)) return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === "number") {
    const bytes = Buffer.alloc(9, 0xfb)
    bytes.writeDoubleBE(value, 1)
    return [bytes]
  }
  if (typeof value === "string") return [...head(3, Buffer.byteLength(value)), Buffer.from(value)]
  if (Array.isArray(value)) return [...head(4, value.length), ...value.flatMap(encode)]
  throw new TypeError("expected null, true, false, numbers, strings and lists")
}

function decode(bytes) {
  let at = 0
  const take = () => {
    const first = bytes[at++]
    const [major, info] = [first >> 5, first & 31]
    if (first === 0xfb) return bytes.readDoubleBE((at += 8) - 8)
    if (major === 7) return { 20: false, 21: true, 22: null }[info]
    const size = info < 24 ? 0 : 1 << (info - 24)
    const count = size === 0 ? BigInt(info) : BigInt(`0x${bytes.toString("hex", at, at + size)}`)
    at += size
    if (major === 0) return count
    if (major === 1) return -1n - count
    if (major === 3) return bytes.toString("utf8", at, (at += Number(count)))
    if (major === 4) return Array.from({ length: Number(count) }, take)
    if (major === 5) return { map: Array.from({ length: Number(count) }, () => [take(), take()]) }
    return { [{ 6: "keyword", 7: "list", 8: "error" }[Number(count)] ?? `tag ${count}`]: take() }
  }
  return take()
}

rt.fuel.value = fuel
const { exports } = await WebAssembly.instantiate(module, { rt })
exports["rtfs:fuel"].value = fuel
exports["rtfs:init"]()
const args = Buffer.concat(encode(JSON.parse(text)))
const room = rt.alloc(args.length) >>> 0
Buffer.from(rt.memory.buffer).set(args, room)
const at = rt.encode(exports[entry](rt.decode(room, args.length))) >>> 0
const length = Buffer.from(rt.memory.buffer).readUInt32LE(at)
const value = decode(Buffer.from(rt.memory.buffer, at + 4, length))
console.log(JSON.stringify(value, (_, one) => (typeof one === "bigint" ? JSON.rawJSON(String(one)) : one)))
