// Case mapping, whitespace and character properties, from tables of one pinned Unicode version.
import { alloc, charge, chargeBytes } from "./memory"
import { aux } from "./value"
import { begin, finish, putScalar } from "./output"
import { bytesOf, makeCounted, scalarAt, slice, width } from "./string"
import { CASED, CASE_IGNORABLE, LOWER, LOWER_RUNS, UPPER, UPPER_RUNS, UPPER_SPECIAL, UPPER_SPECIALS } from "./unicode-tables"

/** White_Space. */
export function isSpace(c: u32): bool {
  if (c < 0x80) return c == 32 || (c >= 9 && c <= 13)
  if (c == 0x85 || c == 0xa0 || c == 0x1680) return true
  if (c < 0x2000) return false
  return c <= 0x200a || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000
}

/** First byte in [p, end) that does not belong to leading whitespace. */
export function trimmedStart(p: usize, end: usize): usize {
  while (p < end && isSpace(scalarAt(p))) p += width(load<u8>(p))
  return p
}

/** End of [p, end) without trailing whitespace. */
export function trimmedEnd(p: usize, end: usize): usize {
  while (p < end) {
    let last = end - 1
    while ((load<u8>(last) & 0xc0) == 0x80) last--
    if (!isSpace(scalarAt(last))) break
    end = last
  }
  return end
}

export function trim(v: i64): i64 {
  let p = bytesOf(v)
  let n = aux(v)
  let end = trimmedEnd(p, p + n)
  let start = trimmedStart(p, end)
  chargeBytes(n - <u32>(end - start))
  if (<u32>(end - start) == n) return v
  return slice(v, <u32>(start - p), <u32>(end - p))
}

/** The image of `c` in a table of runs; `c` itself if it has none. */
export function mapped(table: usize, runs: i32, c: u32): u32 {
  let low = 0
  let high = runs
  while (low < high) {
    let mid = (low + high) >> 1
    if ((load<u32>(table + mid * 12) & 0x7fffffff) <= c) low = mid + 1
    else high = mid
  }
  if (low == 0) return c
  let p = table + (low - 1) * 12
  if (c > load<u32>(p, 4)) return c
  let first = load<u32>(p)
  if (first >> 31 && (c - first) & 1) return c
  return c + load<u32>(p, 8)
}

/** Entry of a scalar whose upper case has several scalars; 0 if it has none. */
function specialUpper(c: u32): usize {
  if (c > 0xffff) return 0
  let low = 0
  let high = UPPER_SPECIALS
  while (low < high) {
    let mid = (low + high) >> 1
    let at: u32 = load<u16>(UPPER_SPECIAL + mid * 8)
    if (at == c) return UPPER_SPECIAL + mid * 8
    if (at < c) low = mid + 1
    else high = mid
  }
  return 0
}

/** Whether `c` lies in a table of (gap, length) pairs. */
export function inRanges(table: usize, c: u32): bool {
  let at: u32 = 0
  while (true) {
    for (let shift: u32 = 0; ; shift += 7) {
      let b: u32 = load<u8>(table++)
      at += (b & 127) << shift
      if (b < 128) break
    }
    let n: u32 = 0
    for (let shift: u32 = 0; ; shift += 7) {
      let b: u32 = load<u8>(table++)
      n |= (b & 127) << shift
      if (b < 128) break
    }
    if (n == 0 || c < at) return false
    at += n
    if (c < at) return true
  }
}

/** ASCII text with one case turned: letters from `first` on change by `delta`. 0 if nothing changes. */
function asciiCase(v: i64, first: u32): i64 {
  let p = bytesOf(v)
  let n = aux(v)
  let i: u32 = 0
  while (i < n && <u32>load<u8>(p + i) - first > 25) i++
  if (i == n) return v
  let to = alloc(n)
  memory.copy(to, p, i)
  for (; i < n; i++) {
    let b: u32 = load<u8>(p + i)
    store<u8>(to + i, b - first < 26 ? b ^ 32 : b)
  }
  return makeCounted(to, n, n)
}

function isAscii(p: usize, n: u32): bool {
  for (let i: u32 = 0; i < n; i++) if (load<u8>(p + i) > 127) return false
  return true
}

export function upper(v: i64): i64 {
  let p = bytesOf(v)
  let n = aux(v)
  chargeBytes(n)
  if (isAscii(p, n)) return asciiCase(v, 97)
  begin()
  for (let end = p + n; p < end; p += width(load<u8>(p))) {
    let c = scalarAt(p)
    if (c > 127) charge(1)
    let s: usize = c < 128 ? 0 : specialUpper(c)
    if (s) {
      putScalar(load<u16>(s, 2))
      putScalar(load<u16>(s, 4))
      if (load<u16>(s, 6)) putScalar(load<u16>(s, 6))
    } else putScalar(mapped(UPPER, UPPER_RUNS, c))
  }
  return finish()
}

export function lower(v: i64): i64 {
  let start = bytesOf(v)
  let n = aux(v)
  chargeBytes(n)
  if (isAscii(start, n)) return asciiCase(v, 65)
  begin()
  // Whether the last scalar that is not case-ignorable is a cased one: all a sigma asks of what precedes it.
  let cased = false
  for (let p = start, end = start + n; p < end; p += width(load<u8>(p))) {
    let c = scalarAt(p)
    if (c > 127) charge(1)
    if (c == 0x3a3) {
      putScalar(cased && !casedFollows(p + 2, end) ? 0x3c2 : 0x3c3)
      cased = true
      continue
    }
    if (c == 0x130) {
      putScalar(0x69)
      putScalar(0x307)
    } else putScalar(mapped(LOWER, LOWER_RUNS, c))
    if (!inRanges(CASE_IGNORABLE, c)) cased = inRanges(CASED, c)
  }
  return finish()
}

/** Whether the next scalar that is not case-ignorable is a cased one. */
function casedFollows(p: usize, end: usize): bool {
  for (; p < end; p += width(load<u8>(p))) {
    charge(1)
    let c = scalarAt(p)
    if (!inRanges(CASE_IGNORABLE, c)) return inRanges(CASED, c)
  }
  return false
}
