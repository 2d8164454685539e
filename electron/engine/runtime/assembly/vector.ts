// Vectors and lists: persistent 32-way trees with a tail. A header sees the elements [offset, offset + count) of its tree, so `rest`
// shares; a tail buffer has a high-water mark, so appending to the newest version writes in place.
import { alloc, charge, copyWords, outOfMemory } from "./memory"
import { aux, int, ptr, T_LIST, T_VECTOR } from "./value"

// Header: tag, count, shift @8, root @12, tail @16, offset @20; of a range also start @24.
// Buffer (leaf or tail): used u16 @0, capacity u16 @2, owner @4, values @8. Node: owner @0, children @4, pointers @8.
// @ts-ignore: decorator
@inline const RANGE: u32 = 255
// @ts-ignore: decorator
@inline const NODE_BYTES: u32 = 136

function header(t: u32, count: u32, shift: u32, root: usize, tail: usize, offset: u32): usize {
  let v = alloc(24)
  store<u32>(v, t)
  store<u32>(v, count, 4)
  store<u32>(v, shift, 8)
  store<u32>(v, root, 12)
  store<u32>(v, tail, 16)
  store<u32>(v, offset, 20)
  return v
}

/** Buffer for `capacity` (≤ 32) values. */
function buffer(capacity: u32): usize {
  let b = alloc(8 + (capacity << 3))
  store<u64>(b, <u64>capacity << 16)
  return b
}

/** Room for `n` values that becomes the body of a vector or list; see `fromArgs`. */
export function args(n: u32): usize {
  if (n > 0xfffffff) outOfMemory()
  let b = alloc(8 + (n << 3))
  store<u64>(b, <u64>(n | (n << 16)))
  return b + 8
}

export function vectorNew(): i64 {
  return <i64>header(T_VECTOR, 0, 0, 0, 0, 0)
}

export function listNew(): i64 {
  return <i64>header(T_LIST, 0, 0, 0, 0, 0)
}

export function sequenceNew(t: u32): i64 {
  return <i64>header(t, 0, 0, 0, 0, 0)
}

/** The last n − from of n values at `p`, which came from `args`. */
export function fromArgs(t: u32, p: usize, n: u32, from: u32): i64 {
  if (from >= n) return sequenceNew(t)
  if (n <= 32) return <i64>header(t, n - from, 0, 0, p - 8, from)
  return fromValues(t, p + (from << 3), n - from)
}

/** A copy of `n` values at `p`. */
export function fromValues(t: u32, p: usize, n: u32): i64 {
  charge(n)
  let v = sequenceNew(t)
  let i: u32 = 0
  let full = n > 0 ? (n - 1) & ~31 : 0
  for (; i < full; i += 32) {
    let b = buffer(32)
    store<u16>(b, 32)
    memory.copy(b + 8, p + (i << 3), 256)
    pushLeaf(ptr(v), b, i)
  }
  if (n) {
    let b = buffer(n - full)
    store<u16>(b, n - full)
    memory.copy(b + 8, p + (full << 3), (n - full) << 3)
    store<u32>(ptr(v), b, 16)
  }
  store<u32>(ptr(v), n, 4)
  return v
}

/** The integers [from, to) without their elements. */
export function rangeNew(from: i64, to: i64): i64 {
  if (to <= from) return vectorNew()
  let n = <u64>(to - from)
  if (n > 0x7fffffff) outOfMemory()
  let v = alloc(32)
  store<u32>(v, T_VECTOR)
  store<u32>(v, <u32>n, 4)
  store<u32>(v, RANGE, 8)
  store<u32>(v, 0, 12)
  store<u32>(v, 0, 16)
  store<u32>(v, 0, 20)
  store<i64>(v, from, 24)
  return <i64>v
}

export function isRange(v: i64): bool {
  return load<u32>(ptr(v), 8) == RANGE
}

/** First element of a range (its offset applied). */
export function rangeStart(v: i64): i64 {
  return load<i64>(ptr(v), 24) + <i64>load<u32>(ptr(v), 20)
}

/** Gives a range its elements, in place: nothing about the value changes. */
function materialise(v: usize): void {
  let n = load<u32>(v, 4)
  let start = load<i64>(v, 24) + <i64>load<u32>(v, 20)
  charge(n)
  let fresh = ptr(vectorNew())
  for (let i: u32 = 0; i < n; i++) pushInto(fresh, int(start + <i64>i))
  store<u32>(v, load<u32>(fresh, 8), 8)
  store<u32>(v, load<u32>(fresh, 12), 12)
  store<u32>(v, load<u32>(fresh, 16), 16)
  store<u32>(v, 0, 20)
}

/** The values of the leaf that holds physical index `p` (not of a range); the value itself stands at + 8 × (p & 31). */
function leafOf(v: usize, p: u32): usize {
  let physical = load<u32>(v, 20) + load<u32>(v, 4)
  if (p >= ((physical - 1) & ~31)) return load<u32>(v, 16) + 8
  let node: usize = load<u32>(v, 12)
  for (let s = load<u32>(v, 8); s > 0; s -= 5) node = load<u32>(node + (((p >> s) & 31) << 2), 8)
  return node + 8
}

/** Element `i` of a vector or list; `i` must be below its count. */
export function at(v: i64, i: u32): i64 {
  let o = ptr(v)
  let p = load<u32>(o, 20) + i
  if (load<u32>(o, 8) == RANGE) return int(load<i64>(o, 24) + <i64>p)
  return load<i64>(leafOf(o, p) + ((p & 31) << 3))
}

/** Address of element `i` (not of a range); the next `leafRest` elements follow it. */
export function slotOf(v: i64, i: u32): usize {
  let p = load<u32>(ptr(v), 20) + i
  return leafOf(ptr(v), p) + ((p & 31) << 3)
}

/** Elements from `i` on that lie in the same leaf, if the vector goes on so far. */
// @ts-ignore: decorator
@inline
export function leafRest(v: i64, i: u32): u32 {
  return 32 - ((load<u32>(ptr(v), 20) + i) & 31)
}

/** Writes the elements [from, to) to memory, without charging. */
export function copyOut(v: i64, from: u32, to: u32, target: usize): void {
  let o = ptr(v)
  if (load<u32>(o, 8) == RANGE) {
    for (let i = from; i < to; i++, target += 8) store<i64>(target, at(v, i))
    return
  }
  let offset = load<u32>(o, 20)
  let p = offset + from
  let end = offset + to
  while (p < end) {
    let n = min(32 - (p & 31), end - p)
    memory.copy(target, leafOf(o, p) + ((p & 31) << 3), n << 3)
    target += n << 3
    p += n
  }
}

function node(): usize {
  let n = alloc(NODE_BYTES)
  store<u64>(n, 0)
  return n
}

/** A path of one child each down to `leaf`. */
function path(shift: u32, leaf: usize): usize {
  if (shift == 0) return leaf
  let n = node()
  store<u32>(n, 1, 4)
  store<u32>(n, path(shift - 5, leaf), 8)
  return n
}

/**
 * `old` with one more leaf at index `index` (a multiple of 32). A slot that no version has used yet is filled in place: every other version ends before
 * it. Otherwise the path is copied.
 */
function withLeaf(shift: u32, old: usize, leaf: usize, index: u32): usize {
  let sub = (index >> shift) & 31
  let n = load<u32>(old, 4)
  let child: usize
  if (sub >= n) child = shift == 5 ? leaf : path(shift - 5, leaf)
  else if (shift == 5) child = leaf
  else {
    let below: usize = load<u32>(old + (sub << 2), 8)
    child = withLeaf(shift - 5, below, leaf, index)
    if (child == below) return old
  }
  if (sub == n) {
    store<u32>(old, sub + 1, 4)
    store<u32>(old + (sub << 2), child, 8)
    return old
  }
  let copy = alloc(NODE_BYTES)
  copyWords(copy, old, 8 + (n << 2))
  store<u32>(copy, 0)
  store<u32>(copy, max(n, sub + 1), 4)
  store<u32>(copy + (sub << 2), child, 8)
  return copy
}

/** Hangs a full leaf into the tree of a header under construction; `index` elements are there already. */
function pushLeaf(v: usize, leaf: usize, index: u32): void {
  let shift = load<u32>(v, 8)
  let root: usize = load<u32>(v, 12)
  if (index == 0) {
    store<u32>(v, leaf, 12)
    return
  }
  if (index == (<u32>1 << (shift + 5))) {
    let top = node()
    store<u32>(top, 2, 4)
    store<u32>(top, root, 8)
    store<u32>(top, path(shift, leaf), 12)
    store<u32>(v, shift + 5, 8)
    store<u32>(v, top, 12)
    return
  }
  store<u32>(v, withLeaf(shift, root, leaf, index), 12)
}

/** Appends to a header nobody else has seen (its tree may be shared). */
function pushInto(v: usize, x: i64): void {
  let count = load<u32>(v, 4)
  let physical = load<u32>(v, 20) + count
  if (physical == 0x7fffffff) outOfMemory()
  let tail: usize = load<u32>(v, 16)
  let used = physical == 0 ? 0 : ((physical - 1) & 31) + 1
  store<u32>(v, count + 1, 4)
  if (used == 32) {
    pushLeaf(v, tail, physical - 32)
    tail = buffer(32)
    store<u32>(v, tail, 16)
    used = 0
  } else if (tail == 0 || load<u16>(tail) != used || load<u16>(tail, 2) == used) {
    let wider = buffer(used < 4 ? 4 : used < 8 ? 8 : used < 16 ? 16 : 32)
    copyWords(wider + 8, tail + 8, used << 3)
    tail = wider
    store<u32>(v, tail, 16)
  }
  store<i64>(tail + (used << 3), x, 8)
  store<u16>(tail, used + 1)
}

/** Appends in place to a value that was just made and is not shared. */
// @ts-ignore: decorator
@inline
export function push(v: i64, x: i64): void {
  pushInto(ptr(v), x)
}

/** A header of its own over the same elements. */
export function copyHeader(v: i64): i64 {
  let o = ptr(v)
  if (load<u32>(o, 8) == RANGE) materialise(o)
  return <i64>header(load<u32>(o), load<u32>(o, 4), load<u32>(o, 8), load<u32>(o, 12), load<u32>(o, 16), load<u32>(o, 20))
}

export function conj(v: i64, x: i64): i64 {
  charge(1)
  let fresh = copyHeader(v)
  pushInto(ptr(fresh), x)
  return fresh
}

/** The elements from `from` on; shares. */
export function dropFirst(v: i64, from: u32): i64 {
  let o = ptr(v)
  let count = load<u32>(o, 4)
  if (from == 0) return v
  if (from >= count) return sequenceNew(load<u32>(o))
  if (load<u32>(o, 8) == RANGE) {
    let start = load<i64>(o, 24) + <i64>load<u32>(o, 20) + <i64>from
    return rangeNew(start, start + <i64>(count - from))
  }
  return <i64>header(load<u32>(o), count - from, load<u32>(o, 8), load<u32>(o, 12), load<u32>(o, 16), load<u32>(o, 20) + from)
}

/** The elements [from, to); copies unless to is the end. */
export function subrange(v: i64, from: u32, to: u32): i64 {
  let o = ptr(v)
  if (to == load<u32>(o, 4)) return dropFirst(v, from)
  if (load<u32>(o, 8) == RANGE) {
    let start = load<i64>(o, 24) + <i64>load<u32>(o, 20)
    return rangeNew(start + <i64>from, start + <i64>to)
  }
  charge(to - from)
  let fresh = sequenceNew(load<u32>(o))
  for (let i = from; i < to; i++) pushInto(ptr(fresh), at(v, i))
  return fresh
}

/** Appends all elements of `from` to a header nobody else has seen. */
export function pushAll(v: i64, from: i64): void {
  let n = aux(from)
  charge(n)
  for (let i: u32 = 0; i < n; i++) pushInto(ptr(v), at(from, i))
}

function withValue(shift: u32, old: usize, index: u32, x: i64, owner: u32): usize {
  if (shift == 0) {
    if (owner && load<u32>(old, 4) == owner) {
      store<i64>(old + ((index & 31) << 3), x, 8)
      return old
    }
    let b = buffer(32)
    store<u16>(b, 32)
    store<u32>(b, owner, 4)
    memory.copy(b + 8, old + 8, 256)
    store<i64>(b + ((index & 31) << 3), x, 8)
    return b
  }
  let sub = (index >> shift) & 31
  let child: usize = load<u32>(old + (sub << 2), 8)
  let fresh = withValue(shift - 5, child, index, x, owner)
  if (fresh == child) return old
  if (owner && load<u32>(old) == owner) {
    store<u32>(old + (sub << 2), fresh, 8)
    return old
  }
  let n = load<u32>(old, 4)
  let copy = alloc(NODE_BYTES)
  copyWords(copy, old, 8 + (n << 2))
  store<u32>(copy, owner)
  store<u32>(copy + (sub << 2), fresh, 8)
  return copy
}

/** `v` with element `i` replaced; nodes of `owner` (if not 0) are changed in place. */
export function replace(v: i64, i: u32, x: i64, owner: u32): i64 {
  charge(1)
  let o = ptr(v)
  if (load<u32>(o, 8) == RANGE) materialise(o)
  let p = load<u32>(o, 20) + i
  let physical = load<u32>(o, 20) + load<u32>(o, 4)
  let tailStart = (physical - 1) & ~31
  if (p >= tailStart) {
    let old: usize = load<u32>(o, 16)
    if (owner && load<u32>(old, 4) == owner) {
      store<i64>(old + ((p & 31) << 3), x, 8)
      return v
    }
    let used = physical - tailStart
    let tail = buffer(owner ? 32 : load<u16>(old, 2))
    store<u16>(tail, used)
    store<u32>(tail, owner, 4)
    copyWords(tail + 8, old + 8, used << 3)
    store<i64>(tail + ((p & 31) << 3), x, 8)
    let fresh = copyHeader(v)
    store<u32>(ptr(fresh), tail, 16)
    return fresh
  }
  let root: usize = load<u32>(o, 12)
  let changed = withValue(load<u32>(o, 8), root, p, x, owner)
  if (changed == root) return v
  let fresh = copyHeader(v)
  store<u32>(ptr(fresh), changed, 12)
  return fresh
}

// The owner of a leaf that was filled from the front: FRONT | lowest slot in use. Below it no header sees anything, so the version that
// begins exactly there may write the next slot in place.
// @ts-ignore: decorator
@inline const FRONT: u32 = 0x80000000
/** Up to this many elements, prepending copies. */
// @ts-ignore: decorator
@inline const SHORT: u32 = 16

/** Copy of the path to the leaf that holds physical index `p`, with that leaf replaced. */
function withLeafAt(shift: u32, old: usize, p: u32, leaf: usize): usize {
  if (shift == 0) return leaf
  let n = load<u32>(old, 4)
  let sub = (p >> shift) & 31
  let copy = alloc(NODE_BYTES)
  copyWords(copy, old, 8 + (n << 2))
  store<u32>(copy, 0)
  store<u32>(copy + (sub << 2), withLeafAt(shift - 5, load<u32>(old + (sub << 2), 8), p, leaf), 8)
  return copy
}

/** `x` before the elements of a vector. Shares all but one leaf; room is made by doubling when there is none before the first element. */
export function prepend(v: i64, x: i64): i64 {
  charge(1)
  let o = ptr(v)
  if (load<u32>(o, 8) == RANGE) materialise(o)
  let count = load<u32>(o, 4)
  let offset = load<u32>(o, 20)
  if (count <= SHORT && offset == 0) {
    let p = args(count + 1)
    store<i64>(p, x)
    copyOut(v, 0, count, p + 8)
    charge(count)
    return fromArgs(T_VECTOR, p, count + 1, 0)
  }
  let fresh: usize
  if (offset == 0) {
    // As many free slots as elements, in leaves that are not there yet.
    offset = (count + 31) & ~31
    fresh = header(T_VECTOR, 0, 0, 0, 0, offset)
    for (let i: u32 = 0; i + 32 < offset; i += 32) pushLeaf(fresh, 0, i)
    pushAll(<i64>fresh, v)
  } else fresh = ptr(copyHeader(v))
  let slot = (offset - 1) & 31
  let physical = offset + count
  let inTail = offset - 1 >= ((physical - 1) & ~31)
  let leaf: usize = 0
  if (slot < 31) {
    leaf = inTail ? <usize>load<u32>(fresh, 16) : leafOf(fresh, offset) - 8
    if (load<u32>(leaf, 4) != (FRONT | (slot + 1))) {
      let old = leaf
      let used = load<u16>(old)
      leaf = buffer(32)
      store<u16>(leaf, inTail ? physical - ((physical - 1) & ~31) : used)
      copyWords(leaf + 8, old + 8, min<u32>(32, load<u16>(old, 2)) << 3)
    }
  } else {
    leaf = buffer(32)
    store<u16>(leaf, 32)
  }
  store<u32>(leaf, FRONT | slot, 4)
  store<i64>(leaf + (slot << 3), x, 8)
  if (inTail) store<u32>(fresh, leaf, 16)
  else if (slot == 31 || leafOf(fresh, offset) - 8 != leaf) store<u32>(fresh, withLeafAt(load<u32>(fresh, 8), load<u32>(fresh, 12), offset - 1, leaf), 12)
  store<u32>(fresh, offset - 1, 20)
  store<u32>(fresh, count + 1, 4)
  return <i64>fresh
}
