// Canonical bytes: the one encoding in which values cross the wall.
import { charge, newOwner } from "./memory"
import {
  aux, FALSE, float, hasTag, int, NIL, ptr, tag, TRUE, T_BOOL, T_FLOAT, T_FUNCTION, T_INT, T_KEYWORD, T_LIST, T_MAP, T_NIL, T_STRING,
  T_VECTOR, unboxFloat, unboxInt
} from "./value"
import { begin, bytes, putByte, putText, room, written } from "./output"
import { bytesOf, keyword, makeString, text } from "./string"
import { at, push, sequenceNew } from "./vector"
import { compareKeys, entries, isKey, mapNew, put, disown } from "./map"
import { NESTING_MAX } from "./order"
import { categoryName, E_RUNTIME, fail, makeError, recursionLimit, runtimeError, typeError } from "./error"

// @ts-ignore: decorator
@inline const TAG_KEYWORD: u32 = 6
// @ts-ignore: decorator
@inline const TAG_LIST: u32 = 7
// @ts-ignore: decorator
@inline const TAG_ERROR: u32 = 8
// @ts-ignore: decorator
@inline const TAG_FUNCTION: u32 = 9

/** Shortest head of a CBOR item. */
function putHead(major: u32, n: u64): void {
  let m = major << 5
  if (n < 24) putByte(m | <u32>n)
  else if (n < 0x100) {
    putByte(m | 24)
    putByte(<u32>n)
  } else if (n < 0x10000) {
    putByte(m | 25)
    store<u16>(room(2), bswap<u16>(<u16>n))
  } else if (n < 0x100000000) {
    putByte(m | 26)
    store<u32>(room(4), bswap<u32>(<u32>n))
  } else {
    putByte(m | 27)
    store<u64>(room(8), bswap<u64>(n))
  }
}

// Whether functions and errors are refused (arguments of a host call) or written.
let strict: bool = false

function putValue(v: i64, depth: u32): void {
  charge(1)
  switch (tag(v)) {
    case T_NIL:
      putByte(0xf6)
      break
    case T_BOOL:
      putByte(v == TRUE ? 0xf5 : 0xf4)
      break
    case T_INT: {
      let n = unboxInt(v)
      if (n < 0) putHead(1, <u64>~n)
      else putHead(0, <u64>n)
      break
    }
    case T_FLOAT:
      putByte(0xfb)
      store<u64>(room(8), bswap<u64>(reinterpret<u64>(unboxFloat(v))))
      break
    case T_KEYWORD:
      putByte(0xc0 | TAG_KEYWORD)
      putHead(3, aux(v))
      putText(v)
      break
    case T_STRING:
      putHead(3, aux(v))
      putText(v)
      break
    case T_LIST:
      putByte(0xc0 | TAG_LIST)
      putItems(v, depth)
      break
    case T_VECTOR:
      putItems(v, depth)
      break
    case T_MAP: {
      if (depth >= NESTING_MAX) recursionLimit()
      let n = aux(v)
      putHead(5, n)
      let p = entries(v)
      for (let end = p + (n << 4); p < end; p += 16) {
        putValue(load<i64>(p), depth + 1)
        putValue(load<i64>(p, 8), depth + 1)
      }
      break
    }
    case T_FUNCTION:
      if (strict) typeError("call", "plain data", v)
      putByte(0xc0 | TAG_FUNCTION)
      putByte(0xf6)
      break
    default: {
      if (strict) typeError("call", "plain data", v)
      putByte(0xc0 | TAG_ERROR)
      putByte(0x82)
      let name = text(categoryName(aux(v)))
      putHead(3, aux(name))
      putText(name)
      let message = load<i64>(ptr(v), 8)
      putHead(3, aux(message))
      putText(message)
    }
  }
}

function putItems(v: i64, depth: u32): void {
  if (depth >= NESTING_MAX) recursionLimit()
  let n = aux(v)
  putHead(4, n)
  for (let i: u32 = 0; i < n; i++) putValue(at(v, i), depth + 1)
}

/** `[u32 length][bytes]`: the first four bytes are reserved by the caller with room(4). */
function closed(): usize {
  let p = bytes()
  store<u32>(p, written() - 4)
  return p
}

export function encode(v: i64): usize {
  begin()
  room(4)
  strict = false
  putValue(v, 0)
  return closed()
}

/** Array of n arguments at `p`; a function or an error inside raises a type-error. */
export function encodeArguments(p: usize, n: u32): usize {
  begin()
  room(4)
  strict = true
  putHead(4, n)
  for (let i: u32 = 0; i < n; i++) putValue(load<i64>(p + (i << 3)), 1)
  return closed()
}

let cursor: usize = 0
let limit: usize = 0

function malformed(): void {
  runtimeError("malformed canonical bytes")
}

/** Value of `n` bytes at `p`; strings share them. */
export function decode(p: usize, n: u32): i64 {
  cursor = p
  limit = p + n
  let v = value(0)
  if (cursor != limit) malformed()
  return v
}

/** One value at `p`, whose end `itemEnd` then tells. */
export function decodeItem(p: usize): i64 {
  cursor = p
  limit = 0xffffffff
  return value(0)
}

export function itemEnd(): usize {
  return cursor
}

/** Argument of a head whose low five bits are `low`, in the shortest form. */
function argument(low: u32): u64 {
  if (low < 24) return low
  let size: usize = low == 24 ? 1 : low == 25 ? 2 : low == 26 ? 4 : low == 27 ? 8 : 0
  if (size == 0 || limit - cursor < size) malformed()
  let p = cursor
  cursor += size
  let n: u64
  let least: u64
  if (low == 24) {
    n = load<u8>(p)
    least = 24
  } else if (low == 25) {
    n = bswap<u16>(load<u16>(p))
    least = 0x100
  } else if (low == 26) {
    n = bswap<u32>(load<u32>(p))
    least = 0x10000
  } else {
    n = bswap<u64>(load<u64>(p))
    least = 0x100000000
  }
  if (n < least) malformed()
  return n
}

/** Whether [p, p + n) is UTF-8. */
export function isUtf8(p: usize, n: u32): bool {
  let end = p + n
  while (p < end) {
    let b: u32 = load<u8>(p)
    if (b < 0x80) {
      p++
      continue
    }
    let more: usize = b < 0xc2 ? 0 : b < 0xe0 ? 1 : b < 0xf0 ? 2 : b < 0xf5 ? 3 : 0
    if (more == 0 || end - p <= more) return false
    for (let i: usize = 1; i <= more; i++) if ((load<u8>(p + i) & 0xc0) != 0x80) return false
    let second: u32 = load<u8>(p, 1)
    if ((b == 0xe0 && second < 0xa0) || (b == 0xed && second > 0x9f) || (b == 0xf0 && second < 0x90) || (b == 0xf4 && second > 0x8f)) return false
    p += more + 1
  }
  return true
}

/** Length of a text whose bytes follow. */
function textLength(head: u32): u32 {
  if (head >> 5 != 3) malformed()
  let n = argument(head & 31)
  if (n > <u64>(limit - cursor)) malformed()
  charge(<i64>((n + 31) >> 5))
  if (!isUtf8(cursor, <u32>n)) malformed()
  return <u32>n
}

function nextByte(): u32 {
  if (cursor >= limit) malformed()
  return load<u8>(cursor++)
}

function value(depth: u32): i64 {
  charge(1)
  if (depth > NESTING_MAX) recursionLimit()
  let head = nextByte()
  let major = head >> 5
  switch (major) {
    case 0:
    case 1: {
      let n = argument(head & 31)
      if (n >> 63) malformed()
      return int(major ? ~<i64>n : <i64>n)
    }
    case 3: {
      let n = textLength(head)
      let v = makeString(cursor, n)
      cursor += n
      return v
    }
    case 4: return items(T_VECTOR, head, depth)
    case 5: return pairs(head, depth)
    case 6: {
      if (head == 0xc0 + TAG_KEYWORD) {
        let n = textLength(nextByte())
        let v = keyword(cursor, n)
        cursor += n
        return v
      }
      if (head == 0xc0 + TAG_LIST) {
        let inner = nextByte()
        if (inner >> 5 != 4) malformed()
        return items(T_LIST, inner, depth)
      }
      if (head == 0xc0 + TAG_ERROR) {
        if (nextByte() != 0x82) malformed()
        let n = textLength(nextByte())
        let category = categoryOf(makeString(cursor, n))
        cursor += n
        let m = textLength(nextByte())
        let message = makeString(cursor, m)
        cursor += m
        return makeError(category, message)
      }
      malformed()
      return NIL
    }
    default: {
      if (head == 0xf6) return NIL
      if (head == 0xf4) return FALSE
      if (head == 0xf5) return TRUE
      if (head != 0xfb || limit - cursor < 8) malformed()
      let bits = bswap<u64>(load<u64>(cursor))
      cursor += 8
      let x = reinterpret<f64>(bits)
      if (x != x && bits != 0x7ff8000000000000) malformed()
      return float(x)
    }
  }
}

function categoryOf(name: i64): u32 {
  for (let i: u32 = 0; i < 12; i++) {
    let known = categoryName(i)
    let n = load<u32>(changetype<usize>(known) - 4) >> 1
    if (n != aux(name)) continue
    let k: u32 = 0
    while (k < n && load<u16>(changetype<usize>(known) + (k << 1)) == <u16>load<u8>(bytesOf(name) + k)) k++
    if (k == n) return i
  }
  malformed()
  return 0
}

function items(t: u32, head: u32, depth: u32): i64 {
  let n = argument(head & 31)
  if (n > <u64>(limit - cursor)) malformed()
  let v = sequenceNew(t)
  for (let i: u64 = 0; i < n; i++) push(v, value(depth + 1))
  return v
}

function pairs(head: u32, depth: u32): i64 {
  let n = argument(head & 31)
  if (n > <u64>(limit - cursor) / 2) malformed()
  let m = mapNew()
  let owner = newOwner()
  let last: i64 = 0
  for (let i: u64 = 0; i < n; i++) {
    let k = value(depth + 1)
    if (!isKey(k) || (i > 0 && compareKeys(last, k) >= 0)) malformed()
    last = k
    m = put(m, k, value(depth + 1), owner)
  }
  return disown(m)
}

/** The host's answer at `p`: `[u32 length][bytes]` of [0, value] or [1, "message"]. */
export function reply(p: usize): i64 {
  let v = decode(p + 4, load<u32>(p))
  if (!hasTag(v, T_VECTOR) || aux(v) != 2) malformed()
  let first = at(v, 0)
  let second = at(v, 1)
  if (first == 1) return second
  if (first != 3 || !hasTag(second, T_STRING)) malformed()
  fail(E_RUNTIME, second)
  return NIL
}
