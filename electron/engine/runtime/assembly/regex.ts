// Regular expressions in linear time, whatever the pattern. Where a bit for each (instruction, position) fits, a backtracker that never visits
// one of them twice; else a simulation of all threads at once (Pike). Both take the same match: the first in order of preference.
import { alloc, charge, mark, release } from "./memory"
import { ABSENT, aux, FALSE, NIL, TRUE } from "./value"
import { bytesOf, scalarAt, slice, width } from "./string"
import { push, vectorNew } from "./vector"
import { lookup, mapNew, put } from "./map"
import { needString } from "./text"
import { isWord } from "./charset"
import {
  A_LINE_END, A_LINE_START, A_NOT_WORD, A_TEXT_END, A_TEXT_START, A_WORD, A_WORD_END, A_WORD_START, A_WORD_START_HALF, OP_ASSERT,
  OP_CHAR, OP_JUMP, OP_MATCH, OP_SET, OP_SPLIT, program, programSize
} from "./pattern"

// Compiled patterns by their text, as small integers.
let cache: i64 = 0

// Compiled: program @0, size @4, thread lists @8 and @12 (0: not made yet), stack @16, set of first bytes (256 bits) @20 (0: a match may be empty),
// anchored @24.
// Thread list: number of threads @0, then size × (index in dense) @8, then size × (instruction, start) of 8 bytes.
function compiled(pattern: i64): usize {
  if (cache == 0) cache = mapNew()
  let known = lookup(cache, pattern)
  if (known != ABSENT) return <usize>(known >> 1)
  let code = program(bytesOf(pattern), aux(pattern))
  let size = programSize()
  let re = alloc(32)
  store<u32>(re, code)
  store<u32>(re, size, 4)
  store<u64>(re, 0, 8)
  store<u32>(re, alloc((size << 3) + 8), 16)
  store<u32>(re, firstBytes(code, size, load<u32>(re, 16)), 20)
  store<u32>(re, load<u32>(code) == OP_ASSERT && load<u32>(code, 4) == A_TEXT_START ? 1 : 0, 24)
  cache = put(cache, pattern, <i64>(<u64>re << 1) | 1, 0)
  return re
}

/** Bits of the bytes with which a match can begin; 0 if a match may be empty. `stack` is scratch. */
function firstBytes(code: usize, size: u32, stack: usize): usize {
  let bits = alloc(32)
  memory.fill(bits, 0, 32)
  let scratch = mark()
  let seen = alloc(size)
  memory.fill(seen, 0, size)
  charge(size)
  let empty = false
  let depth: u32 = 1
  store<u32>(stack, 0)
  while (depth > 0) {
    depth--
    let pc = load<u32>(stack + (depth << 2))
    if (load<u8>(seen + pc)) continue
    store<u8>(seen + pc, 1)
    let i = code + (pc << 4)
    let x = load<u32>(i, 4)
    switch (load<u32>(i)) {
      case OP_CHAR:
        if (x < 128) setBit(bits, x)
        else fillBits(bits)
        break
      case OP_SET:
        for (let k: u32 = 0; k < 16; k += 8) store<u64>(bits + k, load<u64>(bits + k) | load<u64>(x + k))
        if (load<u32>(x, 16) && load<u32>(x + 24 + (load<u32>(x, 16) << 3) - 4) > 127) fillBits(bits)
        break
      case OP_SPLIT:
        store<u32>(stack + (depth << 2), load<u32>(i, 8))
        store<u32>(stack + (depth << 2), x, 4)
        depth += 2
        break
      case OP_JUMP:
        store<u32>(stack + (depth << 2), x)
        depth++
        break
      case OP_ASSERT:
        store<u32>(stack + (depth << 2), pc + 1)
        depth++
        break
      default:
        empty = true
    }
  }
  release(scratch)
  return empty ? 0 : bits
}

function setBit(bits: usize, b: u32): void {
  store<u8>(bits + (b >> 3), <u32>load<u8>(bits + (b >> 3)) | (1 << (b & 7)))
}

/** All bytes of scalars outside ASCII. */
function fillBits(bits: usize): void {
  store<u64>(bits, -1, 16)
  store<u64>(bits, -1, 24)
}

function threadList(size: u32): usize {
  let list = alloc(8 + ((size + 1) & ~1) * 4 + (size << 3))
  memory.fill(list, 0, 8 + ((size + 1) & ~1) * 4)
  return list
}

// The search under way.
let code: usize = 0
let size: u32 = 0
let stack: usize = 0
let text: usize = 0
let textEnd: usize = 0
let foundStart: usize = 0
let foundEnd: usize = 0

// @ts-ignore: decorator
@inline
function dense(list: usize): usize {
  return list + 8 + (((size + 1) & ~1) << 2)
}

function holds(kind: u32, p: usize): bool {
  switch (kind) {
    case A_TEXT_START: return p == text
    case A_TEXT_END: return p == textEnd
    case A_LINE_START: return p == text || load<u8>(p - 1) == 10
    case A_LINE_END: return p == textEnd || load<u8>(p) == 10
  }
  let ascii = (kind & 16) != 0
  let before = false
  if (p > text) {
    let q = p - 1
    while ((load<u8>(q) & 0xc0) == 0x80) q--
    before = isWord(scalarAt(q), ascii)
  }
  let after = p < textEnd && isWord(scalarAt(p), ascii)
  switch (kind & 15) {
    case A_WORD: return before != after
    case A_NOT_WORD: return before == after
    case A_WORD_START: return !before && after
    case A_WORD_END: return before && !after
    case A_WORD_START_HALF: return !before
    default: return !after
  }
}

/** Adds the thread at `pc` and all it reaches without reading, in order of preference. Answers the number of instructions visited. */
function addThread(list: usize, pc: u32, from: usize, p: usize): u32 {
  let threads = dense(list)
  let depth: u32 = 1
  let visited: u32 = 0
  store<u32>(stack, pc)
  while (depth > 0) {
    depth--
    pc = load<u32>(stack + (depth << 2))
    let n = load<u32>(list)
    let index = load<u32>(list + (pc << 2), 8)
    if (index < n && load<u32>(threads + (index << 3)) == pc) continue
    store<u32>(list + (pc << 2), n, 8)
    store<u32>(threads + (n << 3), pc)
    store<u32>(threads + (n << 3), <u32>from, 4)
    store<u32>(list, n + 1)
    visited++
    let i = code + (pc << 4)
    switch (load<u32>(i)) {
      case OP_JUMP:
        store<u32>(stack + (depth << 2), load<u32>(i, 4))
        depth++
        break
      case OP_SPLIT:
        store<u32>(stack + (depth << 2), load<u32>(i, 8))
        store<u32>(stack + (depth << 2), load<u32>(i, 4), 4)
        depth += 2
        break
      case OP_ASSERT:
        if (holds(load<u32>(i, 4), p)) {
          store<u32>(stack + (depth << 2), pc + 1)
          depth++
        }
    }
  }
  return visited
}

function inSet(s: usize, c: u32): bool {
  if (c < 128) return ((load<u8>(s + (c >> 3)) >> <u8>(c & 7)) & 1) != 0
  let low: u32 = 0
  let high = load<u32>(s, 16)
  while (low < high) {
    let mid = (low + high) >> 1
    let r = s + 24 + (mid << 3)
    if (c < load<u32>(r)) high = mid
    else if (c > load<u32>(r, 4)) low = mid + 1
    else return true
  }
  return false
}

/** First place at or after `p` with a byte of the set. */
function skip(bits: usize, p: usize): usize {
  let q = p
  while (q < textEnd) {
    let b: u32 = load<u8>(q)
    if ((<u32>load<u8>(bits + (b >> 3)) >> (b & 7)) & 1) break
    q++
  }
  charge(<i64>((q - p + 31) >> 5))
  return q
}

// The bits of (instruction, position) of the search under way: instruction + size × (position − visitedFrom), in `visited`.
let visited: usize = 0
let visitedBytes: u32 = 0
let visitedFrom: usize = 0
// Alternatives not yet tried, as (instruction, position).
let jobs: usize = 0
let jobsMax: u32 = 0

/** Bits of a search by backtracking. */
// @ts-ignore: decorator
@inline const BITS_MAX: u64 = 8388608

/** Makes ready for searches in `v` from `p` on; whether by backtracking. */
function begin(re: usize, v: i64, p: usize): bool {
  code = load<u32>(re)
  size = load<u32>(re, 4)
  stack = load<u32>(re, 16)
  text = bytesOf(v)
  textEnd = text + aux(v)
  let bits = <u64>size * (<u64>(textEnd - p) + 1)
  if (bits > BITS_MAX) return false
  let needed = (<u32>bits >> 3) + 1
  if (needed > visitedBytes) {
    visitedBytes = needed * 2
    visited = alloc(visitedBytes)
  }
  charge(<i64>((needed + 31) >> 5))
  memory.fill(visited, 0, needed)
  visitedFrom = p
  if (jobsMax == 0) {
    jobsMax = 256
    jobs = alloc(2048)
  }
  return true
}

/** Leftmost match at or after `p` (any match if `shortest`), after `begin`. What failed once fails always, so the bits stay for the next search. */
function search(re: usize, v: i64, p: usize, shortest: bool, backtracking: bool): bool {
  if (!backtracking) return run(re, v, p, shortest)
  let first: usize = load<u32>(re, 20)
  let anchored = load<u32>(re, 24) != 0
  while (true) {
    if (first) {
      p = skip(first, p)
      if (p == textEnd) return false
    }
    if (anchored && p > text) return false
    if (matchAt(p)) {
      foundStart = p
      return true
    }
    if (p >= textEnd) return false
    p += width(load<u8>(p))
  }
}

/** Whether a match begins at `p`; its end is foundEnd. */
function matchAt(p: usize): bool {
  let depth: u32 = 0
  let pc: u32 = 0
  let steps: u32 = 0
  let bits = visited
  while (true) {
    let n = pc + size * <u32>(p - visitedFrom)
    let byte = bits + (n >> 3)
    let seen: u32 = load<u8>(byte)
    let mask: u32 = 1 << (n & 7)
    let alive = false
    steps++
    if (!(seen & mask)) {
      store<u8>(byte, seen | mask)
      let i = code + (pc << 4)
      let x = load<u32>(i, 4)
      switch (load<u32>(i)) {
        case OP_CHAR:
          if (p < textEnd) {
            let b: u32 = load<u8>(p)
            if (b < 128 ? b == x : scalarAt(p) == x) {
              p += width(b)
              pc++
              alive = true
            }
          }
          break
        case OP_SET:
          if (p < textEnd) {
            let b: u32 = load<u8>(p)
            if (b < 128 ? ((<u32>load<u8>(x + (b >> 3)) >> (b & 7)) & 1) != 0 : inSet(x, scalarAt(p))) {
              p += width(b)
              pc++
              alive = true
            }
          }
          break
        case OP_SPLIT:
          if (depth == jobsMax) moreJobs(depth)
          store<u32>(jobs + (depth << 3), load<u32>(i, 8))
          store<u32>(jobs + (depth << 3), <u32>p, 4)
          depth++
          pc = x
          alive = true
          break
        case OP_JUMP:
          pc = x
          alive = true
          break
        case OP_ASSERT:
          if (holds(x, p)) {
            pc++
            alive = true
          }
          break
        default:
          foundEnd = p
          charge(<i64>(steps + 3) >> 2)
          reopen(p)
          return true
      }
    }
    if (alive) continue
    if (depth == 0) break
    depth--
    pc = load<u32>(jobs + (depth << 3))
    p = load<u32>(jobs + (depth << 3), 4)
  }
  charge(<i64>(steps + 3) >> 2)
  return false
}

/** Forgets the bits at `p`, where a match ended: those on the way to it did not fail. */
function reopen(p: usize): void {
  let n = size * <u32>(p - visitedFrom)
  for (let end = n + size; n < end; n++) store<u8>(visited + (n >> 3), <u32>load<u8>(visited + (n >> 3)) & ~(1 << (n & 7)))
}

function moreJobs(depth: u32): void {
  let wider = alloc(depth << 4)
  memory.copy(wider, jobs, depth << 3)
  jobs = wider
  jobsMax = depth << 1
}

/** The same by simulation, for large texts and programs. */
function run(re: usize, v: i64, p: usize, shortest: bool): bool {
  if (load<u32>(re, 8) == 0) {
    store<u32>(re, threadList(size), 8)
    store<u32>(re, threadList(size), 12)
  }
  let now: usize = load<u32>(re, 8)
  let next: usize = load<u32>(re, 12)
  let first: usize = load<u32>(re, 20)
  let anchored = load<u32>(re, 24) != 0
  let found = false
  store<u32>(now, 0)
  store<u32>(next, 0)
  while (true) {
    let units: u32 = 1
    if (load<u32>(now) == 0) {
      if (found || (anchored && p > text)) break
      if (first) {
        p = skip(first, p)
        if (p == textEnd) break
      }
    }
    if (!found && !(anchored && p > text)) units += addThread(now, 0, p, p)
    let n = load<u32>(now)
    let threads = dense(now)
    let c: u32 = 0xffffffff
    let w: usize = 0
    if (p < textEnd) {
      c = scalarAt(p)
      w = width(load<u8>(p))
    }
    for (let k: u32 = 0; k < n; k++) {
      let pc = load<u32>(threads + (k << 3))
      let i = code + (pc << 4)
      let op = load<u32>(i)
      if (op == OP_CHAR ? load<u32>(i, 4) == c : op == OP_SET ? c != 0xffffffff && inSet(load<u32>(i, 4), c) : false) {
        units += addThread(next, pc + 1, load<u32>(threads + (k << 3), 4), p + w)
      } else if (op == OP_MATCH) {
        found = true
        foundStart = load<u32>(threads + (k << 3), 4)
        foundEnd = p
        // Threads of lower preference are cut off.
        break
      }
    }
    charge(<i64>(units + n) >> 1)
    if (p >= textEnd || (found && shortest)) break
    p += w
    let t = now
    now = next
    next = t
    store<u32>(next, 0)
  }
  return found
}

/** Whether `pattern` matches anywhere in `v`; both are strings. */
export function searchPattern(pattern: i64, v: i64): bool {
  let re = compiled(pattern)
  let p = bytesOf(v)
  return search(re, v, p, true, begin(re, v, p))
}

/** The compiled pattern; `v` may be nil as far as the caller allows. */
function checked(op: string, pattern: i64, v: i64): usize {
  needString(op, pattern)
  if (v != NIL) needString(op, v)
  return compiled(pattern)
}

export function reMatches(pattern: i64, v: i64): i64 {
  let re = checked("re-matches", pattern, v)
  if (v == NIL) return FALSE
  let p = bytesOf(v)
  return search(re, v, p, true, begin(re, v, p)) ? TRUE : FALSE
}

function matched(v: i64): i64 {
  return slice(v, <u32>(foundStart - bytesOf(v)), <u32>(foundEnd - bytesOf(v)))
}

export function reFind(pattern: i64, v: i64): i64 {
  let re = checked("re-find", pattern, v)
  if (v == NIL) return NIL
  let p = bytesOf(v)
  return search(re, v, p, false, begin(re, v, p)) ? matched(v) : NIL
}

export function reSeq(pattern: i64, v: i64): i64 {
  let re = checked("re-seq", pattern, v)
  let out = vectorNew()
  if (v == NIL) return out
  let p = bytesOf(v)
  let last: usize = 0
  let backtracking = begin(re, v, p)
  while (search(re, v, p, false, backtracking)) {
    // An empty match right after the previous match is none.
    if (foundStart == foundEnd && foundEnd == last) {
      if (p >= textEnd) break
      p += width(load<u8>(p))
      continue
    }
    push(out, matched(v))
    last = foundEnd
    if (foundStart == foundEnd) {
      if (foundEnd >= textEnd) break
      p = foundEnd + width(load<u8>(foundEnd))
    } else p = foundEnd
  }
  return out
}
