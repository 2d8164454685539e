import { describe, expect, it } from "vitest"
import { createScanKernel, scanRowsMax } from "../../../electron/engine/adapters/scan-kernel.ts"
import { projectionOf, sketchBytes, sketchLimit } from "../../../electron/engine/core/sketch.ts"
import { randomOf, unitVector, vectorAt } from "../vectors.ts"

const rows = 3_000

describe.each([128, 384, 1024])("the scan kernel in %i dimensions", dimensions => {
  const random = randomOf(dimensions)
  const matrix = projectionOf(5, dimensions)
  const kernels = [createScanKernel(matrix), createScanKernel(matrix, false)] as const
  const [query, ...vectors] = Array.from({ length: rows + 1 }, () => unitVector(random, dimensions)) as [Float32Array, ...Float32Array[]]
  vectors[17] = vectorAt(query, 0.995, random)
  vectors[2_900] = vectorAt(query, 0.999, random)
  for (const kernel of kernels) {
    kernel.reserve(kernel.heapStart + rows * sketchBytes)
    for (const [row, vector] of vectors.entries()) kernel.sketch(vector, kernel.heapStart + row * sketchBytes)
  }
  const [fast, plain] = kernels

  it("writes the same bytes with and without WebAssembly", () => {
    const sketches = kernels.map(kernel => kernel.bytes().slice(kernel.heapStart, kernel.heapStart + rows * sketchBytes))
    expect(Buffer.compare(sketches[0]!, sketches[1]!)).toBe(0)
    expect(new Set(sketches[0]).size).toBeGreaterThan(100)
  })

  it.each([0, 5_000, 20_000, 45_000, 60_000, 90_000, 2 ** 31 - 1])("finds the same rows either way within %i", limit => {
    const [left, right] = kernels.map(kernel => {
      const found = kernel.scan(query, kernel.heapStart, rows, limit)
      return { ...found, rows: [...found.rows] }
    })
    expect(left).toEqual(right)
    expect(left!.nearest).toBe(2_900)
    if (limit === 2 ** 31 - 1) expect(left!.rows).toHaveLength(rows)
  })

  it("measures the same distances as a loop over the sketches", () => {
    const at = fast.heapStart
    const bytes = new Int8Array(fast.bytes().buffer, at, rows * sketchBytes)
    fast.reserve(at + (rows + 1) * sketchBytes)
    fast.sketch(query, at + rows * sketchBytes)
    const own = new Int8Array(fast.bytes().buffer, at + rows * sketchBytes, sketchBytes)
    const limit = 40_000
    const expected: number[] = []
    const all = new Int8Array(fast.bytes().buffer, at, rows * sketchBytes)
    for (let row = 0; row < rows; row++) {
      let sum = 0
      for (let index = 0; index < sketchBytes; index++) sum += (all[row * sketchBytes + index]! - own[index]!) ** 2
      if (sum <= limit) expected.push(row)
    }
    expect([...fast.scan(query, at, rows, limit).rows]).toEqual(expected)
    expect(bytes.length).toBe(rows * sketchBytes)
  })

  it("leaves no row beyond the block and none of no block", () => {
    for (const kernel of [fast, plain]) {
      expect(kernel.scan(query, kernel.heapStart, 0, 2 ** 31 - 1)).toMatchObject({ nearest: -1 })
      expect([...kernel.scan(query, kernel.heapStart, 10, 2 ** 31 - 1).rows]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }
  })

  it("keeps what it holds when it grows", () => {
    const kernel = createScanKernel(matrix)
    kernel.sketch(query, kernel.heapStart)
    const before = kernel.bytes().slice(kernel.heapStart, kernel.heapStart + sketchBytes)
    kernel.reserve(kernel.heapStart + 3 * scanRowsMax * sketchBytes)
    expect(kernel.bytes().slice(kernel.heapStart, kernel.heapStart + sketchBytes)).toEqual(before)
    expect([...kernel.scan(query, kernel.heapStart, 1, sketchLimit(0.999, 1)).rows]).toEqual([0])
  })
})
