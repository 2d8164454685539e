// Built-ins on vectors, lists and strings that call nobody back.
import { alloc, charge, outOfMemory } from "./memory"
import {
  aux, toBool, FALSE, hasTag, int, isInt, isNumber, isSequence, NIL, ptr, tag, toFloat, T_LIST, T_MAP, T_NIL, T_STRING, T_VECTOR, TRUE,
  truncate, unboxInt
} from "./value"
import { outOfBounds, typeError } from "./error"
import { begin, finish, putBytes } from "./output"
import { bytesOf, offsetOf, scalars, scalarString, search, slice, width } from "./string"
import {
  args, at, conj, copyHeader, copyOut, dropFirst, fromArgs, prepend, push, pushAll, rangeNew, sequenceNew, subrange, vectorNew
} from "./vector"
import { isKey, lookup } from "./map"
import { equal, hash, sortValues } from "./order"
import { characters, reverseText } from "./text"

export function needInt(op: string, v: i64): void {
  if (!isInt(v)) typeError(op, "integer", v)
}

export function needVector(op: string, v: i64): void {
  if (!hasTag(v, T_VECTOR)) typeError(op, "vector", v)
}

export function needSequence(op: string, v: i64): void {
  if (!isSequence(v)) typeError(op, "vector or list", v)
}

/** Number of elements of a vector, list or string. */
function lengthOf(op: string, v: i64): u32 {
  if (isSequence(v)) return aux(v)
  if (!hasTag(v, T_STRING)) typeError(op, "vector, list or string", v)
  return scalars(v)
}

/** Elements of a vector or list as they are, of a string as one-scalar strings. */
export function elements(op: string, v: i64): i64 {
  if (isSequence(v)) return v
  if (!hasTag(v, T_STRING)) typeError(op, "vector, list or string", v)
  return characters(v)
}

/** Scalar `i` of a string as a string. */
function scalarOf(v: i64, i: u32): i64 {
  return scalarString(bytesOf(v) + offsetOf(v, i))
}

/** The texts of a vector of strings as one string. */
export function joinTexts(v: i64): i64 {
  begin()
  let n = aux(v)
  for (let i: u32 = 0; i < n; i++) {
    let s = at(v, i)
    putBytes(bytesOf(s), aux(s))
  }
  return finish()
}

export function count(op: string, v: i64): i64 {
  if (hasTag(v, T_MAP)) return int(aux(v))
  if (isSequence(v)) return int(aux(v))
  if (!hasTag(v, T_STRING)) typeError(op, "collection or string", v)
  return int(scalars(v))
}

export function isEmpty(v: i64): i64 {
  switch (tag(v)) {
    case T_NIL: return TRUE
    case T_STRING:
    case T_VECTOR:
    case T_LIST:
    case T_MAP: return toBool(aux(v) == 0)
    default: return FALSE
  }
}

export function first(v: i64): i64 {
  let n = lengthOf("first", v)
  if (n == 0) return NIL
  return isSequence(v) ? at(v, 0) : scalarString(bytesOf(v))
}

export function rest(v: i64): i64 {
  let n = lengthOf("rest", v)
  if (isSequence(v)) return n == 0 ? v : dropFirst(v, 1)
  return n == 0 ? v : slice(v, width(load<u8>(bytesOf(v))), aux(v))
}

export function last(v: i64): i64 {
  let n = lengthOf("last", v)
  if (isSequence(v)) return n == 0 ? NIL : at(v, n - 1)
  if (n == 0) return v
  let end = aux(v)
  let p = end - 1
  while ((load<u8>(bytesOf(v) + p) & 0xc0) == 0x80) p--
  return scalarString(bytesOf(v) + p)
}

export function nth(v: i64, index: i64, fallback: i64, hasFallback: bool): i64 {
  let n = lengthOf("nth", v)
  needInt("nth", index)
  let i = unboxInt(index)
  if (i < 0 || i >= <i64>n) {
    if (!hasFallback) outOfBounds(i, n)
    return fallback
  }
  return isSequence(v) ? at(v, <u32>i) : scalarOf(v, <u32>i)
}

export function get(v: i64, k: i64, fallback: i64): i64 {
  if (hasTag(v, T_MAP)) {
    let found = lookup(v, k)
    if (found != 6) return found
    if (!isKey(k)) typeError("get", "integer, string or keyword", k)
    return fallback
  }
  if (!hasTag(v, T_VECTOR)) typeError("get", "map or vector", v)
  needInt("get", k)
  let i = unboxInt(k)
  return i < 0 || i >= <i64>aux(v) ? fallback : at(v, <u32>i)
}

export function conj2(v: i64, x: i64): i64 {
  needSequence("conj", v)
  return conj(v, x)
}

export function conjAll(p: usize, n: u32): i64 {
  let v = load<i64>(p)
  needSequence("conj", v)
  charge(n)
  v = copyHeader(v)
  for (let i: u32 = 1; i < n; i++) push(v, load<i64>(p + (i << 3)))
  return v
}

export function cons(x: i64, v: i64): i64 {
  needVector("cons", v)
  return prepend(v, x)
}

export function concat(p: usize, n: u32): i64 {
  if (n == 0) return vectorNew()
  let head = load<i64>(p)
  let out: i64
  let i: u32 = 0
  // The first vector is shared: appending to it is what `conj` does.
  if (hasTag(head, T_VECTOR)) {
    if (n == 1) return head
    out = copyHeader(head)
    i = 1
  } else out = vectorNew()
  for (; i < n; i++) {
    let x = load<i64>(p + (i << 3))
    charge(1)
    if (hasTag(x, T_VECTOR)) pushAll(out, x)
    else if (hasTag(x, T_STRING)) pushAll(out, characters(x))
    else push(out, x)
  }
  return out
}

export function reverse(v: i64): i64 {
  let n = lengthOf("reverse", v)
  if (!isSequence(v)) return reverseText(v)
  charge(n)
  let out = sequenceNew(load<u32>(ptr(v)))
  for (let i = n; i > 0; i--) push(out, at(v, i - 1))
  return out
}

export function take(k: i64, v: i64): i64 {
  needInt("take", k)
  let n = lengthOf("take", v)
  let i = unboxInt(k)
  if (i < 0 || i >= <i64>n) return v
  return isSequence(v) ? subrange(v, 0, <u32>i) : slice(v, 0, offsetOf(v, <u32>i))
}

export function drop(k: i64, v: i64): i64 {
  needInt("drop", k)
  let n = lengthOf("drop", v)
  let i = unboxInt(k)
  if (i < 0 || i > <i64>n) i = n
  if (isSequence(v)) return dropFirst(v, <u32>i)
  return slice(v, offsetOf(v, <u32>i), aux(v))
}

export function subvec(v: i64, from: i64, to: i64, hasTo: bool): i64 {
  needVector("subvec", v)
  needInt("subvec", from)
  let n = <i64>aux(v)
  let end = n
  if (hasTo) {
    needInt("subvec", to)
    end = unboxInt(to)
  }
  let start = unboxInt(from)
  if (start < 0 || start > n) outOfBounds(start, <u32>n)
  if (end < start || end > n) outOfBounds(end, <u32>n)
  return subrange(v, <u32>start, <u32>end)
}

export function distinct(v: i64): i64 {
  if (!hasTag(v, T_VECTOR) && !hasTag(v, T_STRING)) typeError("distinct", "vector or string", v)
  let all = elements("distinct", v)
  let n = aux(all)
  charge(n)
  let out = vectorNew()
  if (n > 0xfffffff) outOfMemory()
  // Open addressing over the positions (+ 1) of what was kept.
  let slots: u32 = 16
  while (slots < n * 2) slots <<= 1
  let table = alloc(slots << 2)
  memory.fill(table, 0, slots << 2)
  charge(slots >> 5)
  for (let i: u32 = 0; i < n; i++) {
    let x = at(all, i)
    let slot = hash(x, 0) & (slots - 1)
    let known: u32 = 0
    while (true) {
      known = load<u32>(table + (slot << 2))
      if (known == 0 || equal(at(out, known - 1), x)) break
      charge(1)
      slot = (slot + 1) & (slots - 1)
    }
    if (known) continue
    push(out, x)
    store<u32>(table + (slot << 2), aux(out))
  }
  return hasTag(v, T_STRING) ? joinTexts(out) : out
}

export function partition(k: i64, v: i64): i64 {
  needInt("partition", k)
  let size = unboxInt(k)
  if (size <= 0) typeError("partition", "positive integer", k)
  needSequence("partition", v)
  let n = aux(v)
  let out = vectorNew()
  for (let i: i64 = 0; i < <i64>n; ) {
    let end = size >= <i64>n - i ? <i64>n : i + size
    charge(end - i)
    let part = vectorNew()
    for (; i < end; i++) push(part, at(v, <u32>i))
    push(out, part)
  }
  return out
}

export function sort(v: i64): i64 {
  if (!hasTag(v, T_VECTOR) && !hasTag(v, T_STRING)) typeError("sort", "vector or string", v)
  let all = elements("sort", v)
  let n = aux(all)
  charge(n)
  let p = args(n)
  copyOut(all, 0, n, p)
  sortValues(p, n)
  let out = fromArgs(T_VECTOR, p, n, 0)
  return hasTag(v, T_STRING) ? joinTexts(out) : out
}

export function range(from: i64, to: i64): i64 {
  needInt("range", from)
  needInt("range", to)
  charge(1)
  return rangeNew(unboxInt(from), unboxInt(to))
}

function bound(v: i64): i64 {
  if (!isNumber(v)) typeError("numbers", "number", v)
  return isInt(v) ? unboxInt(v) : truncate(toFloat(v))
}

export function numbers(from: i64, to: i64): i64 {
  let a = bound(from)
  let b = bound(to)
  charge(1)
  if (b < a) return vectorNew()
  if (b < i64.MAX_VALUE) return rangeNew(a, b + 1)
  let v = copyHeader(rangeNew(a, b))
  push(v, int(b))
  return v
}

export function contains(v: i64, x: i64): i64 {
  switch (tag(v)) {
    case T_MAP: return toBool(lookup(v, x) != 6)
    case T_STRING: return toBool(hasTag(x, T_STRING) && search(v, x, 0) >= 0)
    case T_VECTOR:
    case T_LIST: {
      let n = aux(v)
      for (let i: u32 = 0; i < n; i++) {
        charge(1)
        if (equal(at(v, i), x)) return TRUE
      }
      return FALSE
    }
    default:
      typeError("contains?", "collection or string", v)
      return FALSE
  }
}
