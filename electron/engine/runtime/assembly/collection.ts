// Built-ins on maps.
import { charge, newOwner } from "./memory"
import { ABSENT, aux, hasTag, isInt, NIL, ptr, T_KEYWORD, T_MAP, T_STRING, T_VECTOR, unboxInt } from "./value"
import { arityParity, outOfBounds, typeError } from "./error"
import { args, at, fromArgs, push, replace, vectorNew } from "./vector"
import { disown, entries, fromPairs, isKey, lookup, put, remove } from "./map"
import { needInt, needVector } from "./sequence"

export function needMap(op: string, v: i64): void {
  if (!hasTag(v, T_MAP)) typeError(op, "map", v)
}

function needKey(op: string, k: i64): void {
  if (!isKey(k)) typeError(op, "integer, string or keyword", k)
}

export function hashMap(p: usize, n: u32): i64 {
  if (n & 1) arityParity("hash-map", "an even", n)
  return fromPairs("hash-map", p, n >> 1)
}

/** One step of `assoc`; nodes of `owner` (if not 0) are changed in place. */
export function assocStep(op: string, c: i64, k: i64, v: i64, owner: u32): i64 {
  if (hasTag(c, T_MAP)) {
    needKey(op, k)
    return put(c, k, v, owner)
  }
  if (!hasTag(c, T_VECTOR)) typeError(op, "map or vector", c)
  needInt(op, k)
  let i = unboxInt(k)
  if (i < 0 || i >= <i64>aux(c)) outOfBounds(i, aux(c))
  return replace(c, <u32>i, v, owner)
}

export function assoc(c: i64, k: i64, v: i64): i64 {
  return assocStep("assoc", c, k, v, 0)
}

export function assocAll(p: usize, n: u32): i64 {
  if (!(n & 1)) arityParity("assoc", "an odd", n)
  let c = load<i64>(p)
  let owner = n > 3 ? newOwner() : 0
  for (let i: u32 = 1; i < n; i += 2) c = assocStep("assoc", c, load<i64>(p + (i << 3)), load<i64>(p + (i << 3), 8), owner)
  return hasTag(c, T_MAP) ? disown(c) : c
}

export function dissoc(p: usize, n: u32): i64 {
  let m = load<i64>(p)
  needMap("dissoc", m)
  for (let i: u32 = 1; i < n; i++) m = remove(m, load<i64>(p + (i << 3)))
  return m
}

export function merge(p: usize, n: u32): i64 {
  let m = load<i64>(p)
  needMap("merge", m)
  let owner = newOwner()
  for (let i: u32 = 1; i < n; i++) {
    let other = load<i64>(p + (i << 3))
    needMap("merge", other)
    if (aux(m) == 0) {
      m = other
      continue
    }
    let q = entries(other)
    for (let end = q + (aux(other) << 4); q < end; q += 16) m = put(m, load<i64>(q), load<i64>(q, 8), owner)
  }
  return disownIf(m, owner)
}

/** Ends in-place changes if the header is one that `owner` made. */
function disownIf(m: i64, owner: u32): i64 {
  let o = ptr(m)
  if (load<u32>(o, 12) && load<u32>(o, 16) == owner) disown(m)
  return m
}

export function getIn(v: i64, path: i64, fallback: i64): i64 {
  needVector("get-in", path)
  let n = aux(path)
  for (let i: u32 = 0; i < n; i++) {
    charge(1)
    let k = at(path, i)
    if (hasTag(v, T_MAP)) {
      if (!hasTag(k, T_KEYWORD) && !hasTag(k, T_STRING)) return fallback
      v = lookup(v, k)
      if (v == ABSENT) return fallback
    } else if (hasTag(v, T_VECTOR)) {
      if (!isInt(k)) return fallback
      let j = unboxInt(k)
      if (j < 0 || j >= <i64>aux(v)) return fallback
      v = at(v, <u32>j)
    } else return fallback
  }
  return v
}

/** Keys (offset 0) or values (offset 8) in map order. */
function column(m: i64, offset: usize): i64 {
  let n = aux(m)
  charge(n)
  let p = entries(m) + offset
  if (n <= 32) {
    let to = args(n)
    for (let i: u32 = 0; i < n; i++) store<i64>(to + (i << 3), load<i64>(p + (i << 4)))
    return fromArgs(T_VECTOR, to, n, 0)
  }
  let out = vectorNew()
  for (let i: u32 = 0; i < n; i++) push(out, load<i64>(p + (i << 4)))
  return out
}

export function keys(m: i64): i64 {
  needMap("keys", m)
  return column(m, 0)
}

export function vals(m: i64): i64 {
  needMap("vals", m)
  return column(m, 8)
}

export function find(m: i64, k: i64): i64 {
  needMap("find", m)
  needKey("find", k)
  let v = lookup(m, k)
  if (v == ABSENT) return NIL
  let p = args(2)
  store<i64>(p, k)
  store<i64>(p, v, 8)
  return fromArgs(T_VECTOR, p, 2, 0)
}

/** What `(:k m)` does. */
export function keywordGet(k: i64, m: i64, fallback: i64): i64 {
  if (hasTag(m, T_MAP)) {
    let v = lookup(m, k)
    return v == ABSENT ? fallback : v
  }
  if (m != NIL) typeError("keyword lookup", "map", m)
  return fallback
}

/** `m` without n keys at `p`. */
export function without(m: i64, p: usize, n: u32): i64 {
  for (let i: u32 = 0; i < n; i++) m = remove(m, load<i64>(p + (i << 3)))
  return m
}
