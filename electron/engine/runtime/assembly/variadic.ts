// Built-ins of any number of arguments, as folds over arguments in memory, and the small ones that fit nowhere else.
import { charge } from "./memory"
import { FALSE, hasTag, int, NIL, ptr, truthy, TRUE, T_ERROR, T_STRING } from "./value"
import { E_RUNTIME, makeError, runtimeError, typeError } from "./error"
import { add, max2, min2, mul, negate, same, sub } from "./number"
import { equal } from "./order"
import { begin, finish } from "./output"
import { putRaw } from "./print"
import { scalars } from "./string"
import { contains, needString, str } from "./text"
import { lower, trim, upper } from "./unicode"
import { concat } from "./sequence"
import { dissoc, merge } from "./collection"
import { apply } from "./call"

export function sumAll(p: usize, n: u32): i64 {
  let v = same("+", load<i64>(p))
  for (let i: u32 = 1; i < n; i++) v = add(v, load<i64>(p + (i << 3)))
  charge(n)
  return v
}

export function differenceAll(p: usize, n: u32): i64 {
  let v = load<i64>(p)
  if (n == 1) return negate(v)
  for (let i: u32 = 1; i < n; i++) v = sub(v, load<i64>(p + (i << 3)))
  charge(n)
  return v
}

export function productAll(p: usize, n: u32): i64 {
  let v = same("*", load<i64>(p))
  for (let i: u32 = 1; i < n; i++) v = mul(v, load<i64>(p + (i << 3)))
  charge(n)
  return v
}

export function maxAll(p: usize, n: u32): i64 {
  let v = load<i64>(p)
  for (let i: u32 = 1; i < n; i++) v = max2(v, load<i64>(p + (i << 3)))
  charge(n)
  return v
}

export function minAll(p: usize, n: u32): i64 {
  let v = load<i64>(p)
  for (let i: u32 = 1; i < n; i++) v = min2(v, load<i64>(p + (i << 3)))
  charge(n)
  return v
}

export function equalAll(p: usize, n: u32): i64 {
  charge(n)
  for (let i: u32 = 1; i < n; i++) if (!equal(load<i64>(p), load<i64>(p + (i << 3)))) return FALSE
  return TRUE
}

export function andAll(p: usize, n: u32): i64 {
  if (n == 0) return TRUE
  for (let i: u32 = 0; i < n - 1; i++) if (!truthy(load<i64>(p + (i << 3)))) return load<i64>(p + (i << 3))
  return load<i64>(p + ((n - 1) << 3))
}

export function orAll(p: usize, n: u32): i64 {
  if (n == 0) return FALSE
  for (let i: u32 = 0; i < n - 1; i++) if (truthy(load<i64>(p + (i << 3)))) return load<i64>(p + (i << 3))
  return load<i64>(p + ((n - 1) << 3))
}

// Arguments of the next call, laid out in memory; read before anything calls back.
const slots: usize = memory.data(32, 8)

function two(a: i64, b: i64): usize {
  store<i64>(slots, a)
  store<i64>(slots, b, 8)
  return slots
}

export function str1(a: i64): i64 {
  return str(two(a, 0), 1)
}

export function str2(a: i64, b: i64): i64 {
  return str(two(a, b), 2)
}

export function str3(a: i64, b: i64, c: i64): i64 {
  store<i64>(slots, c, 16)
  return str(two(a, b), 3)
}

export function str4(a: i64, b: i64, c: i64, d: i64): i64 {
  store<i64>(slots, c, 16)
  store<i64>(slots, d, 24)
  return str(two(a, b), 4)
}

export function concat1(a: i64): i64 {
  return concat(two(a, 0), 1)
}

export function concat2(a: i64, b: i64): i64 {
  return concat(two(a, b), 2)
}

export function dissoc2(a: i64, b: i64): i64 {
  return dissoc(two(a, b), 2)
}

export function merge1(a: i64): i64 {
  return merge(two(a, 0), 1)
}

export function merge2(a: i64, b: i64): i64 {
  return merge(two(a, b), 2)
}

export function apply2(f: i64, last: i64, depth: i32): i64 {
  return apply(two(f, last), 2, depth)
}

export function stringLength(a: i64): i64 {
  needString("string-length", a)
  return int(scalars(a))
}

export function stringUpper(a: i64): i64 {
  needString("string-upper", a)
  return upper(a)
}

export function stringLower(a: i64): i64 {
  needString("string-lower", a)
  return lower(a)
}

export function stringTrim(a: i64): i64 {
  needString("string-trim", a)
  return trim(a)
}

export function stringContains(a: i64, b: i64): i64 {
  return contains(a, b)
}

export function exception(message: i64): i64 {
  if (hasTag(message, T_STRING)) return makeError(E_RUNTIME, message)
  begin()
  putRaw(message)
  return makeError(E_RUNTIME, finish())
}

export function getMessage(e: i64): i64 {
  if (!hasTag(e, T_ERROR)) typeError("getMessage", "error", e)
  return load<i64>(ptr(e), 8)
}

export function readFile(): i64 {
  runtimeError("read-file is not available")
  return NIL
}
