// Display form (`str`, `join`), canonical print, and the floats of both and of JSON.
import { charge } from "./memory"
import {
  aux, isSmall, ptr, tag, TRUE, T_BOOL, T_FLOAT, T_FUNCTION, T_INT, T_KEYWORD, T_LIST, T_MAP, T_NIL, T_STRING, T_VECTOR, unboxFloat, unboxInt
} from "./value"
import { begin, finish, put, putByte, putBytes, putInt, putText, room } from "./output"
import { bytesOf } from "./string"
import { at } from "./vector"
import { entries } from "./map"
import { NESTING_MAX } from "./order"
import { recursionLimit } from "./error"
import { digits, digitTotal, point, shortest } from "./decimal"

function putZeros(n: i32): void {
  if (n > 0) memory.fill(room(n), 48, n)
}

/** Digits of |x| without exponent; `fraction`: write ".0" when there is none. */
function putPlain(x: f64, fraction: bool): void {
  if (x == 0) {
    put(fraction ? "0.0" : "0")
    return
  }
  shortest(x)
  let n = digitTotal()
  let p = point()
  if (p <= 0) {
    put("0.")
    putZeros(-p)
    putBytes(digits(), n)
  } else if (p >= n) {
    putBytes(digits(), n)
    putZeros(p - n)
    if (fraction) put(".0")
  } else {
    putBytes(digits(), p)
    putByte(46)
    putBytes(digits() + p, n - p)
  }
}

function putFloat(x: f64, canonical: bool): void {
  if (x != x) {
    put(canonical ? "##NaN" : "NaN")
    return
  }
  if (x - x != 0) {
    if (canonical) put(x < 0 ? "##-Inf" : "##Inf")
    else put(x < 0 ? "-inf" : "inf")
    return
  }
  if (reinterpret<i64>(x) < 0) putByte(45)
  putPlain(abs<f64>(x), canonical)
}

/** A finite float as JSON has it: exponent when ≥ 1e16 or < 1e-5. */
export function putJsonFloat(x: f64): void {
  if (reinterpret<i64>(x) < 0) putByte(45)
  x = abs<f64>(x)
  if (x == 0 || (x < 1e16 && x >= 1e-5)) {
    putPlain(x, true)
    return
  }
  shortest(x)
  putByte(load<u8>(digits()))
  if (digitTotal() > 1) {
    putByte(46)
    putBytes(digits() + 1, digitTotal() - 1)
  }
  putByte(101)
  putInt(point() - 1)
}

/** A string between quotes; canonical print escapes. */
function putQuoted(v: i64, canonical: bool): void {
  putByte(34)
  if (!canonical) putText(v)
  else {
    let p = bytesOf(v)
    let n = aux(v)
    let from: u32 = 0
    for (let i: u32 = 0; i < n; i++) {
      let b: u32 = load<u8>(p + i)
      if (b != 34 && b != 92 && b != 10 && b != 9 && b != 13) continue
      putBytes(p + from, i - from)
      putByte(92)
      putByte(b == 10 ? 110 : b == 9 ? 116 : b == 13 ? 114 : b)
      from = i + 1
    }
    putBytes(p + from, n - from)
  }
  putByte(34)
}

/** Writes `v` to the output buffer. */
export function putValue(v: i64, canonical: bool, depth: u32): void {
  charge(1)
  switch (tag(v)) {
    case T_NIL:
      put("nil")
      break
    case T_BOOL:
      put(v == TRUE ? "true" : "false")
      break
    case T_INT:
      putInt(unboxInt(v))
      break
    case T_FLOAT:
      putFloat(unboxFloat(v), canonical)
      break
    case T_STRING:
      putQuoted(v, canonical)
      break
    case T_KEYWORD:
      putByte(58)
      putText(v)
      break
    case T_VECTOR:
      putItems(v, 91, 93, canonical, depth)
      break
    case T_LIST:
      putItems(v, 40, 41, canonical, depth)
      break
    case T_MAP:
      putMap(v, canonical, depth)
      break
    case T_FUNCTION:
      put(canonical ? "#<fn>" : "#<function>")
      break
    default:
      if (canonical) {
        put("#error ")
        putQuoted(load<i64>(ptr(v), 8), true)
      } else {
        put("#<error: ")
        putText(load<i64>(ptr(v), 8))
        putByte(62)
      }
  }
}

function putItems(v: i64, open: u32, close: u32, canonical: bool, depth: u32): void {
  if (depth >= NESTING_MAX) recursionLimit()
  putByte(open)
  let n = aux(v)
  for (let i: u32 = 0; i < n; i++) {
    if (i) putByte(32)
    putValue(at(v, i), canonical, depth + 1)
  }
  putByte(close)
}

function putMap(v: i64, canonical: bool, depth: u32): void {
  if (depth >= NESTING_MAX) recursionLimit()
  putByte(123)
  let p = entries(v)
  for (let first = p, end = p + (aux(v) << 4); p < end; p += 16) {
    if (p != first) putByte(32)
    putValue(load<i64>(p), canonical, depth + 1)
    putByte(32)
    putValue(load<i64>(p, 8), canonical, depth + 1)
  }
  putByte(125)
}

/** As `str` has it: strings raw, everything else in display form. */
export function putRaw(v: i64): void {
  if (isSmall(v)) {
    charge(1)
    putInt(v >> 1)
  } else if (tag(v) == T_STRING) putText(v)
  else putValue(v, false, 0)
}

export function display(v: i64): i64 {
  begin()
  putValue(v, false, 0)
  return finish()
}

export function print(v: i64): i64 {
  begin()
  putValue(v, true, 0)
  return finish()
}
