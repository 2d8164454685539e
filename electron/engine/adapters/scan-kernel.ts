/** Projects vectors to sketches and scans blocks of sketches: SIMD in WebAssembly memory, or the same arithmetic in JavaScript where there is none. */
import type { FunctionRef } from "../core/compiler/code.ts"
import { Code, i32, op } from "../core/compiler/code.ts"
import { ModuleBuilder } from "../core/compiler/encode.ts"
import { sketchBytes, stepsPerUnit } from "../core/sketch.ts"

/** What one scan found. Rows count from the start of the block. */
export interface Scan {
  /** Rows within the limit, in order. Valid until the next call. */
  readonly rows: Uint32Array
  /** The row with the smallest distance among those that were measured to the end; −1 for no rows. */
  readonly nearest: number
  readonly nearestDistance: number
}

/** Memory for sketches, and the two loops over it. Addresses are bytes. */
export interface ScanKernel {
  /** First address free for blocks; a multiple of 64. */
  readonly heapStart: number
  /** The whole memory; fetch it again after `reserve`. */
  bytes(): Uint8Array
  /** Makes room up to this address. */
  reserve(end: number): void
  /** Writes the sketch of a vector at an address. */
  sketch(vector: Float32Array, at: number): void
  /** Squared distances, in steps, of `rows` sketches from `at` on to the sketch of `query`, up to `limit`. Rows: at most `scanRowsMax`. */
  scan(query: Float32Array, at: number, rows: number, limit: number): Scan
}

/** Longest block of one call; the buffer for what it finds is as large. */
export const scanRowsMax = 65_536
const pageBytes = 65_536
const pagesMax = 65_535

/** `simd` false: the fallback in JavaScript, which gives the same bytes and rows. */
export function createScanKernel(matrix: Float32Array, simd = true): ScanKernel {
  const dimensions = matrix.length / sketchBytes
  const place = placesOf(dimensions)
  if (!simd) return plainKernel(matrix, place)
  const memory = new GrowingMemory({ initial: Math.ceil(place.heap / pageBytes), maximum: pagesMax })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes() as Uint8Array<ArrayBuffer>), { kernel: { memory } })
  const exports = instance.exports as unknown as {
    project(vector: number, matrix: number, dimensions: number, out: number): void
    widen(sketch: number, out: number): void
    scan(query: number, block: number, rows: number, limit: number, out: number, nearest: number): number
  }
  let bytes = new Uint8Array(memory.buffer)
  let view = new DataView(memory.buffer)
  new Float32Array(memory.buffer, place.matrix, matrix.length).set(matrix)
  let input = new Float32Array(memory.buffer, place.vector, dimensions)

  return {
    heapStart: place.heap,
    bytes: () => bytes,
    reserve(end) {
      const pages = Math.ceil(end / pageBytes) - memory.buffer.byteLength / pageBytes
      if (pages <= 0) return
      memory.grow(Math.max(pages, Math.min(64, pagesMax - memory.buffer.byteLength / pageBytes)))
      bytes = new Uint8Array(memory.buffer)
      view = new DataView(memory.buffer)
      input = new Float32Array(memory.buffer, place.vector, dimensions)
    },
    sketch(vector, at) {
      input.set(vector)
      exports.project(place.vector, place.matrix, dimensions, at)
    },
    scan(query, at, rows, limit) {
      input.set(query)
      exports.project(place.vector, place.matrix, dimensions, place.sketch)
      exports.widen(place.sketch, place.wide)
      const found = exports.scan(place.wide, at, rows, limit, place.found, place.nearest)
      return {
        rows: new Uint32Array(memory.buffer, place.found, found),
        nearest: view.getInt32(place.nearest, true),
        nearestDistance: view.getInt32(place.nearest + 4, true)
      }
    }
  }
}

/** Node's own types say nothing of a memory but that it has bytes. */
const GrowingMemory = WebAssembly.Memory as unknown as new (limits: {
  readonly initial: number
  readonly maximum: number
}) => WebAssembly.Memory & { grow(pages: number): number }

interface Places {
  readonly sketch: number
  readonly wide: number
  readonly nearest: number
  readonly vector: number
  readonly matrix: number
  readonly found: number
  readonly heap: number
}

function placesOf(dimensions: number): Places {
  const vector = 512
  const matrix = vector + 4 * dimensions
  const found = matrix + 4 * dimensions * sketchBytes
  return { sketch: 64, wide: 128, nearest: 256, vector, matrix, found, heap: Math.ceil((found + 4 * scanRowsMax) / 64) * 64 }
}

const v128 = 0x7b
/** Instructions after the byte 0xfd. */
const simd = {
  load: 0x00,
  load8x8S: 0x01,
  store: 0x0b,
  shuffle: 0x0d,
  f32x4ExtractLane: 0x1f,
  i32x4ExtractLane: 0x1b,
  i16x8Sub: 0x91,
  i32x4Add: 0xae,
  i32x4Dot: 0xba,
  f32x4Add: 0xe4,
  f32x4Mul: 0xe6
} as const
const f32Const = 0x43
const f32 = { add: 0x92, mul: 0x94, min: 0x96, max: 0x97, nearest: 0x90 } as const

class VectorCode extends Code {
  simd(code: number, ...immediates: readonly number[]): this {
    this.u8(0xfd).u32(code)
    for (const one of immediates) this.u8(one)
    return this
  }

  /** Alignment 1 is promised, whatever the address. */
  vectorLoad(code: number, local: number, offset: number): this {
    return this.get(local).simd(code, 0).u32(offset)
  }

  vector(): number {
    return this.local(v128 as never)
  }

  f32(value: number): this {
    const view = new DataView(new ArrayBuffer(4))
    view.setFloat32(0, value, true)
    return this.u8(f32Const).raw(new Uint8Array(view.buffer))
  }
}

/** The kernel as a module: its memory is handed in. */
function kernelBytes(): Uint8Array {
  const module = new ModuleBuilder()
  module.importMemory("kernel", "memory", 1, pagesMax)
  const exported = (name: string, params: number, results: readonly (typeof i32)[], write: (code: VectorCode) => void): FunctionRef => {
    const ref = module.declare(name, Array<typeof i32>(params).fill(i32), results)
    const code = new VectorCode(params)
    write(code)
    module.define(ref, code)
    module.exportFunction(name, ref)
    return ref
  }
  exported("project", 4, [], writeProject)
  exported("widen", 2, [], writeWiden)
  exported("scan", 6, [i32], writeScan)
  return module.encode()
}

/** project(vector, matrix, dimensions, out): four rows at a time, so that each load of the vector serves four. */
function writeProject(code: VectorCode): void {
  const [vector, matrix, dimensions, out] = [0, 1, 2, 3]
  const [row, at, end, stride] = [code.local(i32), code.local(i32), code.local(i32), code.local(i32)]
  const rows = [code.local(i32), code.local(i32), code.local(i32), code.local(i32)]
  const sums = rows.map(() => code.vector())
  const piece = code.vector()
  code.get(dimensions).i32(2).op(op.i32Shl).set(stride)
  code.get(vector).get(stride).op(op.i32Add).set(end)
  code.loop()
  code.get(matrix).set(rows[0] as number)
  for (let index = 1; index < 4; index++)
    code
      .get(rows[index - 1] as number)
      .get(stride)
      .op(op.i32Add)
      .set(rows[index] as number)
  for (const sum of sums) code.simd(0x0c, ...new Uint8Array(16)).set(sum)
  code.get(vector).set(at)
  code.loop()
  code.vectorLoad(simd.load, at, 0).set(piece)
  for (const [index, sum] of sums.entries()) {
    const pointer = rows[index] as number
    code.get(sum).get(piece).vectorLoad(simd.load, pointer, 0).simd(simd.f32x4Mul).simd(simd.f32x4Add).set(sum)
    code.get(pointer).i32(16).op(op.i32Add).set(pointer)
  }
  code.get(at).i32(16).op(op.i32Add).tee(at).get(end).op(op.i32LtU).brIf(0).op(op.end)
  for (const [index, sum] of sums.entries()) {
    code.get(out)
    for (const lane of [0, 1]) code.get(sum).simd(simd.f32x4ExtractLane, lane)
    code.op(f32.add)
    for (const lane of [2, 3]) code.get(sum).simd(simd.f32x4ExtractLane, lane)
    code.op(f32.add).op(f32.add)
    code.f32(stepsPerUnit).op(f32.mul).f32(-127).op(f32.max).f32(127).op(f32.min).op(f32.nearest)
    // i32.trunc_sat_f32_s, i32.store8
    code.u8(0xfc).u32(0).memory(0x3a, 0, index)
  }
  code.get(out).i32(4).op(op.i32Add).set(out)
  code.get(matrix).get(stride).i32(2).op(op.i32Shl).op(op.i32Add).set(matrix)
  code.get(row).i32(4).op(op.i32Add).tee(row).i32(sketchBytes).op(op.i32LtU).brIf(0).op(op.end)
}

/** widen(sketch, out): 64 bytes to 64 numbers of 16 bits. */
function writeWiden(code: VectorCode): void {
  for (let piece = 0; piece < 8; piece++)
    code
      .get(1)
      .vectorLoad(simd.load8x8S, 0, 8 * piece)
      .simd(simd.store, 0)
      .u32(16 * piece)
}

/**
 * scan(query, block, rows, limit, out, nearest) → rows found. After half of its coordinates a row is left that is already
 * farther than both the limit and the nearest so far.
 */
function writeScan(code: VectorCode): void {
  const [query, block, rows, limit, out, nearest] = [0, 1, 2, 3, 4, 5]
  const [row, found, distance, least, leastRow, cut] = Array.from({ length: 6 }, () => code.local(i32)) as [
    number,
    number,
    number,
    number,
    number,
    number
  ]
  const wide = Array.from({ length: 8 }, () => code.vector())
  const [sum, difference] = [code.vector(), code.vector()]
  const half = (first: number) => {
    for (let piece = first; piece < first + 4; piece++) {
      code
        .vectorLoad(simd.load8x8S, block, 8 * piece)
        .get(wide[piece] as number)
        .simd(simd.i16x8Sub)
        .set(difference)
      if (piece > 0) code.get(sum)
      code.get(difference).get(difference).simd(simd.i32x4Dot)
      if (piece > 0) code.simd(simd.i32x4Add)
      code.set(sum)
    }
    code.get(sum).simd(simd.i32x4ExtractLane, 0)
    for (const lane of [1, 2, 3]) code.get(sum).simd(simd.i32x4ExtractLane, lane).op(op.i32Add)
    code.set(distance)
  }
  for (const [piece, local] of wide.entries()) code.vectorLoad(simd.load, query, 16 * piece).set(local)
  code.i32(0x7fff_ffff).set(least).i32(0x7fff_ffff).set(cut).i32(-1).set(leastRow)
  code.block().get(rows).op(op.i32Eqz).brIf(0).loop().block()
  half(0)
  code.get(distance).get(cut).op(op.i32GtS).brIf(0)
  half(4)
  code.get(distance).get(limit).op(op.i32LeS).if()
  code.get(out).get(found).i32(2).op(op.i32Shl).op(op.i32Add).get(row).memory(0x36, 2, 0)
  code.get(found).i32(1).op(op.i32Add).set(found).op(op.end)
  code.get(distance).get(least).op(op.i32LtS).if()
  code.get(distance).set(least).get(row).set(leastRow)
  code.get(least).get(limit).get(least).get(limit).op(op.i32GtS).op(op.select).set(cut).op(op.end)
  code.op(op.end)
  code.get(block).i32(sketchBytes).op(op.i32Add).set(block)
  code.get(row).i32(1).op(op.i32Add).tee(row).get(rows).op(op.i32LtU).brIf(0).op(op.end).op(op.end)
  code.get(nearest).get(leastRow).memory(0x36, 2, 0)
  code.get(nearest).get(least).memory(0x36, 2, 4)
  code.get(found)
}

/** The same numbers in the same order of operations, without WebAssembly. */
function plainKernel(matrix: Float32Array, place: Places): ScanKernel {
  const dimensions = matrix.length / sketchBytes
  let bytes = new Uint8Array(place.heap)
  const found = new Uint32Array(scanRowsMax)
  const own = new Int8Array(sketchBytes)

  function project(vector: Float32Array, out: Int8Array): void {
    for (let row = 0; row < sketchBytes; row++) {
      const sums = [0, 0, 0, 0]
      for (let index = 0; index < dimensions; index += 4)
        for (let lane = 0; lane < 4; lane++) {
          const product = Math.fround((vector[index + lane] as number) * (matrix[row * dimensions + index + lane] as number))
          sums[lane] = Math.fround((sums[lane] as number) + product)
        }
      const [a, b, c, d] = sums as [number, number, number, number]
      const sum = Math.fround(Math.fround(a + b) + Math.fround(c + d))
      out[row] = roundHalfEven(Math.min(127, Math.max(-127, Math.fround(sum * Math.fround(stepsPerUnit)))))
    }
  }

  return {
    heapStart: place.heap,
    bytes: () => bytes,
    reserve(end) {
      if (end <= bytes.length) return
      const bigger = new Uint8Array(Math.max(end, Math.ceil(bytes.length * 1.25)))
      bigger.set(bytes)
      bytes = bigger
    },
    sketch(vector, at) {
      project(vector, new Int8Array(bytes.buffer, at, sketchBytes))
    },
    scan(query, at, rows, limit) {
      project(query, own)
      const block = new Int8Array(bytes.buffer, at, rows * sketchBytes)
      let count = 0
      let nearest = -1
      let least = 0x7fff_ffff
      let cut = 0x7fff_ffff
      for (let row = 0; row < rows; row++) {
        const start = row * sketchBytes
        let distance = squared(block, own, start, 0)
        if (distance > cut) continue
        distance += squared(block, own, start, sketchBytes / 2)
        if (distance <= limit) found[count++] = row
        if (distance < least) {
          least = distance
          nearest = row
          cut = Math.max(least, limit)
        }
      }
      return { rows: found.subarray(0, count), nearest, nearestDistance: least }
    }
  }
}

function squared(block: Int8Array, query: Int8Array, start: number, from: number): number {
  let sum = 0
  for (let index = from; index < from + sketchBytes / 2; index++) {
    const difference = (block[start + index] as number) - (query[index] as number)
    sum += difference * difference
  }
  return sum
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1
}
