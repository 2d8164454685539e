// Structural equality, hash, total order and stable sort.
import { alloc, charge, mark, release } from "./memory"
import {
  ABSENT, aux, hasTag, isSmall, ptr, tag, T_BOOL, T_ERROR, T_FLOAT, T_INT, T_KEYWORD, T_LIST, T_MAP, T_NIL, T_STRING, T_VECTOR, toFloat,
  unboxFloat, unboxInt
} from "./value"
import { compareText, sameText, stringHash } from "./string"
import { at } from "./vector"
import { compareKeys, entries, lookup } from "./map"
import { recursionLimit } from "./error"

/** Levels of nesting that equality, order, hashing, printing and encoding go down. */
// @ts-ignore: decorator
@inline export const NESTING_MAX: u32 = 10000

/** Structural equality (`=`). */
export function equal(a: i64, b: i64): bool {
  if ((<i32>a | <i32>b) & 1) return a == b
  if (<u64>a < 8 || <u64>b < 8) return a == b
  return equalObjects(a, b, 0)
}

function equalInside(a: i64, b: i64, depth: u32): bool {
  if ((<i32>a | <i32>b) & 1) return a == b
  if (<u64>a < 8 || <u64>b < 8) return a == b
  return equalObjects(a, b, depth)
}

function equalObjects(a: i64, b: i64, depth: u32): bool {
  let t = load<u32>(ptr(a))
  if (t != load<u32>(ptr(b))) return false
  switch (t) {
    case T_INT: return load<i64>(ptr(a), 8) == load<i64>(ptr(b), 8)
    case T_FLOAT: return unboxFloat(a) == unboxFloat(b)
    case T_STRING: return sameText(a, b)
    case T_VECTOR:
    case T_LIST: return equalSequences(a, b, depth)
    case T_MAP: return equalMaps(a, b, depth)
    case T_ERROR: return sameText(load<i64>(ptr(a), 8), load<i64>(ptr(b), 8))
    default: return a == b
  }
}

function equalSequences(a: i64, b: i64, depth: u32): bool {
  let n = aux(a)
  if (n != aux(b)) return false
  if (depth >= NESTING_MAX) recursionLimit()
  for (let i: u32 = 0; i < n; i++) {
    charge(1)
    if (!equalInside(at(a, i), at(b, i), depth + 1)) return false
  }
  return true
}

function equalMaps(a: i64, b: i64, depth: u32): bool {
  let n = aux(a)
  if (n != aux(b)) return false
  if (depth >= NESTING_MAX) recursionLimit()
  let p = entries(a)
  for (let end = p + (n << 4); p < end; p += 16) {
    charge(1)
    let other = lookup(b, load<i64>(p))
    if (other == ABSENT || !equalInside(load<i64>(p, 8), other, depth + 1)) return false
  }
  return true
}

function mix(h: u32, k: u32): u32 {
  h = rotl<u32>(h ^ (k * 0xcc9e2d51), 13) * 5 + 0xe6546b64
  return h ^ (h >> 15)
}

function hashBits(n: u64): u32 {
  n = (n ^ (n >> 32)) * 0x9e3779b97f4a7c15
  return <u32>(n >> 32)
}

/** Hash that agrees with `equal`. */
export function hash(v: i64, depth: u32): u32 {
  switch (tag(v)) {
    case T_INT: return hashBits(<u64>unboxInt(v))
    case T_FLOAT: {
      let x = unboxFloat(v)
      return x == 0 ? 1 : mix(2, hashBits(reinterpret<u64>(x)))
    }
    case T_STRING: return stringHash(v)
    case T_KEYWORD: return load<u32>(ptr(v), 8) ^ 0x5bd1e995
    case T_ERROR: return stringHash(load<i64>(ptr(v), 8)) ^ 9
    case T_VECTOR:
    case T_LIST: {
      if (depth >= NESTING_MAX) recursionLimit()
      let n = aux(v)
      let h = load<u32>(ptr(v)) ^ (n << 4)
      charge(n)
      for (let i: u32 = 0; i < n; i++) h = mix(h, hash(at(v, i), depth + 1))
      return h
    }
    case T_MAP: {
      if (depth >= NESTING_MAX) recursionLimit()
      let n = aux(v)
      let h: u32 = n
      let p = entries(v)
      charge(n)
      for (let end = p + (n << 4); p < end; p += 16) h = mix(mix(h, hash(load<i64>(p), depth + 1)), hash(load<i64>(p, 8), depth + 1))
      return h
    }
    default: return hashBits(<u64>v)
  }
}

/** Place of a kind in the order of `sort`. */
function rank(t: u32): i32 {
  switch (t) {
    case T_NIL: return 0
    case T_BOOL: return 1
    case T_INT:
    case T_FLOAT: return 2
    case T_STRING: return 3
    case T_KEYWORD: return 4
    case T_VECTOR: return 6
    case T_LIST: return 7
    case T_MAP: return 8
    default: return 9
  }
}

/** Exact order of an integer and a float that is not NaN. */
function compareIntFloat(n: i64, x: f64): i32 {
  if (x >= 9223372036854775808.0) return -1
  if (x < -9223372036854775808.0) return 1
  let whole = <i64>x
  if (n != whole) return n < whole ? -1 : 1
  let fraction = x - <f64>whole
  return fraction > 0 ? -1 : fraction < 0 ? 1 : 0
}

function compareNumbers(a: i64, b: i64): i32 {
  let fa = hasTag(a, T_FLOAT)
  let fb = hasTag(b, T_FLOAT)
  if (!fa && !fb) {
    let x = unboxInt(a)
    let y = unboxInt(b)
    return x < y ? -1 : x > y ? 1 : 0
  }
  let x = toFloat(a)
  let y = toFloat(b)
  if (x != x) return y != y ? 0 : 1
  if (y != y) return -1
  if (!fa) return compareIntFloat(unboxInt(a), y)
  if (!fb) return -compareIntFloat(unboxInt(b), x)
  return x < y ? -1 : x > y ? 1 : 0
}

/** Total order of §3.3: negative, 0 or positive. */
export function compare(a: i64, b: i64, depth: u32): i32 {
  if (isSmall(a) && isSmall(b)) return a < b ? -1 : a > b ? 1 : 0
  let t = tag(a)
  let r = rank(t)
  let s = rank(tag(b))
  if (r != s) return r - s
  switch (r) {
    case 1: return a == b ? 0 : a < b ? -1 : 1
    case 2: return compareNumbers(a, b)
    case 3:
    case 4: return compareText(a, b)
    case 6:
    case 7: return compareSequences(a, b, depth)
    case 8: return compareMaps(a, b, depth)
    default: return 0
  }
}

function compareSequences(a: i64, b: i64, depth: u32): i32 {
  if (depth >= NESTING_MAX) recursionLimit()
  let n = aux(a)
  let m = aux(b)
  let common = min(n, m)
  for (let i: u32 = 0; i < common; i++) {
    charge(1)
    let order = compare(at(a, i), at(b, i), depth + 1)
    if (order) return order
  }
  return n < m ? -1 : n > m ? 1 : 0
}

function compareMaps(a: i64, b: i64, depth: u32): i32 {
  if (depth >= NESTING_MAX) recursionLimit()
  let n = aux(a)
  let m = aux(b)
  let p = entries(a)
  let q = entries(b)
  for (let i = min(n, m); i > 0; i--, p += 16, q += 16) {
    charge(1)
    let order = compareKeys(load<i64>(p), load<i64>(q))
    if (order) return order
    order = compare(load<i64>(p, 8), load<i64>(q, 8), depth + 1)
    if (order) return order
  }
  return n < m ? -1 : n > m ? 1 : 0
}

/** Bits of a digit when integers are sorted digit by digit, and how many values such a digit has. */
// @ts-ignore: decorator
@inline const DIGIT: u32 = 11
// @ts-ignore: decorator
@inline const DIGITS: u32 = 2048

/** Sorts `n` small integers, which lie in [low, high] as values, digit by digit. */
function sortSmall(a: usize, n: u32, low: i64, high: i64): void {
  let scratch = mark()
  let counts = alloc(DIGITS << 2)
  let from = a
  let to = alloc(n << 3)
  let span = <u64>(high - low) >> 1
  for (let shift: u32 = 0; shift < 64 && (span >> shift) != 0; shift += DIGIT) {
    charge(n)
    memory.fill(counts, 0, DIGITS << 2)
    for (let p = from, end = from + (n << 3); p < end; p += 8) {
      let slot = counts + ((<u32>(<u64>(load<i64>(p) - low) >> 1 >> shift) & (DIGITS - 1)) << 2)
      store<u32>(slot, load<u32>(slot) + 1)
    }
    let before: u32 = 0
    for (let slot = counts, end = counts + (DIGITS << 2); slot < end; slot += 4) {
      let many = load<u32>(slot)
      store<u32>(slot, before)
      before += many
    }
    for (let p = from, end = from + (n << 3); p < end; p += 8) {
      let x = load<i64>(p)
      let slot = counts + ((<u32>(<u64>(x - low) >> 1 >> shift) & (DIGITS - 1)) << 2)
      let place = load<u32>(slot)
      store<u32>(slot, place + 1)
      store<i64>(to + (place << 3), x)
    }
    let t = from
    from = to
    to = t
  }
  if (from != a) memory.copy(a, from, n << 3)
  release(scratch)
}

/** Whether `n` values at `a` are all small integers that a few digits tell apart; then they are sorted. */
function sortedAsSmall(a: usize, n: u32): bool {
  if (n < 256) return false
  let low = load<i64>(a)
  let high = low
  for (let p = a, end = a + (n << 3); p < end; p += 8) {
    let x = load<i64>(p)
    if (!isSmall(x)) return false
    if (x < low) low = x
    if (x > high) high = x
  }
  // Four digits at most: each costs about two of the rounds of merging that it saves.
  if (<u64>(high - low) >> 45) return false
  sortSmall(a, n, low, high)
  return true
}

/** Sorts `n` values at `a` stably, in place. */
export function sortValues(a: usize, n: u32): void {
  if (n < 2 || sortedAsSmall(a, n)) return
  let scratch = mark()
  let from = a
  let to = alloc(n << 3)
  let kept = mark()
  let whole = to
  for (let width: u32 = 1; width < n; width <<= 1) {
    for (let low: u32 = 0; low < n; low += width << 1) {
      let mid = min(low + width, n)
      let high = min(low + (width << 1), n)
      let i = low
      let j = mid
      let p = to + (low << 3)
      while (i < mid && j < high) {
        let x = load<i64>(from + (i << 3))
        let y = load<i64>(from + (j << 3))
        if (compare(x, y, 0) <= 0) {
          store<i64>(p, x)
          i++
        } else {
          store<i64>(p, y)
          j++
        }
        p += 8
      }
      memory.copy(p, from + (i << 3), (mid - i) << 3)
      memory.copy(p + ((mid - i) << 3), from + (j << 3), (high - j) << 3)
    }
    charge(n)
    let t = from
    from = to
    to = t
  }
  if (from != a) memory.copy(a, from, n << 3)
  // Comparing maps keeps their sorted entries: then the scratch space must stay.
  if (mark() == kept && whole == scratch) release(scratch)
}
