import { describe, expect, it } from "vitest"
import type { Judged } from "../../../electron/engine/core/calibration.ts"
import { allowanceOf, binsOf, lowerBound, outcomesNeeded, upperBound } from "../../../electron/engine/core/calibration.ts"

describe("the exact binomial bound", () => {
  // None wrong: 1 - 0.05^(1/n). All wrong: 0.05^(1/n) from below. Others: tables of Clopper and Pearson, 95 % one-sided.
  it.each([
    [0, 59, 0.0495],
    [0, 149, 0.0199],
    [0, 299, 0.00997],
    [0, 2_994, 0.001],
    [1, 10, 0.3942],
    [2, 50, 0.1206],
    [5, 100, 0.1023],
    [10, 20, 0.698],
    [3, 3, 1]
  ])("above %i of %i is %f", (wrong, n, upper) => {
    expect(upperBound(wrong, n)).toBeCloseTo(upper, 4)
  })

  it.each([
    [1, 1, 0.05],
    [3, 3, 0.05 ** (1 / 3)],
    [1, 10, 0.0051],
    [5, 100, 0.0199],
    [0, 100, 0]
  ])("below %i of %i is %f", (wrong, n, lower) => {
    expect(lowerBound(wrong, n)).toBeCloseTo(lower, 4)
  })

  it("is where the binomial sum says: so few wrong ones have a chance of 5 % there", () => {
    for (const [wrong, n] of [
      [0, 7],
      [4, 30],
      [12, 400],
      [40, 1_000]
    ] as const) {
      const rate = upperBound(wrong, n)
      let term = (1 - rate) ** n
      let sum = term
      for (let k = 1; k <= wrong; k++) {
        term *= ((n - k + 1) / k) * (rate / (1 - rate))
        sum += term
      }
      expect(sum).toBeCloseTo(0.05, 8)
    }
  })

  it("says nothing where nothing was seen, and narrows with more", () => {
    expect(upperBound(0, 0)).toBe(1)
    expect(upperBound(1, 1_000)).toBeLessThan(upperBound(1, 100))
  })

  it("needs 299 right ones for 1 %", () => {
    expect([1, 0.05, 0.02, 0.01, 0].map(outcomesNeeded)).toEqual([1, 59, 149, 299, Number.POSITIVE_INFINITY])
  })
})

const many = (n: number, support: number, right = true, passed = 1): Judged[] =>
  Array.from({ length: n }, () => ({ support, passed, right }))

describe("the verified tier", () => {
  it.each<[string, Judged[], number, number, number | null]>([
    ["is closed without evidence", [], 1, 0.01, null],
    ["is closed with 298 right ones", many(298, 0.9), 1, 0.01, null],
    ["opens with 299, where they stand", many(299, 0.9), 1, 0.01, 0.9],
    ["opens earlier for a caller who allows more", many(59, 0.9), 1, 0.05, 0.9],
    ["never opens for a caller who allows none", many(5_000, 0.9), 1, 0, null],
    ["opens further down where more is known", [...many(299, 0.9), ...many(20, 0.89), ...many(20, 0.87)], 1, 0.01, 0.86],
    ["does not open below what is known", [...many(299, 0.9), ...many(20, 0.61)], 1, 0.01, 0.9],
    ["stays closed with one wrong in 299", [...many(298, 0.9), ...many(1, 0.9, false)], 1, 0.01, null],
    ["stops above a bin that is worse than allowed", [...many(2_000, 0.9), ...many(3, 0.89), ...many(3, 0.89, false)], 1, 0.01, 0.9],
    ["does not go on below a step that failed", [...many(299, 0.9), ...many(2, 0.89, false), ...many(5_000, 0.87)], 1, 0.01, 0.9],
    ["takes no evidence from requests with more Examples", many(299, 0.9, true, 2), 1, 0.01, null],
    ["takes evidence from requests with fewer", many(299, 0.9, true, 1), 2, 0.01, 0.9],
    ["takes none from requests without", many(299, 0.9, true, 0), 2, 0.01, null],
    ["counts nothing below its floor", many(299, 0.39), 1, 0.01, null]
  ])("%s", (_, judged, passed, falseHitMax, from) => {
    const allowed = allowanceOf(binsOf(judged), passed, falseHitMax)
    if (from === null) expect(allowed).toMatchObject({ open: false, from: null })
    else {
      expect(allowed).toMatchObject({ open: true, from })
      expect(allowed.upper).toBeLessThanOrEqual(falseHitMax)
    }
  })

  it("says how many outcomes a threshold rests on", () => {
    expect(allowanceOf(binsOf([...many(500, 0.9), ...many(1, 0.9, false)]), 1, 0.01)).toMatchObject({ n: 501, wrong: 1 })
    expect(allowanceOf(binsOf(many(10, 0.9)), 1, 0.01)).toMatchObject({ open: false, n: 10, wrong: 0 })
  })
})
