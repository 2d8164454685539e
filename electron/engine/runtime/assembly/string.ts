// Strings: UTF-8 bytes somewhere in memory under a header with cached hash and scalar count, and keywords, interned.
import { alloc, charge, chargeBytes, outOfMemory } from "./memory"
import { aux, ptr, T_KEYWORD, T_STRING } from "./value"

// @ts-ignore: decorator
@inline const UNKNOWN: u32 = 0xffffffff

/** String over `n` bytes of valid UTF-8 at `p`; the bytes are shared, not copied. */
export function makeString(p: usize, n: u32): i64 {
  return makeCounted(p, n, UNKNOWN)
}

export function makeCounted(p: usize, n: u32, scalars: u32): i64 {
  let s = alloc(24)
  store<u32>(s, T_STRING)
  store<u32>(s, n, 4)
  store<u32>(s, 0, 8)
  store<u32>(s, scalars, 12)
  store<u32>(s, p, 16)
  store<u32>(s, 0, 20)
  return <i64>s
}

const scratch: usize = memory.data(24, 8)

/** A string for one lookup; the next call makes it another. */
export function passing(p: usize, n: u32): i64 {
  store<u32>(scratch, T_STRING)
  store<u32>(scratch, n, 4)
  store<u32>(scratch, 0, 8)
  store<u32>(scratch, UNKNOWN, 12)
  store<u32>(scratch, p, 16)
  store<u32>(scratch, 0, 20)
  return <i64>scratch
}

/** String of an ASCII literal. */
export function text(s: string): i64 {
  let p = changetype<usize>(s)
  let n = load<u32>(p - 4) >> 1
  let to = alloc(n)
  for (let i: u32 = 0; i < n; i++) store<u8>(to + i, load<u16>(p + (i << 1)))
  return makeCounted(to, n, n)
}

// @ts-ignore: decorator
@inline
export function bytesOf(v: i64): usize {
  return load<u32>(ptr(v), 16)
}

/** Number of scalars among `n` bytes at `p`. */
function countScalars(p: usize, n: u32): u32 {
  chargeBytes(n)
  let count: u32 = 0
  let i: u32 = 0
  for (; i + 8 <= n; i += 8) {
    // A byte continues a scalar when its top bits are 10.
    let w = load<u64>(p + i)
    count += 8 - <u32>popcnt<u64>((w >> 7) & (~w >> 6) & 0x0101010101010101)
  }
  for (; i < n; i++) if ((load<u8>(p + i) & 0xc0) != 0x80) count++
  return count
}

/** Length in Unicode scalars. */
export function scalars(v: i64): u32 {
  let s = ptr(v)
  let known = load<u32>(s, 12)
  if (known != UNKNOWN) return known
  known = countScalars(load<u32>(s, 16), load<u32>(s, 4))
  store<u32>(s, known, 12)
  return known
}

/** Bytes of the scalar that starts with byte `b`. */
// @ts-ignore: decorator
@inline
export function width(b: u32): u32 {
  return b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4
}

/** The scalar at `p`, which lies in valid UTF-8. */
export function scalarAt(p: usize): u32 {
  let b: u32 = load<u8>(p)
  if (b < 0x80) return b
  if (b < 0xe0) return ((b & 31) << 6) | (load<u8>(p, 1) & 63)
  if (b < 0xf0) return ((b & 15) << 12) | ((<u32>load<u8>(p, 1) & 63) << 6) | (load<u8>(p, 2) & 63)
  return ((b & 7) << 18) | ((<u32>load<u8>(p, 1) & 63) << 12) | ((<u32>load<u8>(p, 2) & 63) << 6) | (load<u8>(p, 3) & 63)
}

// Where the last scalar index was found: makes walking a string by index linear.
let walked: i64 = 0
let walkedIndex: u32 = 0
let walkedOffset: u32 = 0

/** Byte offset of scalar `index`, which must be ≤ scalars(v). */
export function offsetOf(v: i64, index: u32): u32 {
  let n = aux(v)
  if (scalars(v) == n) return index
  let p = bytesOf(v)
  let i: u32 = 0
  let at: u32 = 0
  if (walked == v && walkedIndex <= index) {
    i = walkedIndex
    at = walkedOffset
  }
  charge((index - i) >> 5)
  for (; i < index; i++) at += width(load<u8>(p + at))
  walked = v
  walkedIndex = index
  walkedOffset = at
  return at
}

/** Bytes [from, to) of a string, sharing them. */
export function slice(v: i64, from: u32, to: u32): i64 {
  let n = to - from
  return makeCounted(bytesOf(v) + from, n, scalars(v) == aux(v) ? n : UNKNOWN)
}

// Scalars of one ASCII byte are made once.
const single: usize = memory.data(1024, 8)

/** The one-scalar string at byte `p`. */
export function scalarString(p: usize): i64 {
  let b: u32 = load<u8>(p)
  if (b < 0x80) {
    let known = load<i64>(single + (b << 3))
    if (known) return known
    known = makeCounted(p, 1, 1)
    store<i64>(single + (b << 3), known)
    return known
  }
  return makeCounted(p, width(b), 1)
}

export function hashBytes(p: usize, n: u32): u32 {
  chargeBytes(n)
  let h: u32 = 0x9747b28c ^ n
  let i: u32 = 0
  for (; i + 4 <= n; i += 4) {
    let k = load<u32>(p + i) * 0xcc9e2d51
    k = rotl<u32>(k, 15) * 0x1b873593
    h = rotl<u32>(h ^ k, 13) * 5 + 0xe6546b64
  }
  let k: u32 = 0
  for (; i < n; i++) k = (k << 8) | load<u8>(p + i)
  k = rotl<u32>(k * 0xcc9e2d51, 15) * 0x1b873593
  h ^= k
  h = (h ^ (h >> 16)) * 0x85ebca6b
  h = (h ^ (h >> 13)) * 0xc2b2ae35
  h ^= h >> 16
  return h ? h : 1
}

/** Hash of a string's text; never 0. */
export function stringHash(v: i64): u32 {
  let s = ptr(v)
  let h = load<u32>(s, 8)
  if (h) return h
  h = hashBytes(load<u32>(s, 16), load<u32>(s, 4))
  store<u32>(s, h, 8)
  return h
}

export function sameBytes(a: usize, b: usize, n: u32): bool {
  if (a == b) return true
  chargeBytes(n)
  let i: u32 = 0
  for (; i + 8 <= n; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false
  for (; i < n; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false
  return true
}

export function sameText(a: i64, b: i64): bool {
  if (a == b) return true
  let n = aux(a)
  return n == aux(b) && sameBytes(bytesOf(a), bytesOf(b), n)
}

/** Byte order of two strings or keywords: negative, 0 or positive. */
export function compareText(a: i64, b: i64): i32 {
  if (a == b) return 0
  let n = aux(a)
  let m = aux(b)
  let p = bytesOf(a)
  let q = bytesOf(b)
  let common = min(n, m)
  let i: u32 = 0
  while (i + 8 <= common && load<u64>(p + i) == load<u64>(q + i)) i += 8
  while (i < common && load<u8>(p + i) == load<u8>(q + i)) i++
  chargeBytes(i)
  if (i < common) return <i32>load<u8>(p + i) - <i32>load<u8>(q + i)
  return n < m ? -1 : n > m ? 1 : 0
}

/** First place at or after `from` where `needle` stands in `v`, in bytes; −1 if none. */
export function search(v: i64, needle: i64, from: u32): i32 {
  let n = aux(v)
  let m = aux(needle)
  if (m > n) return -1
  let p = bytesOf(v)
  let q = bytesOf(needle)
  if (m == 0) return from
  let first: u32 = load<u8>(q)
  let end = n - m
  if (from > end) return -1
  // Bytes compared in vain are paid for as well.
  let compared: u32 = 0
  for (let i = from; i <= end; i++) {
    if (load<u8>(p + i) == first) {
      let k: u32 = 1
      while (k < m && load<u8>(p + i + k) == load<u8>(q + k)) k++
      compared += k
      if (compared > 0xffff) {
        chargeBytes(compared)
        compared = 0
      }
      if (k == m) {
        chargeBytes(i - from + compared)
        return i
      }
    }
  }
  chargeBytes(end - from + 1 + compared)
  return -1
}

// Keywords: a hash table of chains, doubled when it is as full as it is wide.
let table: usize = 0
let buckets: u32 = 0
let keywords: u32 = 0

/** Number of keywords interned so far. */
export function interned(): u32 {
  return keywords
}

function findKeyword(h: u32, p: usize, n: u32): usize {
  if (buckets == 0) return 0
  let k: usize = load<u32>(table + ((h & (buckets - 1)) << 2))
  while (k) {
    if (load<u32>(k, 8) == h && load<u32>(k, 4) == n && sameBytes(load<u32>(k, 16), p, n)) return k
    k = load<u32>(k, 12)
  }
  return 0
}

/** The keyword of this text if there is one already, else 0. */
export function knownKeyword(p: usize, n: u32): i64 {
  return <i64>findKeyword(hashBytes(p, n), p, n)
}

/** The keyword of this text; its bytes are shared. */
export function keyword(p: usize, n: u32): i64 {
  let h = hashBytes(p, n)
  let k = findKeyword(h, p, n)
  if (k) return <i64>k
  if (keywords >= buckets) widen()
  let slot = table + ((h & (buckets - 1)) << 2)
  k = alloc(24)
  store<u32>(k, T_KEYWORD)
  store<u32>(k, n, 4)
  store<u32>(k, h, 8)
  store<u32>(k, load<u32>(slot), 12)
  store<u32>(k, p, 16)
  store<u32>(k, 0, 20)
  store<u32>(slot, k)
  keywords++
  return <i64>k
}

function widen(): void {
  let wider = buckets ? buckets * 2 : 64
  let fresh = alloc(wider << 2)
  memory.fill(fresh, 0, wider << 2)
  for (let i: u32 = 0; i < buckets; i++) {
    let k: usize = load<u32>(table + (i << 2))
    while (k) {
      let next = load<u32>(k, 12)
      let slot = fresh + ((load<u32>(k, 8) & (wider - 1)) << 2)
      store<u32>(k, load<u32>(slot), 12)
      store<u32>(slot, k)
      k = next
    }
  }
  charge(buckets)
  table = fresh
  buckets = wider
}

/** Keyword of the same text as a string. */
export function keywordOf(v: i64): i64 {
  return keyword(bytesOf(v), aux(v))
}

/** The buffer of `append` in which nothing stands behind this string yet, or 0. */
// @ts-ignore: decorator
@inline
export function openBuffer(v: i64): usize {
  let s = ptr(v)
  let b: usize = load<u32>(s, 20)
  return b && <usize>load<u32>(s, 16) + aux(v) == b + 8 + load<u32>(b) ? b : 0
}

/** String of `n` values at `args`, the first being extended in place when nobody extended it before. `total` bytes in all. */
export function append(first: i64, extra: u32): usize {
  let n = aux(first)
  let s = ptr(first)
  let b = openBuffer(first)
  if (b && load<u32>(b) + extra <= load<u32>(b, 4)) {
    store<u32>(b, load<u32>(b) + extra)
    return b
  }
  let total = n + extra
  if (total < n || total > 0x70000000) outOfMemory()
  // Spare room only for what already looks like an accumulation.
  let room = n >= 32 ? total * 2 : total
  let fresh = alloc(room + 8)
  store<u32>(fresh, total)
  store<u32>(fresh, room, 4)
  chargeBytes(n)
  memory.copy(fresh + 8, load<u32>(s, 16), n)
  return fresh
}

/** Header over the last `n` bytes written to a buffer of `append`. */
export function appended(buffer: usize, n: u32, scalarsIfKnown: u32): i64 {
  let v = makeCounted(buffer + 8 + load<u32>(buffer) - n, n, scalarsIfKnown)
  store<u32>(ptr(v), buffer, 20)
  return v
}
