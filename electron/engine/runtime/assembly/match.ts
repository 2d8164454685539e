// What emitted code asks for destructuring, match, iteration and raw comparisons.
import { aux, hasTag, isInt, isSequence, NIL, ptr, T_MAP, T_VECTOR, unboxInt } from "./value"
import { E_TYPE, fail, typeError, overflow as overflowText } from "./error"
import { begin, finish, put, putInt } from "./output"
import { copyHeader, dropFirst, vectorNew } from "./vector"
import { lookup } from "./map"
import { builtinName } from "./builtins"

export function matchVector(v: i64, n: u32, rest: bool): bool {
  if (!hasTag(v, T_VECTOR)) return false
  return rest ? aux(v) >= n : aux(v) == n
}

export function matchMap(v: i64, n: u32, rest: bool): bool {
  if (!hasTag(v, T_MAP)) return false
  return rest ? aux(v) >= n : aux(v) == n
}

export function destructureVector(v: i64, n: u32, rest: bool): void {
  if (!hasTag(v, T_VECTOR)) typeError("destructuring", "vector", v)
  if (matchVector(v, n, rest)) return
  begin()
  put("Type error in destructuring: expected vector of ")
  if (rest) put("at least ")
  putInt(n)
  put(" elements, got ")
  putInt(aux(v))
  fail(E_TYPE, finish())
}

export function destructureMap(v: i64): void {
  if (!hasTag(v, T_MAP)) typeError("destructuring", "map", v)
}

/** Vector of the elements from `from` on, of a vector or a list. */
export function restVector(v: i64, from: u32): i64 {
  if (from >= aux(v)) return vectorNew()
  let shared = dropFirst(v, from)
  if (hasTag(shared, T_VECTOR)) return shared
  shared = copyHeader(shared)
  store<u32>(ptr(shared), T_VECTOR)
  return shared
}

export function lookupNil(m: i64, k: i64): i64 {
  let v = lookup(m, k)
  return v == 6 ? NIL : v
}

export function forSource(v: i64): u32 {
  if (!isSequence(v)) typeError("for", "vector or list", v)
  return aux(v)
}

export function dotimesCount(v: i64): i64 {
  if (!isInt(v)) typeError("dotimes", "integer", v)
  return unboxInt(v)
}

export function expectMap(v: i64): void {
  if (!hasTag(v, T_MAP)) typeError("defstruct", "map", v)
}

export function overflow(index: u32): void {
  overflowText(builtinName(index))
}
