// Built-ins on strings.
import { charge, chargeBytes } from "./memory"
import { aux, toBool, FALSE, hasTag, isInt, isSequence, NIL, ptr, T_STRING, unboxInt } from "./value"
import { outOfBounds, typeError } from "./error"
import { begin, beginAt, beginPiece, bytes, finish, putByte, putText, written } from "./output"
import { append, appended, bytesOf, openBuffer, sameBytes, scalars, scalarString, search, slice, offsetOf, text, width } from "./string"
import { at, push, vectorNew } from "./vector"
import { putRaw } from "./print"

export function needString(op: string, v: i64): void {
  if (!hasTag(v, T_STRING)) typeError(op, "string", v)
}

/** `str` of n values at `p`. */
export function str(p: usize, n: u32): i64 {
  if (n == 0) return text("")
  let first = load<i64>(p)
  if (hasTag(first, T_STRING)) {
    if (n == 1) return first
    if (n == 2 && hasTag(load<i64>(p, 8), T_STRING)) return join2(first, load<i64>(p, 8))
    if (aux(first) >= 32) {
      let buffer = openBuffer(first)
      if (buffer) beginAt(buffer + 8 + load<u32>(buffer), load<u32>(buffer, 4) - load<u32>(buffer))
      else beginPiece()
      for (let i: u32 = 1; i < n; i++) putRaw(load<i64>(p + (i << 3)))
      return withPiece(first, written())
    }
  }
  begin()
  for (let i: u32 = 0; i < n; i++) putRaw(load<i64>(p + (i << 3)))
  return finish()
}

/** A string with the `m` bytes just written behind it, in its own buffer where it has room. */
function withPiece(a: i64, m: u32): i64 {
  if (m == 0) return a
  let n = aux(a)
  chargeBytes(m)
  let buffer = append(a, m)
  let to = buffer + 8 + load<u32>(buffer) - m
  let from = bytes()
  if (from != to) memory.copy(to, from, m)
  return appended(buffer, n + m, 0xffffffff)
}

/** Two strings as one, in the first one's buffer where it has room. */
export function join2(a: i64, b: i64): i64 {
  let n = aux(a)
  let m = aux(b)
  if (m == 0) return a
  if (n == 0) return b
  chargeBytes(m)
  let known = load<u32>(ptr(a), 12)
  let more = load<u32>(ptr(b), 12)
  let buffer = append(a, m)
  let to = buffer + 8 + load<u32>(buffer) - m
  let from = bytesOf(b)
  // The bulk instruction costs more than a short loop.
  if (m < 24) for (let end = from + m; from < end; from++, to++) store<u8>(to, load<u8>(from))
  else memory.copy(to, from, m)
  return appended(buffer, n + m, known == 0xffffffff || more == 0xffffffff ? 0xffffffff : known + more)
}

export function contains(a: i64, b: i64): i64 {
  needString("string-contains", a)
  needString("string-contains", b)
  return toBool(search(a, b, 0) >= 0)
}

export function startsWith(a: i64, b: i64): i64 {
  if (a == NIL) {
    needString("starts-with?", b)
    return FALSE
  }
  needString("starts-with?", a)
  needString("starts-with?", b)
  let n = aux(b)
  return toBool(n <= aux(a) && sameBytes(bytesOf(a), bytesOf(b), n))
}

/** `to` is NIL for the end. */
export function substring(v: i64, from: i64, to: i64, hasTo: bool): i64 {
  needString("substring", v)
  if (!isInt(from)) typeError("substring", "integer", from)
  let length = <i64>scalars(v)
  let end = length
  if (hasTo) {
    if (!isInt(to)) typeError("substring", "integer", to)
    end = unboxInt(to)
  }
  let start = unboxInt(from)
  if (start < 0 || start > length) outOfBounds(start, <u32>length)
  if (end < start || end > length) outOfBounds(end, <u32>length)
  let p = offsetOf(v, <u32>start)
  let q = end == length ? aux(v) : offsetOf(v, <u32>end)
  return slice(v, p, q)
}

/** The scalars of a string as one-scalar strings. */
export function characters(v: i64): i64 {
  let out = vectorNew()
  let p = bytesOf(v)
  charge(scalars(v))
  for (let end = p + aux(v); p < end; p += width(load<u8>(p))) push(out, scalarString(p))
  return out
}

export function split(v: i64, separator: i64): i64 {
  if (v == NIL) v = text("")
  needString("split", v)
  needString("split", separator)
  if (aux(separator) == 0) return characters(v)
  let out = vectorNew()
  let from: u32 = 0
  while (true) {
    charge(1)
    let found = search(v, separator, from)
    if (found < 0) break
    push(out, slice(v, from, found))
    from = <u32>found + aux(separator)
  }
  push(out, slice(v, from, aux(v)))
  return out
}

export function join(op: string, separator: i64, items: i64): i64 {
  needString(op, separator)
  if (!isSequence(items)) typeError(op, "vector or list", items)
  let n = aux(items)
  begin()
  for (let i: u32 = 0; i < n; i++) {
    charge(1)
    if (i) putText(separator)
    putRaw(at(items, i))
  }
  return finish()
}

export function reverseText(v: i64): i64 {
  let p = bytesOf(v)
  let q = p + aux(v)
  charge(scalars(v))
  begin()
  while (q > p) {
    let end = q
    q--
    while ((load<u8>(q) & 0xc0) == 0x80) q--
    for (let i = q; i < end; i++) putByte(load<u8>(i))
  }
  return finish()
}
