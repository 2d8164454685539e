// Calls of values: functions through their descriptors, keywords as lookups, built-ins as function objects; and the built-ins that call back.
// `depth` is the number of closure calls that may still begin; built-ins hand it on unchanged.
import { alloc, charge, newOwner } from "./memory"
import {
  ABSENT, aux, FALSE, hasTag, isInt, isSequence, NIL, ptr, tag, truthy, TRUE, T_BOOL, T_FLOAT, T_FUNCTION, T_KEYWORD, T_LIST, T_MAP,
  T_NIL, T_STRING, T_VECTOR, int, unboxInt
} from "./value"
import { arityError, arityOf, outOfBounds, runtimeError, typeError } from "./error"
import { args, at, copyOut, fromValues, isRange, leafRest, push, rangeStart, sequenceNew, slotOf, vectorNew } from "./vector"
import { disown, entries, isKey, lookup, mapNew, put } from "./map"
import { begin, finish } from "./output"
import { display, putRaw } from "./print"
import { characters } from "./text"
import { elements, joinTexts, needSequence } from "./sequence"
import { assocStep, keywordGet } from "./collection"
import { builtin0, builtin1, builtin2, builtin3, builtin4, builtinMany, minArity } from "./builtins"

export function notCallable(f: i64): void {
  typeError("call", "function", f)
}

// @ts-ignore: decorator
@inline
function entry(f: i64, offset: u32): u32 {
  return load<u32>(load<u32>(ptr(f), 8) + offset)
}

/** A call that found no function: a keyword, or nothing that can be called. */
function other(f: i64, argc: u32, a: i64, b: i64): i64 {
  if (!hasTag(f, T_KEYWORD)) notCallable(f)
  if (argc < 1 || argc > 2) arityOf(display(f), 1, 2, argc)
  return keywordGet(f, a, argc == 2 ? b : NIL)
}

export function invoke0(f: i64, depth: i32): i64 {
  if (hasTag(f, T_FUNCTION)) return call_indirect<i64>(entry(f, 16), f, depth)
  return other(f, 0, 0, 0)
}

export function invoke1(f: i64, a: i64, depth: i32): i64 {
  if (hasTag(f, T_FUNCTION)) return call_indirect<i64>(entry(f, 20), f, a, depth)
  return other(f, 1, a, 0)
}

export function invoke2(f: i64, a: i64, b: i64, depth: i32): i64 {
  if (hasTag(f, T_FUNCTION)) return call_indirect<i64>(entry(f, 24), f, a, b, depth)
  return other(f, 2, a, b)
}

export function invoke3(f: i64, a: i64, b: i64, c: i64, depth: i32): i64 {
  if (hasTag(f, T_FUNCTION)) return call_indirect<i64>(entry(f, 28), f, a, b, c, depth)
  return other(f, 3, a, b)
}

export function invoke4(f: i64, a: i64, b: i64, c: i64, d: i64, depth: i32): i64 {
  if (hasTag(f, T_FUNCTION)) return call_indirect<i64>(entry(f, 32), f, a, b, c, d, depth)
  return other(f, 4, a, b)
}

/** `p` comes from `args` and is given away. */
export function invokeN(f: i64, argc: u32, p: usize, depth: i32): i64 {
  switch (argc) {
    case 0: return invoke0(f, depth)
    case 1: return invoke1(f, load<i64>(p), depth)
    case 2: return invoke2(f, load<i64>(p), load<i64>(p, 8), depth)
    case 3: return invoke3(f, load<i64>(p), load<i64>(p, 8), load<i64>(p, 16), depth)
    case 4: return invoke4(f, load<i64>(p), load<i64>(p, 8), load<i64>(p, 16), load<i64>(p, 24), depth)
  }
  if (hasTag(f, T_FUNCTION)) return call_indirect<i64>(entry(f, 36), f, argc, p, depth)
  return other(f, argc, 0, 0)
}

/** Calls `f` with the elements of a vector or list. */
export function applyVector(f: i64, v: i64, depth: i32): i64 {
  let n = aux(v)
  charge(n)
  let p = args(n)
  copyOut(v, 0, n, p)
  return invokeN(f, n, p, depth)
}

// Stubs for the slots of a descriptor that do not fit its arity.
function stub0(f: i64, depth: i32): i64 {
  arityError(f, 0)
  return 0
}
function stub1(f: i64, a: i64, depth: i32): i64 {
  arityError(f, 1)
  return 0
}
function stub2(f: i64, a: i64, b: i64, depth: i32): i64 {
  arityError(f, 2)
  return 0
}
function stub3(f: i64, a: i64, b: i64, c: i64, depth: i32): i64 {
  arityError(f, 3)
  return 0
}
function stub4(f: i64, a: i64, b: i64, c: i64, d: i64, depth: i32): i64 {
  arityError(f, 4)
  return 0
}
function stubN(f: i64, argc: i32, p: usize, depth: i32): i64 {
  arityError(f, argc)
  return 0
}

/** Table index of the stub for `k` arguments (5: the general one); a constant of the build, listed in the manifest. */
export function arityStub(k: i32): u32 {
  switch (k) {
    case 0: return stub0.index
    case 1: return stub1.index
    case 2: return stub2.index
    case 3: return stub3.index
    case 4: return stub4.index
    default: return stubN.index
  }
}

// Entries shared by all built-ins: the function object says which one.
// @ts-ignore: decorator
@inline
function which(f: i64): u32 {
  return aux(f) & 0x7fffffff
}

function entry0(f: i64, depth: i32): i64 {
  return builtin0(which(f), depth)
}
function entry1(f: i64, a: i64, depth: i32): i64 {
  return builtin1(which(f), a, depth)
}
function entry2(f: i64, a: i64, b: i64, depth: i32): i64 {
  return builtin2(which(f), a, b, depth)
}
function entry3(f: i64, a: i64, b: i64, c: i64, depth: i32): i64 {
  return builtin3(which(f), a, b, c, depth)
}
function entry4(f: i64, a: i64, b: i64, c: i64, d: i64, depth: i32): i64 {
  return builtin4(which(f), a, b, c, d, depth)
}
function entryN(f: i64, argc: u32, p: usize, depth: i32): i64 {
  return callBuiltin(which(f), argc, p, depth)
}

const objects: usize = memory.data(1024, 8)

/** Function object of a built-in; one per instance. */
export function builtin(index: u32): i64 {
  let known = load<i64>(objects + (index << 3))
  if (known) return known
  let d = alloc(40)
  store<u64>(d, 0)
  store<u32>(d, minArity(index), 8)
  store<u32>(d, 2, 12)
  store<u32>(d, entry0.index, 16)
  store<u32>(d, entry1.index, 20)
  store<u32>(d, entry2.index, 24)
  store<u32>(d, entry3.index, 28)
  store<u32>(d, entry4.index, 32)
  store<u32>(d, entryN.index, 36)
  let f = closure(d, 0)
  store<u32>(f, 0x80000000 | index, 4)
  store<i64>(objects + (index << 3), <i64>f)
  return <i64>f
}

/** A function object with room for captures, which the caller stores. */
export function closure(descriptor: usize, captures: u32): usize {
  let f = alloc(16 + (captures << 3))
  store<u32>(f, T_FUNCTION)
  store<u32>(f, captures, 4)
  store<u32>(f, descriptor, 8)
  store<u32>(f, 0, 12)
  return f
}

export function callBuiltin(index: u32, argc: u32, p: usize, depth: i32): i64 {
  return builtinMany(index, argc, p, depth)
}

// Built-ins that call back.

// They walk leaf by leaf. A range is walked by its numbers: a callback may give it its elements meanwhile, which changes its header.

export function map(f: i64, c: i64, depth: i32): i64 {
  let v = elements("map", c)
  let n = aux(v)
  let out = vectorNew()
  let lazy = isRange(v)
  let start = lazy ? rangeStart(v) : 0
  for (let i: u32 = 0; i < n; ) {
    let end = lazy ? n : min(n, i + leafRest(v, i))
    for (let q = lazy ? 0 : slotOf(v, i); i < end; i++, q += 8) {
      charge(1)
      push(out, invoke1(f, lazy ? int(start + i) : load<i64>(q), depth))
    }
  }
  return out
}

export function mapIndexed(f: i64, c: i64, depth: i32): i64 {
  let v = elements("map-indexed", c)
  let n = aux(v)
  let out = sequenceNew(load<u32>(ptr(v)))
  for (let i: u32 = 0; i < n; i++) {
    charge(1)
    push(out, invoke2(f, int(i), at(v, i), depth))
  }
  return out
}

/** The elements for which `f` is truthy (`wanted`) or not. */
function sift(f: i64, v: i64, wanted: bool, depth: i32): i64 {
  let n = aux(v)
  let out = vectorNew()
  let lazy = isRange(v)
  let start = lazy ? rangeStart(v) : 0
  for (let i: u32 = 0; i < n; ) {
    let end = lazy ? n : min(n, i + leafRest(v, i))
    for (let q = lazy ? 0 : slotOf(v, i); i < end; i++, q += 8) {
      charge(1)
      let x = lazy ? int(start + i) : load<i64>(q)
      if (truthy(invoke1(f, x, depth)) == wanted) push(out, x)
    }
  }
  return out
}

export function filter(f: i64, v: i64, depth: i32): i64 {
  needSequence("filter", v)
  return sift(f, v, true, depth)
}

export function removeIf(f: i64, c: i64, depth: i32): i64 {
  let kept = sift(f, elements("remove", c), false, depth)
  return hasTag(c, T_STRING) ? joinTexts(kept) : kept
}

/** `start` is ABSENT without an initial value. */
export function reduce(f: i64, start: i64, c: i64, depth: i32): i64 {
  if (!isSequence(c) && !hasTag(c, T_STRING)) runtimeError("reduce expects a vector, list or string")
  let v = isSequence(c) ? c : characters(c)
  let n = aux(v)
  let i: u32 = 0
  if (start == ABSENT) {
    if (n == 0) runtimeError("reduce of an empty collection needs an initial value")
    start = at(v, 0)
    i = 1
  }
  let lazy = isRange(v)
  let from = lazy ? rangeStart(v) : 0
  while (i < n) {
    let end = lazy ? n : min(n, i + leafRest(v, i))
    for (let q = lazy ? 0 : slotOf(v, i); i < end; i++, q += 8) {
      charge(1)
      start = invoke2(f, start, lazy ? int(from + i) : load<i64>(q), depth)
    }
  }
  return start
}

/** f x… last: n values at `p`, f first. */
export function apply(p: usize, n: u32, depth: i32): i64 {
  let f = load<i64>(p)
  let last = load<i64>(p + ((n - 1) << 3))
  let given = n - 2
  let tail: i64
  switch (tag(last)) {
    case T_VECTOR:
    case T_LIST:
      tail = last
      break
    case T_STRING:
      tail = characters(last)
      break
    case T_NIL:
      tail = vectorNew()
      break
    case T_MAP:
      tail = fromValues(T_VECTOR, entries(last), aux(last) << 1)
      break
    default:
      typeError("apply", "collection, string or nil", last)
      tail = NIL
  }
  let more = aux(tail)
  charge(given + more)
  let q = args(given + more)
  memory.copy(q, p + 8, given << 3)
  copyOut(tail, 0, more, q + (given << 3))
  return invokeN(f, given + more, q, depth)
}

/** c k f x…: n values at `p`. */
export function update(p: usize, n: u32, depth: i32): i64 {
  let c = load<i64>(p)
  let k = load<i64>(p, 8)
  let f = load<i64>(p, 16)
  let old = NIL
  if (hasTag(c, T_MAP)) {
    if (!isKey(k)) typeError("update", "integer, string or keyword", k)
    old = lookup(c, k)
    if (old == ABSENT) old = NIL
  } else {
    if (!hasTag(c, T_VECTOR)) typeError("update", "map or vector", c)
    if (!isInt(k)) typeError("update", "integer", k)
    let i = unboxInt(k)
    if (i < 0 || i >= <i64>aux(c)) outOfBounds(i, aux(c))
    old = at(c, <u32>i)
  }
  let fresh: i64
  if (n == 3) fresh = invoke1(f, old, depth)
  else {
    let q = args(n - 2)
    store<i64>(q, old)
    memory.copy(q + 8, p + 24, (n - 3) << 3)
    fresh = invokeN(f, n - 2, q, depth)
  }
  return assocStep("update", c, k, fresh, 0)
}

export function update3(c: i64, k: i64, f: i64, depth: i32): i64 {
  let p = args(3)
  store<i64>(p, c)
  store<i64>(p, k, 8)
  store<i64>(p, f, 16)
  return update(p, 3, depth)
}

export function groupBy(f: i64, c: i64, depth: i32): i64 {
  if (c == NIL) return mapNew()
  if (!isSequence(c)) typeError("group-by", "vector, list or nil", c)
  let n = aux(c)
  let m = mapNew()
  let owner = newOwner()
  for (let i: u32 = 0; i < n; i++) {
    charge(1)
    let x = at(c, i)
    let k = invoke1(f, x, depth)
    if (!isKey(k)) {
      let t = tag(k)
      if (t != T_NIL && t != T_BOOL && t != T_FLOAT) typeError("group-by", "integer, string, keyword, boolean, float or nil as key", k)
      begin()
      putRaw(k)
      k = finish()
    }
    let group = lookup(m, k)
    if (group == ABSENT) {
      group = vectorNew()
      m = put(m, k, group, owner)
    }
    // The groups are ours until the map is given away.
    push(group, x)
  }
  return disown(m)
}

export function every(f: i64, c: i64, depth: i32): i64 {
  let v = elements("every?", c)
  let n = aux(v)
  for (let i: u32 = 0; i < n; i++) {
    charge(1)
    if (!truthy(invoke1(f, at(v, i), depth))) return FALSE
  }
  return TRUE
}

export function some(f: i64, c: i64, depth: i32): i64 {
  let v = elements("some?", c)
  let n = aux(v)
  for (let i: u32 = 0; i < n; i++) {
    charge(1)
    if (truthy(invoke1(f, at(v, i), depth))) return TRUE
  }
  return FALSE
}
