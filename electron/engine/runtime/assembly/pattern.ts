// Reads a regular expression into a tree (the syntax of RE2 and Rust's `regex`) and lays it out as a program for `regex.ts`.
import { alloc, charge } from "./memory"
import { E_RUNTIME, fail } from "./error"
import { begin, finish, put, putInt } from "./output"
import { scalarAt, width } from "./string"
import {
  addRange, addSet, complement, contains, digitSet, foldCase, intersection, normalise, posixSet, propertySet, rangeCount, rangesOf,
  SCALAR_MAX, scriptSet, setNew, spaceSet, wordSet
} from "./charset"

// Tree node: kind, a, b, c, next sibling, whether it can match nothing; 24 bytes.
// @ts-ignore: decorator
@inline const EMPTY: u32 = 0
// @ts-ignore: decorator
@inline const CHAR: u32 = 1
// @ts-ignore: decorator
@inline const SET: u32 = 2
// @ts-ignore: decorator
@inline const CAT: u32 = 3
// @ts-ignore: decorator
@inline const ALT: u32 = 4
// @ts-ignore: decorator
@inline const REPEAT: u32 = 5
// @ts-ignore: decorator
@inline const ASSERT: u32 = 6

// Instruction: op, x, y, 0; 16 bytes.
// @ts-ignore: decorator
@inline export const OP_CHAR: u32 = 0
// @ts-ignore: decorator
@inline export const OP_SET: u32 = 1
// @ts-ignore: decorator
@inline export const OP_SPLIT: u32 = 2
// @ts-ignore: decorator
@inline export const OP_JUMP: u32 = 3
// @ts-ignore: decorator
@inline export const OP_ASSERT: u32 = 4
// @ts-ignore: decorator
@inline export const OP_MATCH: u32 = 5

// Assertions; + 16 for ASCII word characters.
// @ts-ignore: decorator
@inline export const A_TEXT_START: u32 = 0
// @ts-ignore: decorator
@inline export const A_TEXT_END: u32 = 1
// @ts-ignore: decorator
@inline export const A_LINE_START: u32 = 2
// @ts-ignore: decorator
@inline export const A_LINE_END: u32 = 3
// @ts-ignore: decorator
@inline export const A_WORD: u32 = 4
// @ts-ignore: decorator
@inline export const A_NOT_WORD: u32 = 5
// @ts-ignore: decorator
@inline export const A_WORD_START: u32 = 6
// @ts-ignore: decorator
@inline export const A_WORD_END: u32 = 7
// @ts-ignore: decorator
@inline export const A_WORD_START_HALF: u32 = 8
// @ts-ignore: decorator
@inline export const A_WORD_END_HALF: u32 = 9

// @ts-ignore: decorator
@inline const GROUPS_MAX: u32 = 250
/** Instructions of a program. */
// @ts-ignore: decorator
@inline const PROGRAM_MAX: u32 = 50000

// Flags in force: i 1, m 2, s 4, U 8, x 16, no-u 32.
let flags: u32 = 0
let start: usize = 0
let cursor: usize = 0
let limit: usize = 0
let nesting: u32 = 0

function bad(what: string): void {
  begin()
  put("Runtime error: invalid regular expression: ")
  put(what)
  put(" at byte ")
  putInt(cursor - start)
  fail(E_RUNTIME, finish())
}

function node(kind: u32, a: u32, b: u32, c: u32, nothing: bool): usize {
  charge(1)
  let n = alloc(24)
  store<u32>(n, kind)
  store<u32>(n, a, 4)
  store<u32>(n, b, 8)
  store<u32>(n, c, 12)
  store<u32>(n, 0, 16)
  store<u32>(n, nothing, 20)
  return n
}

// @ts-ignore: decorator
@inline
function peek(): u32 {
  return cursor < limit ? scalarAt(cursor) : 0xffffffff
}

// @ts-ignore: decorator
@inline
function ahead(offset: usize): u32 {
  return cursor + offset < limit ? load<u8>(cursor + offset) : 0
}

function advance(): u32 {
  if (cursor >= limit) bad("unexpected end")
  let c = scalarAt(cursor)
  cursor += width(load<u8>(cursor))
  return c
}

function accept(c: u32): bool {
  if (peek() != c) return false
  cursor++
  return true
}

/** Whitespace and comments, where the flag x is set. */
function skipBlank(): void {
  if (!(flags & 16)) return
  while (cursor < limit) {
    let c = peek()
    if (c == 35) {
      while (cursor < limit && load<u8>(cursor) != 10) cursor++
    } else if (contains(spaceSet(false), c)) advance()
    else return
  }
}

/** Tree of the pattern of n bytes at `p`. */
function parse(p: usize, n: u32): usize {
  start = p
  cursor = p
  limit = p + n
  flags = 0
  nesting = 0
  let tree = alternatives()
  if (cursor < limit) bad("unopened group")
  return tree
}

function alternatives(): usize {
  let first = sequence()
  if (peek() != 124) return first
  let last = first
  let nothing = load<u32>(first, 20)
  while (accept(124)) {
    let next = sequence()
    nothing |= load<u32>(next, 20)
    store<u32>(last, next, 16)
    last = next
  }
  return node(ALT, <u32>first, 0, 0, nothing != 0)
}

/** Items up to `|`, `)` or the end. Always a node of its own, so that its sibling link is free. */
function sequence(): usize {
  let first: usize = 0
  let last: usize = 0
  let nothing = true
  while (true) {
    skipBlank()
    let c = peek()
    if (cursor >= limit || c == 124 || c == 41) break
    let item = repeated()
    if (item == 0) continue
    if (last) store<u32>(last, item, 16)
    else first = item
    last = item
    if (!load<u32>(item, 20)) nothing = false
  }
  return node(CAT, <u32>first, 0, 0, nothing)
}

function repeated(): usize {
  let c = peek()
  if (c == 42 || c == 43 || c == 63 || c == 123) bad("repetition without expression")
  let item = atom()
  if (item == 0) {
    skipBlank()
    c = peek()
    if (c == 42 || c == 43 || c == 63 || c == 123) bad("repetition without expression")
    return 0
  }
  for (let chain: u32 = 0; chain <= GROUPS_MAX; chain++) {
    skipBlank()
    c = peek()
    let least: u32 = 0
    let most: u32 = 0xffffffff
    if (c == 42) cursor++
    else if (c == 43) {
      cursor++
      least = 1
    } else if (c == 63) {
      cursor++
      most = 1
    } else if (c == 123) {
      cursor++
      skipBlank()
      least = peek() == 44 ? 0 : decimal()
      skipBlank()
      most = least
      if (accept(44)) {
        skipBlank()
        most = peek() == 125 ? 0xffffffff : decimal()
        skipBlank()
      }
      if (!accept(125)) bad("unclosed counted repetition")
      if (most < least) bad("invalid repetition range")
    } else return item
    let lazy = (flags & 8) != 0
    skipBlank()
    if (accept(63)) lazy = !lazy
    item = node(REPEAT, <u32>item, least, most, least == 0 || load<u32>(item, 20) != 0)
    if (lazy) store<u32>(item, REPEAT | 0x100)
  }
  bad("repetitions are nested too deeply")
  return 0
}

function decimal(): u32 {
  let n: u32 = 0
  if (peek() - 48 > 9) bad("expected a number")
  while (peek() - 48 < 10) {
    n = n * 10 + (peek() - 48)
    if (n > 1000000) bad("repetition count too large")
    cursor++
  }
  return n
}

/** One item; 0 for a group that only sets flags. */
function atom(): usize {
  let c = advance()
  switch (c) {
    case 46: return setNode(anything())
    case 94: return assertion(flags & 2 ? A_LINE_START : A_TEXT_START)
    case 36: return assertion(flags & 2 ? A_LINE_END : A_TEXT_END)
    case 40: return group()
    case 91: return setNode(bracket())
    case 92: return escape()
    default: return literal(c)
  }
}

function assertion(kind: u32): usize {
  return node(ASSERT, kind, 0, 0, true)
}

function anything(): usize {
  let s = setNew()
  if (flags & 4) addRange(s, 0, SCALAR_MAX)
  else {
    addRange(s, 0, 9)
    addRange(s, 11, SCALAR_MAX)
  }
  return s
}

function literal(c: u32): usize {
  if (!(flags & 1)) return node(CHAR, c, 0, 0, false)
  let s = setNew()
  addRange(s, c, c)
  foldCase(s, (flags & 32) != 0)
  if (rangeCount(s) == 1 && load<u32>(rangesOf(s)) == load<u32>(rangesOf(s), 4)) return node(CHAR, c, 0, 0, false)
  return setNode(s)
}

function setNode(s: usize): usize {
  return node(SET, <u32>s, 0, 0, false)
}

function group(): usize {
  if (++nesting > GROUPS_MAX) bad("groups are nested too deeply")
  let outer = flags
  if (accept(63)) {
    if (peek() == 80 || (peek() == 60 && ahead(1) != 61 && ahead(1) != 33)) {
      if (accept(80) && peek() != 60) bad("unknown group")
      cursor++
      groupName()
    } else if (peek() == 61 || peek() == 33 || peek() == 60) bad("look-around is not supported")
    else if (flagsOfGroup()) {
      nesting--
      return 0
    }
  }
  let tree = alternatives()
  if (!accept(41)) bad("unclosed group")
  flags = outer
  nesting--
  return node(CAT, <u32>tree, 0, 0, load<u32>(tree, 20) != 0)
}

function groupName(): void {
  let first = true
  while (true) {
    let c = advance()
    if (c == 62 && !first) return
    let letter = c == 95 || (c | 32) - 97 < 26 || c > 127
    if (!letter && (first || !(c - 48 < 10 || c == 46 || c == 91 || c == 93))) bad("invalid group name")
    first = false
  }
}

/** Flags after `(?`; whether they stand alone. */
function flagsOfGroup(): bool {
  let clear = false
  let any = false
  while (true) {
    let c = advance()
    let bit: u32 = 0
    switch (c) {
      case 41:
        if (!any) bad("repetition without expression")
        return true
      case 58:
        return false
      case 45:
        if (clear) bad("repeated - in flags")
        clear = true
        any = false
        continue
      case 105:
        bit = 1
        break
      case 109:
        bit = 2
        break
      case 115:
        bit = 4
        break
      case 85:
        bit = 8
        break
      case 120:
        bit = 16
        break
      case 117:
        bit = 32
        clear = !clear
        break
      default:
        bad("unknown flag")
    }
    any = true
    if (clear) flags &= ~bit
    else flags |= bit
    // The flag u is kept as its absence.
    if (c == 117) clear = !clear
  }
}

/** \d \D \w \W \s \S \p \P: a fresh normalised set; 0 if `c` is none of them. */
function classEscape(c: u32): usize {
  let ascii = (flags & 32) != 0
  let s: usize = 0
  switch (c | 32) {
    case 100:
      s = digitSet(ascii)
      break
    case 119:
      s = wordSet(ascii)
      break
    case 115:
      s = spaceSet(ascii)
      break
    case 112:
      s = property()
      break
    default:
      return 0
  }
  return c < 97 ? complement(s) : s
}

const nameBuffer: usize = memory.data(40, 8)

/** The set named after \p or \P. */
function property(): usize {
  if (flags & 32) bad("Unicode properties need the flag u")
  let n: u32 = 0
  let negated = false
  let script = false
  if (accept(123)) {
    negated = accept(94)
    while (true) {
      let c = advance()
      if (c == 125) break
      if (c == 61) {
        // gc=… and General_Category=…, sc=… and Script=…; nothing else has a value.
        let key: u32 = load<u8>(nameBuffer)
        script = key == 115 && ((n == 2 && load<u8>(nameBuffer, 1) == 99) || n == 6)
        if (!script && !(key == 103 && (n == 2 || n == 15))) bad("unknown Unicode property")
        n = 0
        continue
      }
      if (c == 32 || c == 45 || c == 95) continue
      if (c > 127 || n >= 32) bad("unknown Unicode property")
      store<u8>(nameBuffer + n, c - 65 < 26 ? c | 32 : c)
      n++
    }
  } else {
    let c = advance()
    if (c > 127) bad("unknown Unicode property")
    store<u8>(nameBuffer, c - 65 < 26 ? c | 32 : c)
    n = 1
  }
  let s = script ? scriptSet(nameBuffer, n) : propertySet(nameBuffer, n)
  if (s == 0) bad("unknown Unicode property")
  normalise(s)
  if (flags & 1) foldCase(s, false)
  return negated ? complement(s) : s
}

/** The scalar of an escape that stands for one; `c` follows the backslash. */
function scalarEscape(c: u32): u32 {
  switch (c) {
    case 110: return 10
    case 114: return 13
    case 116: return 9
    case 102: return 12
    case 118: return 11
    case 97: return 7
    case 120: return hexadecimal(2)
    case 117: return hexadecimal(4)
    case 85: return hexadecimal(8)
  }
  if (c - 48 < 10) bad("backreferences are not supported")
  if (c > 127 || (c | 32) - 97 < 26 || c == 60 || c == 62) bad("unknown escape")
  return c
}

function hexadecimal(digits: u32): u32 {
  let n: u32 = 0
  let braces = accept(123)
  let count: u32 = 0
  while (braces || count < digits) {
    let c = advance()
    if (braces && c == 125 && count > 0) break
    let d = c - 48
    if (d > 9) {
      d = (c | 32) - 97
      if (d > 5) bad("invalid hexadecimal escape")
      d += 10
    }
    if (n > 0xfffffff) bad("invalid hexadecimal escape")
    n = (n << 4) | d
    count++
  }
  if (n > SCALAR_MAX || (n >= 0xd800 && n < 0xe000)) bad("escape of no scalar")
  return n
}

function escape(): usize {
  let c = advance()
  let s = classEscape(c)
  if (s) return setNode(s)
  let word: u32 = flags & 32 ? 16 : 0
  switch (c) {
    case 65: return assertion(A_TEXT_START)
    case 122: return assertion(A_TEXT_END)
    case 66: return assertion(A_NOT_WORD | word)
    case 60: return assertion(A_WORD_START | word)
    case 62: return assertion(A_WORD_END | word)
    case 98: return assertion((peek() == 123 ? wordBoundary() : A_WORD) | word)
  }
  return literal(scalarEscape(c))
}

/** Name in braces after \b; a number there is a repetition. */
function wordBoundary(): u32 {
  if (named("{start}")) return A_WORD_START
  if (named("{end}")) return A_WORD_END
  if (named("{start-half}")) return A_WORD_START_HALF
  if (named("{end-half}")) return A_WORD_END_HALF
  if (ahead(1) - 48 > 9) bad("unknown word boundary")
  return A_WORD
}

function named(s: string): bool {
  let p = changetype<usize>(s)
  let n = load<u32>(p - 4) >> 1
  for (let i: u32 = 0; i < n; i++) if (ahead(i) != load<u16>(p + (i << 1))) return false
  cursor += n
  return true
}

/** A bracketed class after its `[`; normalised. */
function bracket(): usize {
  if (++nesting > GROUPS_MAX) bad("classes are nested too deeply")
  let negated = accept(94)
  let all: usize = 0
  let operator: u32 = 0
  let s = setNew()
  let first = true
  while (true) {
    skipBlank()
    let c = advance()
    if (c == 93 && !first) {
      s = combine(operator, all, s)
      break
    }
    if (!first || c != 93) {
      // Set operations take everything since the last one as an operand.
      if ((c == 38 || c == 126 || (c == 45 && !first)) && ahead(0) == c) {
        cursor++
        all = combine(operator, all, s)
        operator = c
        s = setNew()
        first = false
        continue
      }
      if (c == 91) {
        first = false
        if (peek() == 58 && posix(s)) continue
        addSet(s, bracket())
        continue
      }
    }
    first = false
    if (c == 92) {
      let escaped = advance()
      let set = classEscape(escaped)
      if (set) {
        addSet(s, set)
        if (peek() == 45 && ahead(1) != 93 && ahead(1) != 45) bad("a class cannot start a range")
        continue
      }
      c = scalarEscape(escaped)
    }
    skipBlank()
    if (peek() == 45 && ahead(1) != 93 && ahead(1) != 45) {
      cursor++
      skipBlank()
      let high = advance()
      if (high == 92) {
        let escaped = advance()
        if (classEscape(escaped)) bad("a class cannot end a range")
        high = scalarEscape(escaped)
      } else if (high == 91) bad("a class cannot end a range")
      if (high < c) bad("invalid range")
      addRange(s, c, high)
    } else addRange(s, c, c)
  }
  nesting--
  return negated ? complement(s) : s
}

/** `left operator right`; the right side gets its other cases first. Normalised. */
function combine(operator: u32, left: usize, right: usize): usize {
  if (flags & 1) foldCase(right, (flags & 32) != 0)
  else normalise(right)
  switch (operator) {
    case 38: return intersection(left, right)
    case 45: return intersection(left, complement(right))
    case 126: {
      let both = setNew()
      addSet(both, left)
      addSet(both, right)
      normalise(both)
      return intersection(both, complement(intersection(left, right)))
    }
    default: return right
  }
}

/** `[:name:]` or `[:^name:]`, its `[` read; false (and nothing read) if it is none. */
function posix(s: usize): bool {
  let p = cursor + 1
  let negated = p < limit && load<u8>(p) == 94
  if (negated) p++
  let end = p
  while (end < limit && <u32>load<u8>(end) - 97 < 26) end++
  if (end + 1 >= limit || load<u8>(end) != 58 || load<u8>(end, 1) != 93) return false
  let set = posixSet(p, <u32>(end - p))
  if (set == 0) return false
  normalise(set)
  addSet(s, negated ? complement(set) : set)
  cursor = end + 2
  return true
}

// The program under construction.
let code: usize = 0
let size: u32 = 0
let capacity: u32 = 0

function emit(op: u32, x: u32, y: u32): u32 {
  charge(1)
  if (size >= PROGRAM_MAX) bad("too large")
  if (size == capacity) {
    let wider = alloc(capacity << 5)
    memory.copy(wider, code, size << 4)
    code = wider
    capacity <<= 1
  }
  let p = code + (size << 4)
  store<u32>(p, op)
  store<u32>(p, x, 4)
  store<u32>(p, y, 8)
  store<u32>(p, 0, 12)
  return size++
}

function patch(at: u32, x: u32, y: u32): void {
  store<u32>(code + (at << 4), x, 4)
  store<u32>(code + (at << 4), y, 8)
}

/** A split that prefers what follows it (or, lazy, the other way); the other way is patched by `otherwise`. */
function choice(): u32 {
  return emit(OP_SPLIT, 0, 0)
}

function otherwise(at: u32, lazy: bool, target: u32): void {
  if (lazy) patch(at, target, at + 1)
  else patch(at, at + 1, target)
}

function compile(n: usize): void {
  charge(1)
  let kind = load<u32>(n)
  let lazy = (kind & 0x100) != 0
  let a = load<u32>(n, 4)
  switch (kind & 0xff) {
    case EMPTY: return
    case CHAR:
      emit(OP_CHAR, a, 0)
      return
    case SET:
      // Copies of one item share the set.
      if (!load<u32>(n, 8)) store<u32>(n, <u32>prepared(a), 8)
      emit(OP_SET, load<u32>(n, 8), 0)
      return
    case ASSERT:
      emit(OP_ASSERT, a, 0)
      return
    case CAT: {
      for (let item: usize = a; item; item = load<u32>(item, 16)) compile(item)
      return
    }
    case ALT: {
      let pending: u32 = 0xffffffff
      for (let item: usize = a; item; ) {
        let next = load<u32>(item, 16)
        if (!next) {
          compile(item)
          break
        }
        let split = choice()
        compile(item)
        // Jumps out of the alternatives are chained through their target until it is known.
        pending = emit(OP_JUMP, pending, 0)
        otherwise(split, false, size)
        item = next
      }
      while (pending != 0xffffffff) {
        let before = load<u32>(code + (pending << 4), 4)
        patch(pending, size, 0)
        pending = before
      }
      return
    }
    default:
      repeat(a, load<u32>(n, 8), load<u32>(n, 12), lazy)
  }
}

/** Compiles one more copy; false if it has no instructions, so that more would change nothing. */
function copied(item: usize): bool {
  let before = size
  compile(item)
  return size != before
}

function repeat(item: usize, least: u32, most: u32, lazy: bool): void {
  if (most == 0xffffffff) {
    for (let i: u32 = 1; i < least && copied(item); i++);
    let nothing = load<u32>(item, 20) != 0
    if (least == 0 && !nothing) {
      let split = choice()
      compile(item)
      emit(OP_JUMP, split, 0)
      otherwise(split, lazy, size)
      return
    }
    // x* of an x that can match nothing is (x+)?: the empty match then ends the loop.
    let skip = least == 0 ? choice() : 0xffffffff
    let again = size
    compile(item)
    let split = choice()
    if (lazy) patch(split, size, again)
    else patch(split, again, size)
    if (skip != 0xffffffff) otherwise(skip, lazy, size)
    return
  }
  for (let i: u32 = 0; i < least && copied(item); i++);
  // x{0,n}: nested, so that giving up early is one jump to the end; chained like alternatives.
  let pending: u32 = 0xffffffff
  for (let i = least; i < most; i++) {
    let split = emit(OP_SPLIT, pending, 0)
    pending = split
    if (!copied(item)) break
  }
  while (pending != 0xffffffff) {
    let before = load<u32>(code + (pending << 4), 4)
    otherwise(pending, lazy, size)
    pending = before
  }
}

/** Set as the matcher wants it: 128 bits for ASCII, then the number of ranges and the ranges. */
function prepared(s: usize): usize {
  let n = rangeCount(s)
  charge(16 + n)
  let out = alloc(24 + (n << 3))
  memory.fill(out, 0, 16)
  store<u32>(out, n, 16)
  memory.copy(out + 24, rangesOf(s), n << 3)
  for (let c: u32 = 0; c < 128; c++) {
    if (contains(s, c)) store<u8>(out + (c >> 3), <u32>load<u8>(out + (c >> 3)) | (1 << (c & 7)))
  }
  return out
}

/** Program of the pattern of n bytes at `p`; its size is `programSize`. */
export function program(p: usize, n: u32): usize {
  let tree = parse(p, n)
  capacity = 64
  code = alloc(1024)
  size = 0
  compile(tree)
  emit(OP_MATCH, 0, 0)
  return code
}

export function programSize(): u32 {
  return size
}
