// Maps: up to 8 entries flat and sorted, beyond that a persistent hash trie (16-way, compressed). Enumerated in map order only, so
// neither hash nor shape is visible.
import { alloc, charge, copyWords, mark, newOwner, release } from "./memory"
import { aux, hasTag, isSmall, ptr, T_INT, T_KEYWORD, T_MAP, T_STRING, ABSENT, unboxInt } from "./value"
import { compareText, sameText, stringHash } from "./string"
import { typeError } from "./error"

// Header: tag, count, hash @8, root @12 (0: flat); flat entries from @16, or owner @16, sorted entries @20 (0: not made).
// Node: data bits @0, child bits @4, owner @8, then entries of 16 bytes @16, then child pointers of 4 bytes.
// Below the last level (shift 32) a node is a list of entries whose hashes are equal: their number @0.
// @ts-ignore: decorator
@inline const FLAT: u32 = 8
// @ts-ignore: decorator
@inline const FLAT_AGAIN: u32 = 4

export function isKey(k: i64): bool {
  if (isSmall(k)) return true
  if (<u64>k < 8) return false
  let t = load<u32>(ptr(k))
  return t == T_INT || t == T_STRING || t == T_KEYWORD
}

/** `k` must be a key. */
function hashOf(k: i64): u32 {
  if (!isSmall(k)) {
    let t = load<u32>(ptr(k))
    if (t == T_STRING) return stringHash(k)
    if (t == T_KEYWORD) return load<u32>(ptr(k), 8) ^ 0x5bd1e995
  }
  let n = <u64>unboxInt(k)
  n = (n ^ (n >> 32)) * 0x9e3779b97f4a7c15
  return <u32>(n >> 32)
}

/** `a` and `b` must be keys. */
export function sameKey(a: i64, b: i64): bool {
  if (a == b) return true
  if (isSmall(a) || isSmall(b)) return false
  let t = load<u32>(ptr(a))
  if (t != load<u32>(ptr(b))) return false
  if (t == T_STRING) return sameText(a, b)
  return t == T_INT && load<i64>(ptr(a), 8) == load<i64>(ptr(b), 8)
}

function keyRank(k: i64): i32 {
  if (isSmall(k)) return 0
  let t = load<u32>(ptr(k))
  return t == T_INT ? 0 : t == T_STRING ? 1 : 2
}

/** Map order: integers, then strings, then keywords. */
export function compareKeys(a: i64, b: i64): i32 {
  if (a == b) return 0
  let r = keyRank(a)
  let s = keyRank(b)
  if (r != s) return r - s
  if (r) return compareText(a, b)
  let x = unboxInt(a)
  let y = unboxInt(b)
  return x < y ? -1 : x > y ? 1 : 0
}

function flatNew(count: u32): usize {
  let m = alloc(16 + max<u32>(count << 4, 8))
  store<u32>(m, T_MAP)
  store<u32>(m, count, 4)
  store<u64>(m, 0, 8)
  store<u64>(m, 0, 16)
  return m
}

function trieHeader(count: u32, root: usize, owner: u32): usize {
  let m = alloc(24)
  store<u32>(m, T_MAP)
  store<u32>(m, count, 4)
  store<u32>(m, 0, 8)
  store<u32>(m, root, 12)
  store<u32>(m, owner, 16)
  store<u32>(m, 0, 20)
  return m
}

export function mapNew(): i64 {
  return <i64>flatNew(0)
}

/** The value under `k`, or ABSENT, also when `k` is no key. */
export function lookup(m: i64, k: i64): i64 {
  let o = ptr(m)
  let root: usize = load<u32>(o, 12)
  let direct = isSmall(k) || hasTag(k, T_KEYWORD)
  if (root == 0) {
    let p = o + 16
    let end = p + (load<u32>(o, 4) << 4)
    if (direct) {
      for (; p < end; p += 16) if (load<i64>(p) == k) return load<i64>(p, 8)
      return ABSENT
    }
    if (!isKey(k)) return ABSENT
    for (; p < end; p += 16) if (sameKey(load<i64>(p), k)) return load<i64>(p, 8)
    return ABSENT
  }
  if (!direct && !isKey(k)) return ABSENT
  let h = hashOf(k)
  for (let shift: u32 = 0; shift < 32; shift += 4) {
    let bit = <u32>1 << ((h >> shift) & 15)
    let data = load<u32>(root)
    if (data & bit) {
      let p = root + (popcnt<u32>(data & (bit - 1)) << 4)
      if (load<i64>(p, 16) == k || (!direct && sameKey(load<i64>(p, 16), k))) return load<i64>(p, 24)
      return ABSENT
    }
    let children = load<u32>(root, 4)
    if (!(children & bit)) return ABSENT
    root = load<u32>(root + (popcnt<u32>(data) << 4) + (popcnt<u32>(children & (bit - 1)) << 2), 16)
  }
  let n = load<u32>(root)
  charge(n)
  for (let i: u32 = 0, p = root; i < n; i++, p += 16) if (sameKey(load<i64>(p, 16), k)) return load<i64>(p, 24)
  return ABSENT
}

// Whether the last change added (1) or removed (−1) an entry.
let delta: i32 = 0

function nodeOf(data: u32, children: u32, owner: u32): usize {
  let n = alloc(16 + (popcnt<u32>(data) << 4) + (popcnt<u32>(children) << 2))
  store<u32>(n, data)
  store<u32>(n, children, 4)
  store<u32>(n, owner, 8)
  store<u32>(n, 0, 12)
  return n
}

function entry(p: usize, k: i64, v: i64): void {
  store<i64>(p, k, 16)
  store<i64>(p, v, 24)
}

/** Node of two entries with different keys. */
function pair(shift: u32, h1: u32, k1: i64, v1: i64, h2: u32, k2: i64, v2: i64, owner: u32): usize {
  if (shift >= 32) {
    let n = alloc(48)
    store<u32>(n, 2)
    store<u32>(n, 0, 4)
    store<u64>(n, owner, 8)
    entry(n, k1, v1)
    entry(n + 16, k2, v2)
    return n
  }
  let a = (h1 >> shift) & 15
  let b = (h2 >> shift) & 15
  if (a == b) {
    let n = nodeOf(0, 1 << a, owner)
    store<u32>(n, pair(shift + 4, h1, k1, v1, h2, k2, v2, owner), 16)
    return n
  }
  let n = nodeOf((1 << a) | (1 << b), 0, owner)
  entry(a < b ? n : n + 16, k1, v1)
  entry(a < b ? n + 16 : n, k2, v2)
  return n
}

function insertCollision(node: usize, k: i64, v: i64, owner: u32): usize {
  let n = load<u32>(node)
  charge(n)
  let i: u32 = 0
  while (i < n && !sameKey(load<i64>(node + (i << 4), 16), k)) i++
  let fresh = alloc(16 + (max(n, i + 1) << 4))
  memory.copy(fresh, node, 16 + (n << 4))
  if (i == n) {
    store<u32>(fresh, n + 1)
    delta = 1
    store<i64>(fresh + (i << 4), k, 16)
  }
  store<i64>(fresh + (i << 4), v, 24)
  store<u32>(fresh, owner, 8)
  return fresh
}

function insert(node: usize, shift: u32, h: u32, k: i64, v: i64, owner: u32): usize {
  if (shift >= 32) return insertCollision(node, k, v, owner)
  let bit = <u32>1 << ((h >> shift) & 15)
  let data = load<u32>(node)
  let children = load<u32>(node, 4)
  let entries = popcnt<u32>(data)
  let mine = owner != 0 && load<u32>(node, 8) == owner
  if (children & bit) {
    let at = (entries << 4) + (popcnt<u32>(children & (bit - 1)) << 2)
    let child: usize = load<u32>(node + at, 16)
    let fresh = insert(child, shift + 4, h, k, v, owner)
    if (fresh == child) return node
    if (!mine) {
      let size = 16 + (entries << 4) + (popcnt<u32>(children) << 2)
      let copy = alloc(size)
      copyWords(copy, node, size)
      store<u32>(copy, owner, 8)
      node = copy
    }
    store<u32>(node + at, fresh, 16)
    return node
  }
  let index = popcnt<u32>(data & (bit - 1))
  if (data & bit) {
    let p = node + (index << 4)
    let old = load<i64>(p, 16)
    if (sameKey(old, k)) {
      if (load<i64>(p, 24) == v) return node
      if (!mine) {
        let size = 16 + (entries << 4) + (popcnt<u32>(children) << 2)
        let copy = alloc(size)
        copyWords(copy, node, size)
        store<u32>(copy, owner, 8)
        node = copy
      }
      store<i64>(node + (index << 4), v, 24)
      return node
    }
    // Two keys meet: the entry becomes a child.
    let below = pair(shift + 4, hashOf(old), old, load<i64>(p, 24), h, k, v, owner)
    delta = 1
    let fresh = nodeOf(data & ~bit, children | bit, owner)
    copyWords(fresh + 16, node + 16, index << 4)
    copyWords(fresh + 16 + (index << 4), p + 32, (entries - index - 1) << 4)
    let from = node + 16 + (entries << 4)
    let to = fresh + (entries << 4)
    let before = popcnt<u32>(children & (bit - 1))
    memory.copy(to, from, before << 2)
    store<u32>(to + (before << 2), below)
    memory.copy(to + (before << 2) + 4, from + (before << 2), (popcnt<u32>(children) - before) << 2)
    return fresh
  }
  delta = 1
  let fresh = nodeOf(data | bit, children, owner)
  copyWords(fresh + 16, node + 16, index << 4)
  entry(fresh + (index << 4), k, v)
  copyWords(fresh + 32 + (index << 4), node + 16 + (index << 4), ((entries - index) << 4) + (popcnt<u32>(children) << 2))
  return fresh
}

/** `m` with `v` under `k` (a key); nodes and header of `owner` (if not 0) are changed in place. */
export function put(m: i64, k: i64, v: i64, owner: u32): i64 {
  charge(1)
  let o = ptr(m)
  let count = load<u32>(o, 4)
  let root: usize = load<u32>(o, 12)
  if (root) {
    delta = 0
    let fresh = insert(root, 0, hashOf(k), k, v, owner)
    if (fresh == root && delta == 0 && owner == 0) return m
    if (owner && load<u32>(o, 16) == owner) {
      store<u32>(o, count + delta, 4)
      store<u32>(o, fresh, 12)
      store<u32>(o, 0, 20)
      return m
    }
    return <i64>trieHeader(count + delta, fresh, owner)
  }
  let i: u32 = 0
  let order = 1
  while (i < count) {
    order = compareKeys(load<i64>(o + (i << 4), 16), k)
    if (order >= 0) break
    i++
  }
  if (i < count && order == 0) {
    if (load<i64>(o + (i << 4), 24) == v) return m
    let fresh = flatNew(count)
    copyWords(fresh + 16, o + 16, count << 4)
    store<i64>(fresh + (i << 4), v, 24)
    return <i64>fresh
  }
  if (count < FLAT) {
    let fresh = flatNew(count + 1)
    copyWords(fresh + 16, o + 16, i << 4)
    entry(fresh + (i << 4), k, v)
    copyWords(fresh + 32 + (i << 4), o + 16 + (i << 4), (count - i) << 4)
    return <i64>fresh
  }
  let top = nodeOf(0, 0, owner)
  for (let j: u32 = 0; j < count; j++) {
    let p = o + (j << 4)
    top = insert(top, 0, hashOf(load<i64>(p, 16)), load<i64>(p, 16), load<i64>(p, 24), owner)
  }
  top = insert(top, 0, hashOf(k), k, v, owner)
  return <i64>trieHeader(count + 1, top, owner)
}

// Answer of `erase` when a node shrank to one entry, which its parent takes over.
let loneKey: i64 = 0
let loneValue: i64 = 0

/** Node without `k`; 0 when it became empty, 1 when one entry is left (in loneKey, loneValue) and it is not the root. */
function erase(node: usize, shift: u32, h: u32, k: i64): usize {
  if (shift >= 32) {
    let n = load<u32>(node)
    charge(n)
    let i: u32 = 0
    while (i < n && !sameKey(load<i64>(node + (i << 4), 16), k)) i++
    if (i == n) return node
    delta = -1
    if (n == 2) {
      let p = node + ((1 - i) << 4)
      loneKey = load<i64>(p, 16)
      loneValue = load<i64>(p, 24)
      return 1
    }
    let fresh = alloc(16 + ((n - 1) << 4))
    memory.copy(fresh, node, 16 + (i << 4))
    memory.copy(fresh + 16 + (i << 4), node + 32 + (i << 4), (n - 1 - i) << 4)
    store<u32>(fresh, n - 1)
    store<u32>(fresh, 0, 8)
    return fresh
  }
  let bit = <u32>1 << ((h >> shift) & 15)
  let data = load<u32>(node)
  let children = load<u32>(node, 4)
  let entries = popcnt<u32>(data)
  let kids = popcnt<u32>(children)
  if (data & bit) {
    let index = popcnt<u32>(data & (bit - 1))
    let p = node + (index << 4)
    if (!sameKey(load<i64>(p, 16), k)) return node
    delta = -1
    if (kids == 0) {
      if (entries == 1) return 0
      if (entries == 2 && shift > 0) {
        let q = node + ((1 - index) << 4)
        loneKey = load<i64>(q, 16)
        loneValue = load<i64>(q, 24)
        return 1
      }
    }
    let fresh = nodeOf(data & ~bit, children, 0)
    copyWords(fresh + 16, node + 16, index << 4)
    memory.copy(fresh + 16 + (index << 4), p + 32, ((entries - index - 1) << 4) + (kids << 2))
    return fresh
  }
  if (!(children & bit)) return node
  let before = popcnt<u32>(children & (bit - 1))
  let at = (entries << 4) + (before << 2)
  let child: usize = load<u32>(node + at, 16)
  let below = erase(child, shift + 4, h, k)
  if (below == child) return node
  if (below > 1) {
    let size = 16 + (entries << 4) + (kids << 2)
    let copy = alloc(size)
    copyWords(copy, node, size)
    store<u32>(copy, 0, 8)
    store<u32>(copy + at, below, 16)
    return copy
  }
  if (below == 1 && shift > 0 && entries == 0 && kids == 1) return 1
  // The child is gone, or its last entry moves up here.
  let index = popcnt<u32>(data & (bit - 1))
  let up = below == 1
  let fresh = nodeOf(up ? data | bit : data, children & ~bit, 0)
  copyWords(fresh + 16, node + 16, index << 4)
  let to = fresh + 16 + (index << 4)
  if (up) {
    entry(to - 16, loneKey, loneValue)
    to += 16
  }
  memory.copy(to, node + 16 + (index << 4), (entries - index) << 4)
  to += (entries - index) << 4
  let from = node + 16 + (entries << 4)
  memory.copy(to, from, before << 2)
  memory.copy(to + (before << 2), from + (before << 2) + 4, (kids - before - 1) << 2)
  return fresh
}

/** `m` without `k`, which may be any value. */
export function remove(m: i64, k: i64): i64 {
  charge(1)
  if (!isKey(k)) return m
  let o = ptr(m)
  let count = load<u32>(o, 4)
  let root: usize = load<u32>(o, 12)
  if (root == 0) {
    let i: u32 = 0
    while (i < count && !sameKey(load<i64>(o + (i << 4), 16), k)) i++
    if (i == count) return m
    let fresh = flatNew(count - 1)
    copyWords(fresh + 16, o + 16, i << 4)
    memory.copy(fresh + 16 + (i << 4), o + 32 + (i << 4), (count - 1 - i) << 4)
    return <i64>fresh
  }
  delta = 0
  let top = erase(root, 0, hashOf(k), k)
  if (delta == 0) return m
  let small = <i64>trieHeader(count - 1, top, 0)
  if (count - 1 > FLAT_AGAIN) return small
  let sorted = entries(small)
  let fresh = flatNew(count - 1)
  memory.copy(fresh + 16, sorted, (count - 1) << 4)
  return <i64>fresh
}

/** Writes the entries below `node` to `to`; answers the end. */
function gather(node: usize, shift: u32, to: usize): usize {
  if (shift >= 32) {
    let n = load<u32>(node) << 4
    memory.copy(to, node + 16, n)
    return to + n
  }
  let n = popcnt<u32>(load<u32>(node)) << 4
  memory.copy(to, node + 16, n)
  to += n
  let kids = popcnt<u32>(load<u32>(node, 4))
  for (let i: u32 = 0; i < kids; i++) to = gather(load<u32>(node + n + (i << 2), 16), shift + 4, to)
  return to
}

/** Bottom-up merge sort of `n` entries; answers where they ended up, `a` or `b`. */
function sortEntries(a: usize, b: usize, n: u32): usize {
  for (let width: u32 = 1; width < n; width <<= 1) {
    for (let low: u32 = 0; low < n; low += width << 1) {
      let mid = min(low + width, n)
      let high = min(low + (width << 1), n)
      let i = low
      let j = mid
      let to = b + (low << 4)
      while (i < mid && j < high) {
        let p = compareKeys(load<i64>(a + (i << 4)), load<i64>(a + (j << 4))) <= 0 ? a + (i++ << 4) : a + (j++ << 4)
        store<i64>(to, load<i64>(p))
        store<i64>(to, load<i64>(p, 8), 8)
        to += 16
      }
      memory.copy(to, a + (i << 4), (mid - i) << 4)
      memory.copy(to + ((mid - i) << 4), a + (j << 4), (high - j) << 4)
    }
    charge(n)
    let t = a
    a = b
    b = t
  }
  return a
}

/** Address of the entries (key, value) in map order; count = size of the map. Kept with the map. */
export function entries(m: i64): usize {
  let o = ptr(m)
  let root: usize = load<u32>(o, 12)
  if (root == 0) return o + 16
  let known: usize = load<u32>(o, 20)
  if (known) return known
  let n = load<u32>(o, 4)
  charge(n)
  let a = alloc(n << 4)
  let scratch = mark()
  let b = alloc(n << 4)
  gather(root, 0, a)
  let sorted = sortEntries(a, b, n)
  if (sorted != a) memory.copy(a, sorted, n << 4)
  release(scratch)
  store<u32>(o, a, 20)
  return a
}

/** Map of n pairs at `p`; the last of equal keys wins. Other keys raise a type-error naming `op`. */
export function fromPairs(op: string, p: usize, n: u32): i64 {
  let m = mapNew()
  if (n <= FLAT) {
    // Sorted in place in one block: the common literal.
    charge(n)
    let o = flatNew(n)
    let count: u32 = 0
    for (let j: u32 = 0; j < n; j++) {
      let k = load<i64>(p + (j << 4))
      if (!isKey(k)) typeError(op, "integer, string or keyword as map key", k)
      let i = count
      let order = -1
      while (i > 0) {
        order = compareKeys(load<i64>(o + (i << 4)), k)
        if (order <= 0) break
        i--
      }
      if (i > 0 && order == 0) {
        store<i64>(o + (i << 4), load<i64>(p + (j << 4), 8), 8)
        continue
      }
      memory.copy(o + 32 + (i << 4), o + 16 + (i << 4), (count - i) << 4)
      entry(o + (i << 4), k, load<i64>(p + (j << 4), 8))
      count++
    }
    store<u32>(o, count, 4)
    return <i64>o
  }
  let owner = newOwner()
  for (let j: u32 = 0; j < n; j++) {
    let k = load<i64>(p + (j << 4))
    if (!isKey(k)) typeError(op, "integer, string or keyword as map key", k)
    m = put(m, k, load<i64>(p + (j << 4), 8), owner)
  }
  return disown(m)
}

/** Ends in-place changes of the header; nodes keep an owner that is never used again. */
export function disown(m: i64): i64 {
  if (load<u32>(ptr(m), 12)) store<u32>(ptr(m), 0, 16)
  return m
}

/** Number of entries. */
export function size(m: i64): u32 {
  return aux(m)
}
