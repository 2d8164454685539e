import { describe, expect, it } from "vitest"
import { isUnit, projectionOf, sketchBytes, sketchLimit, squaredLengthOf, stepsPerUnit } from "../../../electron/engine/core/sketch.ts"

const rowOf = (matrix: Float32Array, row: number, dimensions: number) => matrix.subarray(row * dimensions, (row + 1) * dimensions)
const dot = (left: Float32Array, right: Float32Array) => left.reduce((sum, value, at) => sum + value * right[at]!, 0)

describe("the projection", () => {
  it.each([128, 384, 1024])("has 64 orthonormal directions in %i dimensions", dimensions => {
    const matrix = projectionOf(1, dimensions)
    for (let left = 0; left < sketchBytes; left++)
      for (let right = 0; right <= left; right++)
        expect(dot(rowOf(matrix, left, dimensions), rowOf(matrix, right, dimensions))).toBeCloseTo(left === right ? 1 : 0, 6)
  })

  it("depends on its seed and on nothing else", () => {
    expect(projectionOf(7, 128)).toEqual(projectionOf(7, 128))
    expect(projectionOf(8, 128)).not.toEqual(projectionOf(7, 128))
    // Pinned: a change would make every store's sketches wrong without a word.
    expect([...projectionOf(1, 384).subarray(0, 4)].map(value => value.toFixed(7))).toMatchInlineSnapshot(`
      [
        "0.0401544",
        "0.0173251",
        "-0.0108022",
        "-0.0278738",
      ]
    `)
  })

  it("needs at least as many dimensions as directions", () => {
    expect(() => projectionOf(1, 32)).toThrow("expected at least 64 dimensions")
  })
})

describe("the limit of a sketch's distance", () => {
  it("is √(2 − 2t), in steps, and rounding", () => {
    const steps = Math.sqrt(sketchLimit(0.99, 1))
    expect(steps).toBeGreaterThan(Math.sqrt(0.02) * stepsPerUnit + 8)
    expect(steps).toBeLessThan(Math.sqrt(0.022) * stepsPerUnit + 9)
  })

  it.each([
    [1, 0.99],
    [0.99, 0.95],
    [0.95, 0.85]
  ])("is tighter at %f than at %f", (high, low) => {
    expect(sketchLimit(high, 1)).toBeLessThan(sketchLimit(low, 1))
  })
})

describe("a unit vector", () => {
  it.each([
    [[1, 0], true],
    [[0.6, 0.8], true],
    [[0, 0], false],
    [[1, 1], false],
    [[Number.NaN, 1], false],
    [[Number.POSITIVE_INFINITY, 0], false]
  ])("%j: %s", (values, unit) => {
    expect(isUnit(squaredLengthOf(Float32Array.from(values)))).toBe(unit)
  })
})
