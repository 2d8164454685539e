// Values: one i64 each. Tags, tests, and the canonical forms of integers and floats.
import { alloc } from "./memory"

// @ts-ignore: decorator
@inline export const NIL: i64 = 0
// @ts-ignore: decorator
@inline export const FALSE: i64 = 2
// @ts-ignore: decorator
@inline export const TRUE: i64 = 4
/** Answer of lookups that found nothing; never a language value. */
// @ts-ignore: decorator
@inline export const ABSENT: i64 = 6

// @ts-ignore: decorator
@inline export const T_NIL: u32 = 0
// @ts-ignore: decorator
@inline export const T_INT: u32 = 1
// @ts-ignore: decorator
@inline export const T_FLOAT: u32 = 2
// @ts-ignore: decorator
@inline export const T_STRING: u32 = 3
// @ts-ignore: decorator
@inline export const T_KEYWORD: u32 = 4
// @ts-ignore: decorator
@inline export const T_VECTOR: u32 = 5
// @ts-ignore: decorator
@inline export const T_LIST: u32 = 6
// @ts-ignore: decorator
@inline export const T_MAP: u32 = 7
// @ts-ignore: decorator
@inline export const T_FUNCTION: u32 = 8
// @ts-ignore: decorator
@inline export const T_ERROR: u32 = 9
// @ts-ignore: decorator
@inline export const T_BOOL: u32 = 10

// @ts-ignore: decorator
@inline
export function ptr(v: i64): usize {
  return <usize>v
}

// @ts-ignore: decorator
@inline
export function isSmall(v: i64): bool {
  return (<i32>v & 1) != 0
}

// @ts-ignore: decorator
@inline
export function truthy(v: i64): bool {
  return (v & ~2) != 0
}

// @ts-ignore: decorator
@inline
export function toBool(b: bool): i64 {
  return b ? TRUE : FALSE
}

/** Kind of a value: T_NIL … T_BOOL. */
export function tag(v: i64): u32 {
  if (<i32>v & 1) return T_INT
  if (<u64>v > 7) return load<u32>(<usize>v)
  return v == NIL ? T_NIL : T_BOOL
}

// @ts-ignore: decorator
@inline
export function hasTag(v: i64, t: u32): bool {
  return (<i32>v & 1) == 0 && <u64>v > 7 && load<u32>(<usize>v) == t
}

export function isInt(v: i64): bool {
  return (<i32>v & 1) != 0 || hasTag(v, T_INT)
}

export function isFloat(v: i64): bool {
  return hasTag(v, T_FLOAT)
}

export function isNumber(v: i64): bool {
  if (<i32>v & 1) return true
  return <u64>v > 7 && load<u32>(<usize>v) <= T_FLOAT
}

// @ts-ignore: decorator
@inline
export function isSequence(v: i64): bool {
  return hasTag(v, T_VECTOR) || hasTag(v, T_LIST)
}

/** Small where it fits, else a box. */
export function int(n: i64): i64 {
  let small = (n << 1) | 1
  if (small >> 1 == n) return small
  let p = alloc(16)
  store<u64>(p, T_INT)
  store<i64>(p, n, 8)
  return <i64>p
}

/** `v` must be an integer. */
export function unboxInt(v: i64): i64 {
  if (<i32>v & 1) return v >> 1
  return load<i64>(<usize>v, 8)
}

export function float(x: f64): i64 {
  let p = alloc(16)
  store<u64>(p, T_FLOAT)
  if (x != x) store<u64>(p, 0x7ff8000000000000, 8)
  else store<f64>(p, x, 8)
  return <i64>p
}

// @ts-ignore: decorator
@inline
export function unboxFloat(v: i64): f64 {
  return load<f64>(<usize>v, 8)
}

/** `v` must be a number. */
export function toFloat(v: i64): f64 {
  if (<i32>v & 1) return <f64>(v >> 1)
  if (load<u32>(<usize>v) == T_FLOAT) return load<f64>(<usize>v, 8)
  return <f64>load<i64>(<usize>v, 8)
}

/** Elements of a vector or list, entries of a map, bytes of a string. */
// @ts-ignore: decorator
@inline
export function aux(v: i64): u32 {
  return load<u32>(<usize>v, 4)
}

/** Saturating conversion; NaN gives 0. */
export function truncate(x: f64): i64 {
  if (x != x) return 0
  if (x >= 9223372036854775807.0) return i64.MAX_VALUE
  if (x <= -9223372036854775808.0) return i64.MIN_VALUE
  return <i64>x
}
