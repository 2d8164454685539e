// Regular expressions: a simulation of all threads of the program at once (Pike), so time is linear in the text and no pattern is dangerous.
import { alloc, charge } from "./memory"
import { ABSENT, aux, FALSE, hasTag, NIL, T_STRING, TRUE } from "./value"
import { bytesOf, scalarAt, slice, width } from "./string"
import { push, vectorNew } from "./vector"
import { lookup, mapNew, put } from "./map"
import { needString } from "./text"
import { isWord } from "./charset"
import {
  A_LINE_END, A_LINE_START, A_NOT_WORD, A_TEXT_END, A_TEXT_START, A_WORD, A_WORD_END, A_WORD_END_HALF, A_WORD_START, A_WORD_START_HALF, OP_ASSERT, OP_CHAR,
  OP_JUMP, OP_MATCH, OP_SET, OP_SPLIT, program, programSize
} from "./pattern"

// Compiled patterns by their text, as small integers.
let cache: i64 = 0

// Compiled: program @0, size @4, thread lists @8 and @12, stack @16, first byte of every match + 1 @20 (0 = not known), anchored @24.
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
  store<u32>(re, threadList(size), 8)
  store<u32>(re, threadList(size), 12)
  store<u32>(re, alloc((size << 3) + 8), 16)
  let op = load<u32>(code)
  let c = load<u32>(code, 4)
  store<u32>(re, op == OP_CHAR && c < 128 ? c + 1 : 0, 20)
  store<u32>(re, op == OP_ASSERT && c == A_TEXT_START ? 1 : 0, 24)
  cache = put(cache, pattern, <i64>(<u64>re << 1) | 1, 0)
  return re
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

/** Leftmost match at or after `p` (any match if `shortest`); whether there is one. Where: foundStart, foundEnd. */
function run(re: usize, v: i64, p: usize, shortest: bool): bool {
  code = load<u32>(re)
  size = load<u32>(re, 4)
  stack = load<u32>(re, 16)
  text = bytesOf(v)
  textEnd = text + aux(v)
  let now: usize = load<u32>(re, 8)
  let next: usize = load<u32>(re, 12)
  let first = load<u32>(re, 20)
  let anchored = load<u32>(re, 24) != 0
  let found = false
  store<u32>(now, 0)
  store<u32>(next, 0)
  while (true) {
    let units: u32 = 1
    if (load<u32>(now) == 0) {
      if (found || (anchored && p > text)) break
      if (first) {
        let q = p
        while (q < textEnd && <u32>load<u8>(q) + 1 != first) q++
        charge(<i64>((q - p) >> 5))
        p = q
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
  return run(compiled(pattern), v, bytesOf(v), true)
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
  return run(re, v, bytesOf(v), true) ? TRUE : FALSE
}

function matched(v: i64): i64 {
  return slice(v, <u32>(foundStart - bytesOf(v)), <u32>(foundEnd - bytesOf(v)))
}

export function reFind(pattern: i64, v: i64): i64 {
  let re = checked("re-find", pattern, v)
  if (v == NIL) return NIL
  return run(re, v, bytesOf(v), false) ? matched(v) : NIL
}

export function reSeq(pattern: i64, v: i64): i64 {
  let re = checked("re-seq", pattern, v)
  let out = vectorNew()
  if (v == NIL) return out
  let p = bytesOf(v)
  let last: usize = 0
  while (run(re, v, p, false)) {
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
