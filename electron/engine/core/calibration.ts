/** How often the verified tier was wrong, from judged outcomes with exact bounds, and from where on that is few enough. Pure arithmetic. */

import type { Digest } from "../../../shared/digest.ts"
import { supportMax } from "./support.ts"
import type { WordWeights } from "./words.ts"

/** One-sided confidence of every bound. */
export const confidence = 0.95
/** Width of a bin of support. */
export const binWidth = 0.02
/** Below this nothing is served, and no shadow answer is kept. */
export const supportMin = 0.4
/** Examples beyond which one more is taken to tell nothing new. */
const passedMax = 4
const binsMax = Math.round((supportMax - supportMin) / binWidth)

/** What would have been served, or was, and whether it was right. */
export interface Judged {
  /** `supportOf`. */
  readonly support: number
  /** Caller's Examples that it passed. */
  readonly passed: number
  readonly right: boolean
}

/** Judged outcomes with support from `from` to `from + binWidth`. */
export interface Bin {
  readonly from: number
  readonly passed: number
  readonly n: number
  readonly wrong: number
}

/** A record that ships beside a model. */
export interface ShippedCalibration {
  readonly model: { readonly id: string; readonly digest: Digest }
  /** How it was made, for people. */
  readonly made: string
  readonly weights: WordWeights
  readonly bins: readonly Bin[]
}

export interface Allowance {
  readonly open: boolean
  /** Support from which on the tier serves; null while it is closed. */
  readonly from: number | null
  /** Judged outcomes from there on (while closed: in all), those that were wrong, and the upper bound of the rate. */
  readonly n: number
  readonly wrong: number
  readonly upper: number
}

/**
 * From where on the tier may serve a request with `passed` Examples at this false-hit rate. Evidence counts that rests on as many Examples
 * or fewer, never on more, and where a caller with fewer may be served, one with more may. A threshold holds if the upper bound of the rate over everything at or above it is at most `falseHitMax`; it is
 * sought downwards in fixed steps, from the first one with enough outcomes to tell, and the search ends for good at the first that fails,
 * so that no lucky step further down is picked. A bin that is itself significantly worse than allowed ends it too, for the many good ones
 * above shall not carry it, and so does one of which nothing is known.
 */
export function allowanceOf(bins: readonly Bin[], passed: number, falseHitMax: number): Allowance {
  const open = Array.from({ length: Math.min(passed, passedMax) }, (_, less) => openFrom(countedFor(bins, less + 1), falseHitMax)).filter(
    one => one !== null
  )
  if (open.length > 0) return open.reduce((widest, one) => (one.from < widest.from ? one : widest))
  const counted = countedFor(bins, passed)
  const n = sum(counted, bin => bin.n)
  const wrong = sum(counted, bin => bin.wrong)
  return { open: false, from: null, n, wrong, upper: upperBound(wrong, n) }
}

function countedFor(bins: readonly Bin[], passed: number): Bin[] {
  return bins.filter(bin => bin.passed >= 1 && bin.passed <= passed)
}

function openFrom(counted: readonly Bin[], falseHitMax: number): (Allowance & { readonly from: number }) | null {
  const enough = outcomesNeeded(falseHitMax)
  let open: (Allowance & { readonly from: number }) | null = null
  let n = 0
  let wrong = 0
  for (let at = binsMax; at >= 0; at--) {
    const here = counted.filter(bin => indexOf(bin.from + binWidth / 2) === at)
    const hereN = sum(here, bin => bin.n)
    const hereWrong = sum(here, bin => bin.wrong)
    n += hereN
    wrong += hereWrong
    if (n < enough) continue
    if (hereN === 0) break
    const upper = upperBound(wrong, n)
    if (upper > falseHitMax || lowerBound(hereWrong, hereN) > falseHitMax) break
    open = { open: true, from: fromOf(at), n, wrong, upper }
  }
  return open
}

/** Outcomes without a wrong one that a bound of this size takes: 299 for 1 %. */
export function outcomesNeeded(falseHitMax: number): number {
  if (falseHitMax >= 1) return 1
  return falseHitMax <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(Math.log(1 - confidence) / Math.log(1 - falseHitMax))
}

/** Outcomes below `supportMin` are left out: nothing is served there. */
export function binsOf(judged: Iterable<Judged>): Bin[] {
  const bins = new Map<string, { from: number; passed: number; n: number; wrong: number }>()
  for (const { support, passed, right } of judged) {
    if (support < supportMin) continue
    const from = fromOf(indexOf(support))
    const bin = bins.get(`${from} ${passed}`) ?? { from, passed, n: 0, wrong: 0 }
    bin.n++
    if (!right) bin.wrong++
    bins.set(`${from} ${passed}`, bin)
  }
  return [...bins.values()].sort((left, right) => left.passed - right.passed || right.from - left.from)
}

/** Clopper–Pearson, one-sided: the greatest rate under which so few wrong ones are not rarer than 5 %. 1 where nothing was seen. */
export function upperBound(wrong: number, n: number): number {
  if (n === 0 || wrong >= n) return 1
  return rootOf(rate => 1 - betaShare(rate, wrong + 1, n - wrong) - (1 - confidence))
}

/** Clopper–Pearson, one-sided: the smallest rate under which so many wrong ones are not rarer than 5 %. */
export function lowerBound(wrong: number, n: number): number {
  if (n === 0 || wrong === 0) return 0
  return rootOf(rate => 1 - confidence - betaShare(rate, wrong, n - wrong + 1))
}

function indexOf(support: number): number {
  return Math.min(binsMax, Math.max(0, Math.floor((support - supportMin) / binWidth + 1e-9)))
}

function fromOf(index: number): number {
  return Math.round((supportMin + index * binWidth) * 100) / 100
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0)
}

/** Of a function that falls from positive to negative on 0 to 1. */
function rootOf(falling: (rate: number) => number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (falling(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Regularised incomplete beta function I_x(a, b): the chance of at least `a` in `a + b - 1` draws at rate x. */
function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

/** Continued fraction of the incomplete beta function, evaluated from the front with both quotients kept from vanishing. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const kept = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let upper = 1
  let lower = 1 / kept(1 - ((a + b) * x) / (a + 1))
  let value = lower
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    lower = 1 / kept(1 + even * lower)
    upper = kept(1 + even / upper)
    value *= lower * upper
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    lower = 1 / kept(1 + odd * lower)
    upper = kept(1 + odd / upper)
    const step = lower * upper
    value *= step
    if (Math.abs(step - 1) < 1e-14) break
  }
  return value
}

/** Of a positive number: Stirling's series, shifted upwards until it is exact to double precision. */
function logGamma(x: number): number {
  let shifted = x
  let correction = 0
  for (; shifted < 12; shifted++) correction += Math.log(shifted)
  const inverse = 1 / shifted
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))))
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - correction
}
